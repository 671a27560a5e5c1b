"""Takes an unconfirmed release back: by hand, by the dead man's timer, at boot. Stops at nothing, for there is no way further back.

Run as a program by systemd, with the environment of the release that is gone back to.
"""

import argparse
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from deploy.agent import former
from deploy.errors import DeployError
from deploy.server import audit, colours, deadman, durable, machinery, places, releases, unit_links
from deploy.server.audit import Busy, Entry
from deploy.server.machinery import Step
from deploy.server.releases import Release
from deploy.server.running import systemctl

PATIENCE_SECONDS = 8
LOOK_SECONDS = 0.2


def take_back(
    release: Release, parent: Release | None, *, at_boot: bool = False, from_timer: bool = False
) -> list[str]:
    """Makes `parent` current again and lets the machine follow; returns what did not work of it. Without a parent nothing is."""
    if former.put_back():
        machinery.write_media_keys()
    if parent is None:  # the next one is again the first
        durable.remove(places.CURRENT)
        colours.stop(release.colour)
        deadman.disarm(from_timer=from_timer)
        return ["there was no release before it"]
    troubles = _at_boot(parent) if at_boot else _now(release, parent)
    deadman.disarm(from_timer=from_timer)
    return troubles


def revert(*, by: str, now: datetime, id: str = "", at_boot: bool = False, from_timer: bool = False) -> str:
    """Takes back what waits, if it is `id` or none is named; says what was done."""
    with _lock_at_any_price(by) if from_timer or at_boot else audit.lock(by):
        waiting = deadman.pending()
        if waiting is None or (id and waiting.release != id):
            return "nothing waits to be confirmed"
        release, parent = releases.read(waiting.release), releases.read(waiting.parent)
        if release is None or parent is None:
            raise DeployError(f"{places.PENDING} names a release that is gone. Remove it, then deploy again")
        troubles = take_back(release, parent, at_boot=at_boot, from_timer=from_timer)
        result = f"back to {parent.id}" + "".join(f"; {trouble}" for trouble in troubles)
        audit.add(Entry(at=now, who=by, what="revert", release=release.id, result=" ".join(result.split())[:500]))
        return result


def _now(release: Release, parent: Release) -> list[str]:
    """Each step for itself: that one fails is no reason to leave out the next."""
    todo: list[Step] = [("switch", lambda: releases.switch(parent)), *machinery.steps(parent, release)]
    if release.colour != parent.colour:
        todo = [("service", lambda: colours.revive(parent)), *todo, ("end", lambda: colours.stop(release.colour))]
    else:
        colours.assign(parent)
    troubles = []
    for name, work in todo:
        try:
            work()
        except (DeployError, OSError) as error:
            troubles.append(f"{name}: {error}")
    return troubles


def _at_boot(parent: Release) -> list[str]:
    """Nothing runs yet: what comes after this reads the files of the parent. Only its service was not in systemd's plan."""
    releases.switch(parent)
    unit_links.apply(parent)
    systemctl("daemon-reload", check=False)
    names = (f"longwave-api-{parent.colour}.socket", f"longwave-api-{parent.colour}.service")
    systemctl("start", "--no-block", *names, check=False)
    return []


@contextmanager
def _lock_at_any_price(by: str) -> Iterator[None]:
    """Whoever hangs while changing the server is ended."""
    begun = time.monotonic()
    while True:
        try:
            with audit.lock(by, seconds=0):
                yield
                return
        except Busy as busy:
            if time.monotonic() - begun > 2 * PATIENCE_SECONDS:
                raise
            if time.monotonic() - begun > PATIENCE_SECONDS and busy.process:
                os.kill(busy.process, signal.SIGKILL)
            time.sleep(LOOK_SECONDS)


def main() -> int:
    parser = argparse.ArgumentParser(description="Go back to the release before the one that waits to be confirmed.")
    parser.add_argument("--unless-confirmed", metavar="ID", default="", help="only if this is the one that waits")
    parser.add_argument("--at-boot", action="store_true", help="nothing runs yet: change files and start little")
    chosen = parser.parse_args()
    by = "boot" if chosen.at_boot else "dead man's timer"
    now = datetime.now(UTC)
    try:
        said = revert(by=by, now=now, id=chosen.unless_confirmed, at_boot=chosen.at_boot, from_timer=not chosen.at_boot)
    except (DeployError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    print(said)
    return 0


if __name__ == "__main__":
    sys.exit(main())
