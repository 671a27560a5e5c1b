"""Publishes what is asked for, as root: has it built by somebody who may do nothing else, judges what came out, has it switched to.

It runs no editor's code and reads no tar: both happen in the builder's sandbox. What is wrong leaves the site as it was.
"""

import json
import os
import pwd
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path
from typing import IO, Any

import msgspec
from msgspec import Struct

from deploy.errors import DeployError
from deploy.server import content_places as places
from deploy.server import finished, locks, media_links, releases, sandbox, schedule, site_settings, states, telling
from deploy.server.site_settings import SiteSettings
from deploy.server.wire import Request

SITES_KEPT = 12
WAIT_SECONDS = 120
SWITCH_SECONDS_MAX = 120
Say = Callable[[str], None]


class Built(Struct, frozen=True):
    """What `longwave prepare --json` says: when it is to be built again, and what media it links to beside its own."""

    due: datetime | None = None
    media: tuple[str, ...] = ()


class Published(Struct, frozen=True):
    """`site` is the release of the web root; `changed` says whether it is another than before."""

    site: str
    due: datetime | None
    changed: bool
    seconds: float


class NotPublished(DeployError):
    """The lines say why, for an editor."""


def publish(
    request: Request,
    stream: IO[bytes],
    *,
    say: Say,
    environment: Path | None = None,
    configuration: Path = places.CURRENT_CONFIGURATION,
) -> Published:
    """Builds, judges and switches. With an `environment` it is built there, and whoever asked switches to it himself.

    Raises NotPublished with all that is wrong.
    """
    begun = time.monotonic()
    settings = site_settings.read(configuration)
    with _alone(say):
        before = current_site()
        built = _build(
            request, stream, say=say, environment=environment or places.CURRENT_ENVIRONMENT, settings=settings
        )
        output = places.ARTEFACT if request.kind == "artefact" else places.OUTPUT
        _judge(output, built, settings=settings)
        site = _release(output, environment or places.CURRENT_ENVIRONMENT)
        changed = site != before
        if environment is None and changed:
            _switch(site, request)
        _accept(request, built)
        if environment is None and changed:
            telling.feeds_changed(before, site)
    return Published(site, built.due if request.kind != "artefact" else None, changed, time.monotonic() - begun)


@contextmanager
def _alone(say: Say) -> Iterator[None]:
    """One publish at a time; the second is told, and waits."""
    with (places.ACCEPTED / "lock").open("a") as file:
        told, end = False, time.monotonic() + WAIT_SECONDS
        while not _locked(file):
            if not told:
                say("another publish is under way; waiting for its end")
                told = True
            if time.monotonic() > end:
                raise NotPublished(f"another publish has not ended for {WAIT_SECONDS} seconds. Try again later.")
            time.sleep(0.2)
        yield


def _locked(file: IO[str]) -> bool:
    try:
        flock(file, LOCK_EX | LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _build(request: Request, stream: IO[bytes], *, say: Say, environment: Path, settings: SiteSettings) -> Built:
    kind = "artefact" if request.kind == "artefact" else "source"
    words = [*program(environment), "server", "build", kind, *(["--url", settings.url] if settings.url else [])]
    bounds = [f"MemoryMax={settings.build_memory_mb}M", f"RuntimeMaxSec={settings.build_seconds}"]
    ended = sandbox.run(words, stream, bounds=bounds, say=say)
    if ended.failed:
        raise NotPublished(ended.failed)
    try:
        return msgspec.json.decode(ended.made, type=Built)
    except msgspec.DecodeError:
        raise NotPublished("the build ended without saying what it made. Nothing was published.") from None


def _judge(output: Path, built: Built, *, settings: SiteSettings) -> None:
    found = finished.problems(output, owner=pwd.getpwnam(places.BUILD_USER).pw_uid)
    found += media_links.place(built.media) if settings.has_media and not found else []
    if found:
        raise NotPublished("\n".join(found))


def _release(output: Path, environment: Path) -> str:
    """Copies, root's own: the builder cannot change any more what was judged."""
    words = ["release", "--json", "--output", str(output), "--to", str(places.WWW), "--keep", str(SITES_KEPT)]
    words += [word for kept in releases.kept() for word in ("--spare", kept.parts.site)]
    made = _run([*program(environment), *words])
    site: str = json.loads(made)["id"]
    return site


def _switch(site: str, request: Request) -> None:
    """In a unit of its own: this one may write no unit and no firewall, and a switch checks all of them."""
    what = {"source": "push", "artefact": "artefact", "again": "scheduled"}[request.kind]
    words = ["server", "activate", "--site", site, "--by", request.who, "--why", f"{what} {request.what}"]
    unit = ["systemd-run", "--quiet", "--wait", "--pipe", "--collect", "--service-type=exec"]
    unit += [f"--property=RuntimeMaxSec={SWITCH_SECONDS_MAX}"]
    _run([*unit, str(places.PROGRAM), *words, "--confirm-within", "0"])


def _accept(request: Request, built: Built) -> None:
    """Remembers what was published: the next publish builds on it, and the clock makes one when something is due."""
    for name in locks.NAMES if request.kind != "artefact" else ():
        with suppress(FileNotFoundError):
            states.write(places.ACCEPTED / name, _read_plain(places.TREE / "content" / name), mode=0o644)
    kind = "artefact" if request.kind == "artefact" else "source"
    told = {"kind": kind, "what": request.what}
    states.write(places.ACCEPTED / "accepted.json", json.dumps(told).encode(), mode=0o644)
    schedule.plan(built.due if kind == "source" else None)  # what was built elsewhere cannot be built again here


def accepted() -> dict[str, Any]:
    """What was published last; {} before the first."""
    with suppress(FileNotFoundError, ValueError):
        found: dict[str, Any] = json.loads((places.ACCEPTED / "accepted.json").read_text())
        return found
    return {}


def _read_plain(path: Path) -> bytes:
    """A file of the builder's, never what a link of its leads to."""
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
        return file.read(locks.BYTES_MAX)


def current_site() -> str:
    """The release of the web root that is served; '' before the first."""
    return places.CURRENT_SITE.resolve().name if places.CURRENT_SITE.exists() else ""


def address() -> str:
    """What the site calls itself, as its catalogue says; a place where there is none."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        return str(json.loads((places.CURRENT_SITE / "public/catalog.json").read_bytes())["site"])
    return "the site"


def program(environment: Path) -> list[str]:
    """`longwave` of an environment; nothing of whoever calls it, no setting and no folder, has a say in what it does."""
    return [str(environment / "bin" / "python"), "-I", "-m", "generator.cli"]


def _run(command: list[str]) -> str:
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NotPublished((done.stderr or done.stdout).strip() or f"{command[0]} failed")
    return done.stdout
