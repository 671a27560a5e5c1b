"""A change as an app or a page sends it: what each kind may say, and within which bounds. Stores nothing.

Each change of a batch is read on its own, so that one that cannot be read takes no other along.
"""

import datetime as dt
import json
import re
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from api.errors import AppError, Code

CHANGES_MAX, BYTES_MAX = 1000, 1024 * 1024  # of a push
SECONDS_MAX = 7 * 24 * 3600
RANGES_MAX = 500
OVERRUN_SECONDS = 30.0  # players report a position a little beyond the end
AHEAD, KEPT = dt.timedelta(minutes=5), dt.timedelta(days=180)

Id = Annotated[
    str,
    Meta(
        pattern="^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$(?!\n)",
        description="A UUIDv7 (RFC 9562, section 5.7) in small letters, made by the client and never used for another change.",
    ),
]
Seconds = Annotated[float, Meta(ge=0, le=SECONDS_MAX)]
Moment = Annotated[
    dt.datetime,
    Meta(tz=True, description="When it happened by the client's clock. Left out: when the server receives it."),
]
LectureId = Annotated[str, Meta(pattern="^lec_[a-z0-9_]{1,76}$(?!\n)")]
EpisodeNumber = Annotated[
    str, Meta(pattern="^[1-9][0-9]{0,8}$(?!\n)", description="The number of an episode of this show.")
]
Thing = Annotated[
    str,
    Meta(
        pattern="^((crs|lec)_[a-z0-9_]{1,76}|[1-9][0-9]{0,8})$(?!\n)",
        description="A course's or lecture's id, or an episode's number.",
    ),
]
OwnName = Annotated[
    str, Meta(pattern="^[A-Za-z0-9_-]{1,64}$(?!\n)", description="A name the client makes, such as a UUID.")
]
Order = Annotated[
    str,
    Meta(
        pattern="^[0-9A-Za-z]{0,99}[1-9A-Za-z]$(?!\n)",
        description="A fractional key: the queue is in the order of these texts by their bytes, and between two there is"
        " always room for a third.",
    ),
]
Title = Annotated[str, Meta(max_length=300)]
Text = Annotated[str, Meta(max_length=20_000)]


class ProgressData(Struct, frozen=True, kw_only=True):
    """Whatever is left out stays as it is. `completed: true` stays for good; only `reset: true` starts the lecture over."""

    position_seconds: Seconds | None = None
    total_seconds: Seconds | None = None
    watched: Annotated[list[tuple[Seconds, Seconds]], Meta(max_length=RANGES_MAX)] = []
    completed: bool | None = None
    reset: bool = False

    def __post_init__(self) -> None:
        check_position(self.position_seconds, self.total_seconds)
        for start, end in self.watched:
            if end < start:
                raise ValueError(f"the range {start:g} to {end:g} ends before it begins")
            check_position(end, self.total_seconds)


class ListeningData(Struct, frozen=True, kw_only=True):
    """`played: false` marks the episode as not yet heard."""

    position_seconds: Seconds | None = None
    total_seconds: Seconds | None = None
    played: bool | None = None

    def __post_init__(self) -> None:
        check_position(self.position_seconds, self.total_seconds)


class PlaceData(Struct, frozen=True, kw_only=True):
    """A place in a lecture or in an episode: one of the two is named."""

    lecture: LectureId | None = None
    episode: EpisodeNumber | None = None
    position_seconds: Seconds = 0.0

    def __post_init__(self) -> None:
        if (self.lecture is None) == (self.episode is None):
            raise ValueError("name either the lecture or the episode")


class BookmarkData(PlaceData, frozen=True, kw_only=True):
    title: Title = ""


class NoteData(PlaceData, frozen=True, kw_only=True):
    text: Text


class QueueData(Struct, frozen=True, kw_only=True):
    order: Order


class FavouriteData(Struct, frozen=True, kw_only=True):
    """Nothing but that it is one."""


class Change(Struct, frozen=True, kw_only=True, tag_field="kind"):
    """`base` is the version the client had when it made the change, None when it knew none; only notes ask for it."""

    id: Id
    at: Moment | None = None
    base: Annotated[int, Meta(ge=0, le=2**53)] | None = None


class ProgressChange(Change, frozen=True, kw_only=True, tag="progress"):
    entity: LectureId
    data: ProgressData


class ListeningChange(Change, frozen=True, kw_only=True, tag="listening"):
    entity: EpisodeNumber
    data: ListeningData


class BookmarkChange(Change, frozen=True, kw_only=True, tag="bookmark"):
    """`data: null` removes it; so with everything below."""

    entity: OwnName
    data: BookmarkData | None


class QueueChange(Change, frozen=True, kw_only=True, tag="queue"):
    entity: Thing
    data: QueueData | None


class FavouriteChange(Change, frozen=True, kw_only=True, tag="favourite"):
    entity: Thing
    data: FavouriteData | None


class NoteChange(Change, frozen=True, kw_only=True, tag="note"):
    entity: OwnName
    data: NoteData | None


KeptChange = BookmarkChange | QueueChange | FavouriteChange | NoteChange
AnyChange = ProgressChange | ListeningChange | BookmarkChange | QueueChange | FavouriteChange | NoteChange


class Push(Struct, frozen=True):
    """`cursor`: the one of the client's last answer. The answer's leads past these changes when nothing else lies between."""

    changes: list[AnyChange]
    cursor: str = ""


class Unreadable(Struct, frozen=True):
    """A change that is none; `id` as far as it had one."""

    id: str | None
    problem: str


def read(sent: Any) -> AnyChange | Unreadable:
    """One change of a batch, whatever it is."""
    id = sent.get("id") if isinstance(sent, dict) else None
    try:
        if b"\\u0000" in msgspec.json.encode(sent):
            return Unreadable(None, "It has a NUL character in it.")
        change: AnyChange = msgspec.convert(sent, AnyChange)
    except UnicodeEncodeError:
        return Unreadable(None, "It holds half of a character.")
    except msgspec.ValidationError as error:
        return Unreadable(id if isinstance(id, str) else None, f"{_plain(str(error))}.")
    return change


def batch(raw: bytes) -> tuple[list[Any], str]:
    """The changes of a push as they came, and its cursor. Raises AppError when the whole is no such thing."""
    body = _json(raw)
    changes = body.get("changes") if isinstance(body, dict) else None
    if not isinstance(changes, list):
        raise AppError(Code.MALFORMED, 'The body must be a JSON object with a list "changes".')
    if len(changes) > CHANGES_MAX:
        raise AppError(Code.TOO_LARGE, f"At most {CHANGES_MAX} changes can be sent at once. Send them in parts.")
    cursor = body.get("cursor")
    return changes, cursor if isinstance(cursor, str) else ""


def _json(raw: bytes) -> Any:
    """msgspec refuses halves of characters, which scripts do write; they must spoil their own change and no other."""
    try:
        return msgspec.json.decode(raw)
    except (ValueError, RecursionError):  # DecodeError and UnicodeDecodeError are ValueErrors
        pass
    try:
        return json.loads(raw, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise AppError(Code.MALFORMED, "The body is not JSON.") from error


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no number")


def check_position(position: float | None, total: float | None) -> None:
    """Raises ValueError for a position far beyond the end."""
    if position is not None and total and position > total + OVERRUN_SECONDS:
        raise ValueError(f"{position:g} s lies beyond the end at {total:g} s")


def clamped(at: dt.datetime | None, *, now: dt.datetime) -> dt.datetime:
    """Clocks are wrong by years: not later than five minutes from now, not earlier than we take changes."""
    return now if at is None else min(max(at, now - KEPT), now + AHEAD)


def _plain(message: str) -> str:
    """'Expected `str`, got `int` - at `$.entity`' -> 'entity: Expected `str`, got `int`'"""
    text, _, path = message.partition(" - at `$.")
    return f"{path.rstrip('`')}: {text}" if path else re.sub(" - at `.*", "", text)
