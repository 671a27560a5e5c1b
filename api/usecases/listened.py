"""How far somebody is with an episode of ours, as our own apps and pages say and read it. What wins is `listening`'s to know."""

import datetime as dt
from sqlite3 import Connection

from msgspec import Struct, to_builtins

from api.errors import AppError, Code
from api.gateways.show import Show
from api.usecases import listening
from api.usecases.incoming import ListeningChange
from api.usecases.listening import Action, EpisodeState


class Heard(Struct, frozen=True, kw_only=True):
    position_seconds: int
    total_seconds: int | None
    played: bool


class ListeningState(Heard, frozen=True, kw_only=True):
    """`at`: when it was last reported."""

    episode: int
    version: int
    at: dt.datetime | None


def store(
    db: Connection,
    account_id: str,
    change: ListeningChange,
    *,
    writer: str,
    stamp: int,
    now: dt.datetime,
    show: Show,
) -> str:
    """'applied', or 'merged' when a later report stands. Raises INVALID for what is none of our episodes."""
    [outcome] = listening.record(
        db, account_id, [_action(change, now=now)], device=writer, stamp=stamp, now=now, show=show
    )
    if outcome.kind == "rejected":
        raise AppError(Code.INVALID, outcome.problem)
    return "merged" if outcome.kind == "stale" else "applied"


def of_episode(db: Connection, account_id: str, number: int) -> ListeningState | None:
    found = listening.state_of_ours(db, account_id, number)
    if found is None:
        return None
    heard = _heard(found)
    return ListeningState(
        episode=number,
        position_seconds=heard.position_seconds,
        total_seconds=heard.total_seconds,
        played=heard.played,
        version=found.stamp,
        at=last(found),
    )


def value(found: EpisodeState) -> dict[str, object]:
    """As clients read it."""
    return dict(to_builtins(_heard(found)))


def last(found: EpisodeState) -> dt.datetime | None:
    return max((at for at in (found.position_at, found.played_at) if at), default=None)


def _heard(found: EpisodeState) -> Heard:
    return Heard(position_seconds=found.position_seconds or 0, total_seconds=found.total_seconds, played=found.played)


def _action(change: ListeningChange, *, now: dt.datetime) -> Action:
    data = change.data
    if data.position_seconds is None and data.played is None:
        raise AppError(Code.INVALID, "data: Say position_seconds or played.")
    return Action(
        number=int(change.entity),
        at=change.at or now,
        position=None if data.position_seconds is None else int(data.position_seconds),
        total=None if data.total_seconds is None else int(data.total_seconds),
        played=data.played,
    )
