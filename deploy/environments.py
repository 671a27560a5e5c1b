"""Lays an environment out on the server: sends the wheels that are missing there, and lets uv install them. Knows no facts."""

import hashlib
from pathlib import Path

from deploy.remote import Session
from deploy.wheelhouse import Wheelhouse

WHEELS = "/opt/longwave/wheels"
ENVIRONMENTS = "/opt/longwave/environments"
WHOLE = "whole"  # a file in an environment that was laid to its end
# Loaded once as root: Python keeps them compiled, which the service's user could not, and starts in a third of the time.
WARM = ("api.program", "api.app", "api.sandbox.app", "generator.cli", "generator.build", "deploy.server.activation")


def is_there(server: Session, name: str) -> bool:
    return not server.ask("missing", paths=[f"{ENVIRONMENTS}/{name}/{WHOLE}"])


def send(server: Session, wheelhouse: Wheelhouse) -> int:
    """Sends what the server lacks; gives the number of bytes."""
    places = {_place(wheel): wheel for wheel in (wheelhouse.uv, *wheelhouse.wheels)}
    missing = server.ask("missing", paths=list(places))
    for place in missing:
        server.send(places[place], place)
    return sum(places[place].stat().st_size for place in missing)


def lay(server: Session, wheelhouse: Wheelhouse) -> None:
    """Raises DeployError when a wheel lacks another one, or cannot be loaded."""
    folder = f"{ENVIRONMENTS}/{wheelhouse.environment}"
    python = f"{folder}/bin/python"
    uv = [_unpacked_uv(server, wheelhouse.uv), "--offline", "--quiet", "--no-progress"]
    server.run(["rm", "-rf", folder])
    server.run([*uv, "venv", "--no-project", "--python", "/usr/bin/python3", folder])
    install = [*uv, "--cache-dir", f"{WHEELS}/cache", "pip", "install", "--no-index", "--no-deps", "--python", python]
    *locked, own = (_place(wheel) for wheel in wheelhouse.wheels)
    server.run([*install, *locked])
    server.run([*install, "--no-cache", own])
    server.run([*uv, "pip", "check", "--python", python])
    server.run([python, "-c", f"import {', '.join(WARM)}"])
    server.run(
        ["find", folder, f"{WHEELS}/cache", "-type", "f", "-perm", "-o+w", "-exec", "chmod", "o-w", "{}", "+"]
    )  # uv's locks
    server.run(["touch", f"{folder}/{WHOLE}"])


def forget_others(server: Session, wheelhouse: Wheelhouse) -> None:
    """Removes the wheels that this environment has no use for; older environments have what they need."""
    kept = {_folder(wheel) for wheel in (wheelhouse.uv, *wheelhouse.wheels)} | {"cache"}
    found = server.run(["ls", WHEELS]).split()
    for name in sorted(set(found) - kept):
        server.run(["rm", "-rf", f"{WHEELS}/{name}"])


def _unpacked_uv(server: Session, wheel: Path) -> str:
    folder = f"{WHEELS}/{_folder(wheel)}"
    binary = f"{folder}/{'-'.join(wheel.name.split('-')[:2])}.data/scripts/uv"
    if server.ask("missing", paths=[binary]):
        server.run(["python3", "-m", "zipfile", "-e", _place(wheel), folder])
    server.run(["chmod", "0755", binary])
    return binary


def _place(wheel: Path) -> str:
    return f"{WHEELS}/{_folder(wheel)}/{wheel.name}"


def _folder(wheel: Path) -> str:
    """By content: the same name may stand for another wheel, as ours does."""
    return hashlib.sha256(wheel.read_bytes()).hexdigest()[:16]
