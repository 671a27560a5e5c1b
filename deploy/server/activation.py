"""The one way by which this server comes to serve something else: a deploy, an editor's publish, a rollback.

Everything of the new release is tried before anything changes; then one link is renamed. Whatever goes wrong after that takes the
link back. No step touches a database: migrations only add, so the release before can serve on what the new one has left.
"""

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct

from deploy.agent import former
from deploy.errors import DeployError
from deploy.server import audit, checks, colours, deadman, going_back, health, machinery, maintenance, places, releases
from deploy.server.audit import Entry
from deploy.server.releases import Parts, Release
from deploy.units import COLOURS

CONFIRM_SECONDS = 45
SERVICE_READS = ("service.env", "theme/", "systemd/longwave-api-")  # of a configuration
Clock = Callable[[], datetime]


class Wish(Struct, frozen=True, kw_only=True):
    """What shall be served; a part that is not named stays as it is. `fresh`: with a new process even if nothing differs."""

    by: str
    why: str
    environment: str = ""
    configuration: str = ""
    site: str = ""
    fresh: bool = False
    confirm_seconds: int = CONFIRM_SECONDS
    what: str = "activate"


class Outcome(Struct, frozen=True, kw_only=True):
    """`confirm_before` is None when nobody needs to confirm. `steps`: what was done, and its seconds."""

    id: str
    parent: str
    changed: tuple[str, ...]
    confirm_before: datetime | None = None
    steps: tuple[tuple[str, float], ...] = ()


class _Steps:
    """Does one thing after the other and remembers how long each took."""

    def __init__(self) -> None:
        self.done: list[tuple[str, float]] = []

    def do(self, name: str, work: Callable[..., Any], *arguments: Any, **named: Any) -> None:
        begun = time.monotonic()
        work(*arguments, **named)
        self.done.append((name, round(time.monotonic() - begun, 3)))


def activate(wish: Wish, *, clock: Clock) -> Outcome:
    """Serves what is wished. Raises DeployError, and the release before is served as ever, when it is not fit for it."""
    begun = time.monotonic()
    with audit.lock(wish.by):
        deadman.refuse_while_pending()
        releases.remove_unfinished()
        serving = releases.current()
        parts = _parts(wish, serving)
        changed = _changed(parts, serving)
        if serving and not changed and not wish.fresh:
            return Outcome(id=serving.id, parent=serving.parent, changed=())
        release = releases.make(parts, colour=_colour(parts, serving, wish), by=wish.by, why=wish.why, now=clock())
        try:
            outcome = _served(release, serving, wish, changed, clock=clock)
        except BaseException as error:
            _note(wish, release, f"refused: {error or type(error).__name__}", begun, clock=clock)
            raise
        waits = "waits to be confirmed" if outcome.confirm_before else "ok"
        _note(wish, release, waits, begun, clock=clock)
        return outcome


def rollback(wish: Wish, id: str | None, *, clock: Clock) -> Outcome:
    """The same with the parts of an older release, or of the one before the current one."""
    older = releases.read(id) if id else releases.before(releases.current_or_refuse())
    if older is None:
        known = ", ".join(release.id for release in releases.kept()) or "none"
        raise DeployError(f"there is no release {id or 'before this one'}. This server has: {known}")
    parts = msgspec.structs.asdict(older.parts)
    return activate(
        msgspec.structs.replace(wish, **parts, what="rollback", why=wish.why or f"back to {older.id}"), clock=clock
    )


def confirm(id: str, *, by: str, clock: Clock) -> Release:
    """Keeps the release that waits. Harmless when it is confirmed already. Raises DeployError when it is not current any more."""
    with audit.lock(by):
        serving = releases.current_or_refuse()
        if serving.id != id:
            raise DeployError(
                f"release {id} is not current: {serving.id} is. It was taken back, or another came after it"
            )
        if deadman.pending():
            deadman.disarm()
            former.forget()
            _clean(serving)
            audit.add(Entry(at=clock(), who=by, what="confirm", release=id, result="ok"))
        return serving


def _served(
    release: Release, serving: Release | None, wish: Wish, changed: tuple[str, ...], *, clock: Clock
) -> Outcome:
    steps, failed_before = _Steps(), frozenset(health.failed_units())
    try:
        if serving is None:  # its own files are found through the link; there is nothing yet that could break
            releases.switch(release)
        machinery.write_media_keys()
        if {"environment", "configuration"} & set(changed):
            steps.do("check", checks.refuse_broken, release)
        if serving is None or release.colour != serving.colour:
            _refuse_while_resting()
            steps.do("start the service", colours.start, release)
        waiting = _armed(release, serving, wish, now=clock())
    except BaseException:
        _forget(release, serving)
        raise
    try:
        _switch(release, serving, steps)
        steps.do("health", health.refuse_sick, release, failed_before=failed_before)
    except BaseException:
        going_back.take_back(release, serving)
        raise
    if not (waiting and wish.confirm_seconds):
        deadman.disarm()
        if set(changed) != {"site"}:  # an editor's publish may come while a deploy is under way
            former.forget()
        _clean(release)
        waiting = None
    return Outcome(
        id=release.id,
        parent=release.parent,
        changed=changed,
        confirm_before=waiting.deadline if waiting else None,
        steps=tuple(steps.done),
    )


def _switch(release: Release, serving: Release | None, steps: _Steps) -> None:
    todo = machinery.steps(release, serving)
    steps.do("switch", releases.switch, release)
    if serving and release.colour == serving.colour:
        colours.assign(release)
    for name, work in todo:
        steps.do(name, work)
    if serving and release.colour != serving.colour:
        steps.do("end the old service", colours.stop, serving.colour)


def _refuse_while_resting() -> None:
    if maintenance.state().is_on:
        raise DeployError(
            "accounts and checkout rest, so this release's service could not be tried. End that first: "
            "longwave server maintenance off"
        )


def _armed(release: Release, serving: Release | None, wish: Wish, *, now: datetime) -> deadman.Pending | None:
    """Even who confirms by himself may be killed half way."""
    seconds = wish.confirm_seconds or CONFIRM_SECONDS
    return deadman.arm(release, serving, seconds=seconds, now=now) if serving else None


def _parts(wish: Wish, serving: Release | None) -> Parts:
    given = {
        name: getattr(wish, name) or (getattr(serving, name) if serving else "") for name in Parts.__struct_fields__
    }
    if not given["site"] and (places.WWW / "current").is_symlink():
        given["site"] = (places.WWW / "current").readlink().name
    missing = [name for name, value in given.items() if not value]
    if missing:
        raise DeployError(
            f"the first release needs {' and '.join(missing)}. Publish a site and deploy: longwave deploy HOST"
        )
    return Parts(**given)


def _changed(parts: Parts, serving: Release | None) -> tuple[str, ...]:
    names = Parts.__struct_fields__
    return tuple(name for name in names if not serving or getattr(parts, name) != getattr(serving, name))


def _colour(parts: Parts, serving: Release | None, wish: Wish) -> str:
    """The other one when another process is needed; the same when only pages or nginx differ."""
    if serving is None:
        return COLOURS[0]
    same = parts.environment == serving.environment and _read_by_service(serving.configuration) == _read_by_service(
        parts.configuration
    )
    return serving.colour if same and not wish.fresh else colours.other(serving.colour)


def _read_by_service(configuration: str) -> dict[str, bytes]:
    """What of a configuration the service has read when it started: settings, texts of mails, its own units."""
    folder = places.CONFIGURATIONS / configuration
    names = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return {name: (folder / name).read_bytes() for name in names if name.startswith(SERVICE_READS)}


def _forget(release: Release, serving: Release | None) -> None:
    """Nothing was switched: as if it had not been tried."""
    if former.put_back():
        machinery.write_media_keys()
    if serving is None:
        places.CURRENT.unlink(missing_ok=True)
    if serving is None or release.colour != serving.colour:
        colours.stop(release.colour)
    deadman.disarm()
    releases.discard(release)


def _clean(serving: Release) -> None:
    colours.stop(colours.other(serving.colour))
    releases.prune()


def _note(wish: Wish, release: Release, result: str, begun: float, *, clock: Clock) -> None:
    seconds = round(time.monotonic() - begun, 2)
    line = " ".join(result.split())[:500]
    audit.add(
        Entry(at=clock(), who=wish.by, what=wish.what, release=release.id, why=wish.why, result=line, seconds=seconds)
    )
