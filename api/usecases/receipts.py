"""Receipt stamps of requests: taken inside the transaction that writes, and what a client may say it has seen. Knows no rows."""

import datetime as dt
import math
from collections.abc import Callable
from sqlite3 import Connection
from typing import TypeVar

from api.store import stamps
from api.store.clients import Client, Seen
from api.usecases.service import Service

T = TypeVar("T")
SINCE_MAX = 2**53  # no clock ever shows it, and every database holds it
FEW = 100  # so many reports are stored in some milliseconds; for more, nobody else is made to wait


async def stamped(
    service: Service, account_id: str, work: Callable[[Connection, int, dt.datetime], T], *, count: int | None = None
) -> T:
    """What `work(db, stamp, now)` returns, once it is stored. The clock is read when nobody else writes any more.

    `count`: how many things it stores, where that is known.
    """

    def change(db: Connection) -> T:
        now = service.clock()
        return work(db, stamps.take(db, account_id, now=now), now)

    write = service.sync.write_promptly if count is not None and count <= FEW else service.sync.write
    return await write(change)


def covered(last: int, *, now: dt.datetime) -> int:
    """What a client that reads now may ask from the next time, where `last` is the last stamp, asked for before reading."""
    return max(last, int(now.timestamp()) - 1)


def since(said: str | None) -> int:
    """A client's `since`: whole seconds; 0, everything, for what is none.

    >>> since("1767592800.75"), since("-1"), since("NaN"), since("yesterday"), since(None)
    (1767592800, 0, 0, 0, 0)
    """
    try:
        number = float(said or 0)
    except ValueError:
        return 0
    return min(int(number), SINCE_MAX) if math.isfinite(number) and number > 0 else 0


def from_stamp(client: Client | None, what: Seen, *, since: int) -> int:
    """The stamp to answer from. Nobody has seen more than we told it, whatever its clock or its arithmetic says.

    Who asks for the same again never got the answer, and gets it again.
    """
    if client is None or not (seen := int(getattr(client, what))):
        return 0
    asked, start = (
        (client.episodes_asked, client.episodes_start)
        if what == "episodes_seen"
        else (client.podcasts_asked, client.podcasts_start)
    )
    return min(since, seen + 1, start if asked == since else since)
