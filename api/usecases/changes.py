"""A batch of changes that a client made, stored in one transaction, each answered by itself; and what others have changed since.

What may be said of each kind is `incoming`'s to know, what wins `progress`'s, `kept`'s and `listening`'s.
"""

import datetime as dt
from sqlite3 import Connection
from typing import Any, Literal

import structlog
from msgspec import Struct
from msgspec.structs import replace

from api import times
from api.errors import AppError
from api.gateways.show import Show
from api.store import answered, epochs, stamps, told_rights
from api.store import kept as kept_rows
from api.store import progress as progress_rows
from api.store.answered import Answered
from api.store.kept import Kept
from api.store.progress import Progress
from api.store.told_rights import ToldRight
from api.usecases import cursors, incoming, kept, listened, listening, progress
from api.usecases.incoming import AnyChange, ListeningChange, ProgressChange, Unreadable
from api.usecases.listening import EpisodeState

PAGE_ROWS = 1000
WRONG_CLOCK = dt.timedelta(hours=1)
Outcome = Literal["applied", "merged", "stale", "rejected"]
log = structlog.get_logger()


class Result(Struct, frozen=True, kw_only=True):
    """What became of a change, by its `id` and in the order they came.

    applied: it stands as it was sent. merged: the state is made of this and of later reports. stale: another has changed the note
    since; nothing was stored. rejected: the `problem` says what is wrong with it; sending it again is of no use.
    `value` and `version` are what is stored now, `value` null where nothing is or it was removed.
    """

    id: str | None
    outcome: Outcome
    value: dict[str, Any] | None = None
    version: int | None = None
    problem: str | None = None


class Pushed(Struct, frozen=True, kw_only=True):
    """`cursor` leads past these changes when nobody else's lie between, else it is the one that was sent."""

    results: list[Result]
    cursor: str


class Told(Struct, frozen=True, kw_only=True):
    """A state as it is now. `deleted`: it was removed, and `data` is null. `at` is when it was made so."""

    kind: Literal["progress", "listening", "bookmark", "queue", "favourite", "note", "grant", "catalogue"]
    entity: str
    version: int
    at: dt.datetime | None
    deleted: bool
    data: dict[str, Any] | None


class Pulled(Struct, frozen=True, kw_only=True):
    """`more`: ask again at once with the new cursor."""

    changes: list[Told]
    cursor: str
    more: bool


class Sender(Struct, frozen=True, kw_only=True):
    """Whose changes they are, and the app or session they come from."""

    account_id: str
    writer: str


def push(db: Connection, sender: Sender, sent: list[Any], *, cursor: str, now: dt.datetime, show: Show) -> Pushed:
    """Stores what can be stored; harmless to repeat. A cursor that leads nowhere is answered with none."""
    before = stamps.last(db, sender.account_id)
    batch = _Batch(db, sender, now=now, show=show)
    results = [batch.result(incoming.read(each)) for each in sent]
    return Pushed(results=results, cursor=_after_push(db, sender, cursor, before=before))


def pull(db: Connection, account_id: str, written: str, *, catalogue: str | None) -> Pulled:
    """What was written since the cursor, the oldest first, and last that the `catalogue` is another version.

    Raises GONE when the client has to start over.
    """
    last = stamps.last(db, account_id)
    cursor = cursors.read(written, account_id, last=last, epoch=epochs.current(db))
    told = [each for each in _since(db, account_id, cursor.stamp) if each.version <= last]
    page = _page(told)
    if len(page) < len(told):
        return Pulled(changes=page, cursor=cursors.text(replace(cursor, stamp=page[-1].version)), more=True)
    if catalogue is not None and cursor.catalogue != catalogue:
        page.append(_of_catalogue(catalogue, version=last))
    read_to = replace(cursor, stamp=last, catalogue=catalogue or cursor.catalogue)
    return Pulled(changes=page, cursor=cursors.text(read_to), more=False)


def _since(db: Connection, account_id: str, stamp: int) -> list[Told]:
    found = [_of_progress(each) for each in progress_rows.of(db, account_id, after=stamp)]
    found += [_of_kept(each) for each in kept_rows.of(db, account_id, after=stamp)]
    found += [_of_right(each) for each in told_rights.of(db, account_id, after=stamp)]
    found += [_of_listening(each) for each in listening.states(db, account_id, after=stamp) if each.number is not None]
    return sorted(found, key=lambda each: (each.version, each.kind, each.entity))


def _page(told: list[Told]) -> list[Told]:
    """Whole stamps only, so that a cursor need not say where within one it stands."""
    if len(told) <= PAGE_ROWS:
        return told
    last = told[PAGE_ROWS - 1].version
    return [each for each in told if each.version <= last]


def _after_push(db: Connection, sender: Sender, written: str, *, before: int) -> str:
    try:
        cursor = cursors.read(written, sender.account_id, last=before, epoch=epochs.current(db))
    except AppError:
        return ""
    if not written or cursor.stamp < before:
        return written
    return cursors.text(replace(cursor, stamp=stamps.last(db, sender.account_id)))


class _Batch:
    """One push: its stamp is taken when something is stored first, so that repeating all of it moves nobody's cursor."""

    def __init__(self, db: Connection, sender: Sender, *, now: dt.datetime, show: Show) -> None:
        self._db, self._sender, self._now, self._show = db, sender, now, show
        self._taken: int | None = None

    def result(self, change: AnyChange | Unreadable) -> Result:
        if isinstance(change, Unreadable):
            return Result(id=change.id, outcome="rejected", problem=change.problem)
        known = answered.find(self._db, self._sender.account_id, change.id)
        try:
            outcome = known.outcome if known else self._stored(change)
        except AppError as refused:
            return Result(id=change.id, outcome="rejected", problem=refused.message)
        if known is None:
            answered.insert(
                self._db, self._sender.account_id, Answered(id=change.id, outcome=outcome, stamp=self._stamp())
            )
        return self._current(change, outcome)

    def _stored(self, change: AnyChange) -> str:
        moment = incoming.clamped(change.at, now=self._now)
        if change.at and abs(change.at - moment) > WRONG_CLOCK:
            log.info("clock_wrong", writer=self._sender.writer, said=str(change.at), taken=times.text(moment))
        at, owner, writer = times.milliseconds(moment), self._sender.account_id, self._sender.writer
        if isinstance(change, ProgressChange):
            return progress.store(self._db, owner, change, at=at, stamp=self._stamp())
        if isinstance(change, ListeningChange):
            return listened.store(
                self._db, owner, change, writer=writer, stamp=self._stamp(), now=self._now, show=self._show
            )
        return kept.store(self._db, owner, change, writer=writer, at=at, stamp=self._stamp())

    def _stamp(self) -> int:
        if self._taken is None:
            self._taken = stamps.take(self._db, self._sender.account_id, now=self._now)
        return self._taken

    def _current(self, change: AnyChange, outcome: Any) -> Result:
        """As it stands now, for a repeated change too."""
        kind, owner = str(type(change).__struct_config__.tag), self._sender.account_id
        if isinstance(change, ProgressChange):
            found = progress_rows.find(self._db, owner, change.entity)
            told = _of_progress(found) if found else None
        elif isinstance(change, ListeningChange):
            heard = listening.state_of_ours(self._db, owner, int(change.entity))
            told = _of_listening(heard) if heard else None
        else:
            row = kept_rows.find(self._db, owner, kind, change.entity)
            told = _of_kept(row) if row else None
        if told is None:
            return Result(id=change.id, outcome=outcome)
        return Result(id=change.id, outcome=outcome, value=told.data, version=told.version)


def _of_progress(found: Progress) -> Told:
    return Told(
        kind="progress",
        entity=found.lecture_id,
        version=found.stamp,
        at=times.of_milliseconds(found.at),
        deleted=False,
        data=progress.value(found),
    )


def _of_listening(found: EpisodeState) -> Told:
    return Told(
        kind="listening",
        entity=str(found.number),
        version=found.stamp,
        at=listened.last(found),
        deleted=False,
        data=listened.value(found),
    )


def _of_right(found: ToldRight) -> Told:
    return Told(
        kind="grant",
        entity=found.course_id,
        version=found.stamp,
        at=times.of_milliseconds(found.at),
        deleted=found.data is None,
        data=found.data,
    )


def _of_catalogue(digest: str, *, version: int) -> Told:
    return Told(kind="catalogue", entity="catalogue", version=version, at=None, deleted=False, data={"version": digest})


def _of_kept(found: Kept) -> Told:
    return Told(
        kind=found.kind,  # type: ignore[arg-type]
        entity=found.entity,
        version=found.stamp,
        at=times.of_milliseconds(found.at),
        deleted=found.data is None,
        data=found.data,
    )
