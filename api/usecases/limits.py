"""How often a thing may be tried. Whoever tries too often waits minutes; nobody is ever locked out by somebody else.

What is counted by account is counted together with where it comes from, so that strangers slow only themselves.
"""

import datetime as dt
import hashlib
from collections.abc import Mapping
from sqlite3 import Connection

from api.errors import AppError, Code
from api.store import attempts
from api.store.database import Database

WINDOW = dt.timedelta(minutes=10)


async def spend(database: Database, limits: Mapping[str, int], *, now: dt.datetime) -> None:
    """Counts one attempt under each key and raises RATE_LIMITED when one of them has been tried more often than its limit.

    The count stands even though the attempt is refused; whoever goes on then makes no more writes.
    """
    start = window_start(now)
    counts = {key: attempts.counted(database.reader, _hashed(key), window_start=start) for key in limits}
    if not any(counts[key] > most for key, most in limits.items()):
        counts = await database.write(lambda db: {key: _count(db, key, start) for key in limits})
    if any(counts[key] > most for key, most in limits.items()):
        wait = int((start + WINDOW - now).total_seconds()) + 1
        minutes = (wait + 59) // 60
        raise AppError(
            Code.RATE_LIMITED,
            f"That was tried too often. Please try again in {minutes} minute{'' if minutes == 1 else 's'}.",
            retry_after_seconds=wait,
        )


def delay(
    db: Connection, key: str, *, free: int, step: dt.timedelta, most: dt.timedelta, now: dt.datetime
) -> dt.timedelta:
    """Counts one; nothing for the first `free`, then a step longer each time, at most `most`."""
    over = _count(db, key, window_start(now)) - free
    return min(max(over, 0) * step, most)


def window_start(now: dt.datetime) -> dt.datetime:
    """Windows stand still: 06:00, 06:10, …"""
    return dt.datetime.fromtimestamp(now.timestamp() // WINDOW.total_seconds() * WINDOW.total_seconds(), dt.UTC)


def _count(db: Connection, key: str, start: dt.datetime) -> int:
    return attempts.count(db, _hashed(key), window_start=start)


def _hashed(key: str) -> str:
    kind, _, who = key.partition(":")
    return f"{kind}:{hashlib.sha256(who.encode()).hexdigest()[:32]}"
