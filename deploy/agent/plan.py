"""Compares the machine with resources (deploy/machine/resources.py), says the plan, applies what differs. Standard library only."""

import json
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from deploy.agent import accounts, files, former, packages, units
from deploy.agent.commands import Resource, run
from deploy.agent.files import write

OWED = Path("/var/lib/longwave-deploy/owed.json")
UNITS = "/etc/systemd/system/"
RELOAD = "systemctl daemon-reload"
LOOK: dict[str, Callable[[Resource], Iterator[str]]] = {
    "package": packages.look,
    "user": accounts.look,
    "folder": files.look_folder,
    "file": files.look_file,
    "generated": files.look_generated,
    "link": files.look_link,
    "absent": files.look_absent,
    "unit": units.look,
    "command": units.look_command,
}
MAKE: dict[str, Callable[[Resource], None]] = {
    "package": packages.make,
    "user": accounts.make,
    "folder": files.make_folder,
    "file": files.make_file,
    "generated": files.make_generated,
    "link": files.make_link,
    "absent": files.make_absent,
    "unit": units.make,
    "command": units.make_command,
}


def plan(resources: list[Resource]) -> list[str]:
    """Every difference as a line, with the lines of files that would change indented below it."""
    lines = [f"install {', '.join(names)}"] if (names := packages.missing(resources)) else []
    lines += [line for resource in _ordered(resources) for line in _differences(resource)]
    return [*lines, *(f"run {command}" for command in _owed())]


def apply(resources: list[Resource], *, say: Callable[[str, float], None]) -> list[str]:
    """Makes the machine so; says each step with its seconds, and gives the steps.

    What has to run after a change is written down before the change: a deploy that breaks off leaves it to the next one.
    """
    steps = []
    if names := packages.missing(resources):
        steps.append(f"install {', '.join(names)}")
        _timed(steps[-1], say, partial(packages.install, names))
    for resource in _ordered(resources):
        if differences := _differences(resource):
            steps.append(differences[0])
            _owe(_afterwards(resource))
            _timed(differences[0], say, partial(_make, resource))
    for command in _owed():
        steps.append(f"run {command}")
        _timed(steps[-1], say, partial(run, ["sh", "-c", command]))
    OWED.unlink(missing_ok=True)
    return steps


def _make(resource: Resource) -> None:
    if resource["kind"] == "unit" and RELOAD in _owed():
        run(["systemctl", "daemon-reload"])
    if resource.get("secret"):
        former.note(Path(resource["path"]))
    MAKE[resource["kind"]](resource)


def _ordered(resources: list[Resource]) -> list[Resource]:
    return [each for each in resources if each["kind"] != "package" or each.get("absent")]


def _differences(resource: Resource) -> list[str]:
    return list(LOOK[resource["kind"]](resource))


def _timed(step: str, say: Callable[[str, float], None], work: Callable[[], object]) -> None:
    start = time.monotonic()
    work()
    say(step, time.monotonic() - start)


def _afterwards(resource: Resource) -> list[str]:
    reload = [RELOAD] if str(resource.get("path", "")).startswith(UNITS) else []
    return [*reload, *resource.get("then", [])]


def _owed() -> list[str]:
    return json.loads(OWED.read_text()) if OWED.exists() else []


def _owe(commands: list[str]) -> None:
    owed = _owed()
    new = [command for command in commands if command not in owed]
    if new:
        OWED.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write(OWED, json.dumps(sorted([*owed, *new], key=RELOAD.__ne__)).encode(), mode=0o600)
