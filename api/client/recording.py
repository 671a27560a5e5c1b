"""How a device sees its own changes before the server has them: what it told, with what waits in the outbox laid over it. Pure."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from api.client.memory import Pending

JOINED_WITHIN = dt.timedelta(minutes=10)
Ranges = Sequence[Sequence[float]]


def laid_over(data: dict[str, Any] | None, pending: Iterable[Pending]) -> dict[str, Any] | None:
    """The state after these changes, as the server will most likely merge them."""
    found = dict(data) if data is not None else None
    for change in pending:
        found = _merged(found or {}, change.data or {}) if change.kind in ("progress", "listening") else change.data
    return found


def joined(last: Pending, data: dict[str, Any], at: str) -> dict[str, Any] | None:
    """One report in place of `last` and the next one; None where they have to stay apart.

    A player reports every few seconds, and a month without network must not become a hundred thousand changes.
    """
    if last.tried or last.data is None or last.data.get("reset") or data.get("reset"):
        return None
    if dt.datetime.fromisoformat(at) - dt.datetime.fromisoformat(last.at) > JOINED_WITHIN:
        return None
    return _merged(last.data, data)


def united(one: Ranges, other: Ranges) -> list[list[float]]:
    """
    >>> united([[0, 10]], [[5, 20], [30, 40]])
    [[0, 20], [30, 40]]
    """
    found: list[list[float]] = []
    for start, end in sorted((each[0], each[1]) for each in (*one, *other)):
        if found and start <= found[-1][1]:
            found[-1][1] = max(found[-1][1], end)
        elif start < end:
            found.append([start, end])
    return found


def _merged(known: dict[str, Any], said: dict[str, Any]) -> dict[str, Any]:
    if said.get("reset"):
        known = {**known, "position_seconds": 0.0, "watched": [], "completed": False}
    found = {**known, **{name: value for name, value in said.items() if name != "reset" and value is not None}}
    if "watched" in known or "watched" in said:
        found["watched"] = united(known.get("watched") or [], said.get("watched") or [])
    if known.get("completed") and not said.get("reset"):
        found["completed"] = True
    return found
