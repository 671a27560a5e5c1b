"""Moments as the database keeps them: UTC text of one width, so that later is also greater. Never reads a clock itself."""

import datetime as dt
from collections.abc import Callable

Clock = Callable[[], dt.datetime]  # returns an aware time


def now_utc() -> dt.datetime:
    """The clock of a running service; tests pass their own."""
    return dt.datetime.now(dt.UTC)


def text(moment: dt.datetime) -> str:
    """An aware time as '2026-01-05T06:00:00.000Z'."""
    if moment.tzinfo is None:
        raise ValueError("a time without a zone")
    return moment.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parsed(written: str) -> dt.datetime:
    """What `text` wrote."""
    return dt.datetime.fromisoformat(written)


def milliseconds(moment: dt.datetime) -> int:
    """An aware time as milliseconds since 1970."""
    return round(moment.timestamp() * 1000)


def of_milliseconds(milliseconds: int) -> dt.datetime:
    """What `milliseconds` gave."""
    return dt.datetime.fromtimestamp(milliseconds / 1000, dt.UTC)
