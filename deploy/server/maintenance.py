"""Lets the service rest, or all of the site: by hand, for as long as it takes or until a time. Every address then says so honestly.

The service rests by not running: nothing reads or writes its databases, nginx answers for it with 503 and `Retry-After`, and Stripe
tells us its events later. Pages, feeds and media are served as ever, unless everything shall rest.
"""

from datetime import datetime

import msgspec
from msgspec import Struct

from deploy.errors import DeployError
from deploy.server import audit, colours, deadman, durable, places, releases, web_server
from deploy.server.audit import Entry
from deploy.server.running import run, systemctl

STATE = places.STATE / "maintenance.json"
CLOSED = places.SWITCHES / "closed.conf"  # included by nginx/snippets/closed.conf
RETURN = b"return 503;\n"
TIMER = "longwave-maintenance-over"


class Maintenance(Struct, frozen=True, kw_only=True):
    is_on: bool = False
    is_everything: bool = False
    until: datetime | None = None
    by: str = ""


def state() -> Maintenance:
    return msgspec.json.decode(STATE.read_bytes(), type=Maintenance) if STATE.exists() else Maintenance()


def begin(*, by: str, is_everything: bool, until: datetime | None, now: datetime) -> None:
    """Harmless when it is on already; then it says anew what rests and until when."""
    if until is not None and until <= now:
        raise DeployError(f"{until:%Y-%m-%d %H:%M} UTC is over. Give a later time, like 2030-01-31T06:00Z")
    with audit.lock(by):
        deadman.refuse_while_pending()
        serving = releases.current_or_refuse()
        resting = Maintenance(is_on=True, is_everything=is_everything, until=until, by=by)
        durable.write(STATE, msgspec.json.encode(resting))
        _close() if is_everything else _open()
        colours.stop(serving.colour)
        _stop_timer()
        if until:
            command = (f"{places.CURRENT}/environment/bin/longwave", "server", "maintenance", "off", "--by", "timer")
            run(
                "systemd-run",
                "--quiet",
                "--collect",
                "--unit",
                TIMER,
                f"--on-calendar={until:%Y-%m-%d %H:%M:%S} UTC",
                *command,
            )
        audit.add(
            Entry(at=now, who=by, what="maintenance on", result="ok", why="everything" if is_everything else "service")
        )


def end(*, by: str, now: datetime) -> None:
    """Harmless when it is off already."""
    with audit.lock(by):
        was_on = state().is_on
        durable.remove(STATE)
        colours.revive(releases.current_or_refuse())
        _open()
        if by != "timer":
            _stop_timer()
        if was_on:
            audit.add(Entry(at=now, who=by, what="maintenance off", result="ok"))


def _close() -> None:
    places.SWITCHES.mkdir(parents=True, exist_ok=True)
    durable.write(CLOSED, RETURN, mode=0o644)
    web_server.reload_or_start()


def _open() -> None:
    if CLOSED.exists():
        durable.remove(CLOSED)
        web_server.reload_or_start()


def _stop_timer() -> None:
    systemctl("stop", f"{TIMER}.timer", check=False)
