"""One look at everything on the server: counts the log, asks every check, calls somebody. Knows none of the checks closer."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta

import msgspec
from msgspec import Struct

from deploy.watch import budget, certificate, jobs, machine, outside, reading, service, states
from deploy.watch.audio import Minutes
from deploy.watch.figures import opened
from deploy.watch.outside import Channels, Finding
from deploy.watch.settings import Settings

ALARM_SHOWN = timedelta(hours=1)  # a count that has grown stays a finding so long


class Memory(Struct, kw_only=True):
    """What one look leaves to the next. `grown`: when the service's alarms were last seen to grow, and which."""

    since: datetime
    alarms: list[tuple[str, str, float]] = []
    grown_at: datetime | None = None
    grown: str = ""


def watch(settings: Settings, *, channels: Channels, now: datetime) -> tuple[list[Finding], list[str]]:
    """What was found, and what went wrong in telling it."""
    findings = [*_held("figures", lambda: _count(settings, now=now)), *look(settings, now=now)]
    state = settings.own / "alarms.json"
    subject = settings.url.partition("://")[2]
    return findings, outside.watch(findings, channels=channels, state=state, subject=subject, now=now)


def _count(settings: Settings, *, now: datetime) -> list[Finding]:
    episodes = settings.www / "current/public/episodes.json"
    minutes = Minutes(pool=settings.www / "pool", episodes=episodes)
    with opened(settings.figures) as figures:
        new = reading.read(figures, settings.log, now=now, least_bytes=minutes.least_bytes)
    return [Finding("figures", f"{new} new requests")]


def look(settings: Settings, *, now: datetime, is_remembered: bool = True) -> list[Finding]:
    """Every check, also when one of them breaks. Nothing is written unless it `is_remembered`."""
    memory = _memory(settings, now=now)
    findings = [finding for name, check in _checks(settings, memory, now=now) for finding in _held(name, check)]
    if is_remembered:
        _remember(settings, memory)
    return findings


def _checks(
    settings: Settings, memory: Memory, *, now: datetime
) -> Iterator[tuple[str, Callable[[], Iterable[Finding]]]]:
    yield "disk", lambda: machine.room(settings.folders)
    yield "memory", lambda: [machine.memory()]
    yield "units", machine.failed_units
    yield "restart", lambda: [machine.restart(now=now, reboots=settings.reboots)]
    yield "certificate", lambda: [certificate.look(settings.url, now=now)]
    known = states.read(settings.states)
    yield "jobs", lambda: jobs.look(known, since=memory.since, now=now, has_backup=settings.has_backup)
    yield "service", lambda: _service(settings, memory, now=now)
    yield "budget", lambda: _budget(settings, now=now)


def _held(name: str, check: Callable[[], Iterable[Finding]]) -> list[Finding]:
    try:
        return list(check())
    except Exception as error:  # a broken look must not blind the others
        return [
            Finding(name, f"{type(error).__name__}: {error}", "Could not be looked at: journalctl -u longwave-watch")
        ]


def _service(settings: Settings, memory: Memory, *, now: datetime) -> list[Finding]:
    before = {(name, kind): value for name, kind, value in memory.alarms}
    findings, alarms = service.look(port=settings.metrics_port, before=before)
    memory.alarms = [(name, kind, value) for (name, kind), value in alarms.items()]
    new = findings[-1]
    if new.name == "service's alarms" and new.remedy:
        memory.grown, memory.grown_at = new.said, now
    elif new.name == "service's alarms" and memory.grown_at and now - memory.grown_at < ALARM_SHOWN:
        remedy = "longwave doctor; the log has more: journalctl -u 'longwave-api-*' -p err"
        findings[-1] = Finding(new.name, memory.grown, remedy)
    return findings


def _budget(settings: Settings, *, now: datetime) -> list[Finding]:
    with opened(settings.figures, read_only=True) as figures:
        found = budget.reckon(figures.between, now=now)
    remedy = "longwave budget, longwave stats; which addresses: grep '\"status\":5' /var/log/nginx/access.json | tail"
    return [
        Finding(
            f"error budget, {burn.name}",
            f"spent {burn.long:g} times too fast; {found.spent:.0%} of the month's is gone",
            remedy if burn.is_alarming else "",
        )
        for burn in found.burns
    ]


def _memory(settings: Settings, *, now: datetime) -> Memory:
    with suppress(OSError, msgspec.MsgspecError):
        return msgspec.json.decode((settings.own / "memory.json").read_bytes(), type=Memory)
    return Memory(since=now)


def _remember(settings: Settings, memory: Memory) -> None:
    unfinished = settings.own / ".memory.json.new"
    unfinished.write_bytes(msgspec.json.encode(memory))
    unfinished.replace(settings.own / "memory.json")
