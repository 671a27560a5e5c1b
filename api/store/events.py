"""The inbox: what the payment provider has told us, each once, and how far we are with it. Knows no meaning of any event."""

import datetime as dt
from sqlite3 import Connection

from msgspec import Struct

from api import times
from api.model import EventState
from api.store.rows import as_struct


class Waiting(Struct, frozen=True, kw_only=True):
    """A claimed event; `attempts` counts this one too."""

    id: str
    type: str
    payload: str
    attempts: int


class Summary(Struct, frozen=True, kw_only=True):
    """An event without its payload."""

    id: str
    type: str
    state: EventState
    attempts: int
    received_at: dt.datetime
    last_error: str | None = None


def add(
    db: Connection,
    *,
    id: str,
    type: str,
    livemode: bool,
    api_version: str | None,
    created: dt.datetime,
    payload: str,
    state: EventState,
    now: dt.datetime,
) -> bool:
    """False for an event that is known already."""
    at = times.text(now)
    added = db.execute(
        """
        INSERT INTO events (id, type, livemode, api_version, created, payload, received_at, next_try_at, state)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING RETURNING id
        """,
        (id, type, livemode, api_version, times.text(created), payload, at, at, state),
    ).fetchall()
    return bool(added)


def claim(db: Connection, *, now: dt.datetime, lease: dt.timedelta, limit: int) -> list[Waiting]:
    """The oldest events that are due; nobody else gets them for the time of `lease`."""
    rows = db.execute(
        """
        UPDATE events SET claimed_at = ?, next_try_at = ?, attempts = attempts + 1
        WHERE id IN (
            SELECT id FROM events WHERE state = 'received' AND next_try_at <= ? ORDER BY next_try_at LIMIT ?
        )
        RETURNING id, type, payload, attempts, created
        """,
        (times.text(now), times.text(now + lease), times.text(now), limit),
    ).fetchall()
    rows.sort(key=lambda row: (row["created"], row["id"]))
    return [Waiting(id=row["id"], type=row["type"], payload=row["payload"], attempts=row["attempts"]) for row in rows]


def any_due(db: Connection, *, now: dt.datetime) -> bool:
    query = "SELECT 1 FROM events WHERE state = 'received' AND next_try_at <= ? LIMIT 1"
    return db.execute(query, (times.text(now),)).fetchone() is not None


def release_claims(db: Connection, *, now: dt.datetime) -> int:
    """For a process that starts: what a dead one had claimed is due now. Handling an event twice does no harm."""
    return len(
        db.execute(
            """
            UPDATE events SET next_try_at = ?, claimed_at = NULL
            WHERE state = 'received' AND claimed_at IS NOT NULL AND last_error IS NULL RETURNING id
            """,
            (times.text(now),),
        ).fetchall()
    )


def close(db: Connection, event_id: str, *, state: EventState, now: dt.datetime) -> None:
    db.execute(
        "UPDATE events SET state = ?, done_at = ?, claimed_at = NULL, last_error = NULL WHERE id = ?",
        (state, times.text(now), event_id),
    )


def put_off(db: Connection, event_id: str, *, until: dt.datetime, error: str) -> None:
    db.execute(
        "UPDATE events SET next_try_at = ?, claimed_at = NULL, last_error = ? WHERE id = ?",
        (times.text(until), error, event_id),
    )


def give_up(db: Connection, event_id: str, *, error: str) -> None:
    """Stays in the inbox until somebody replays it."""
    db.execute("UPDATE events SET state = 'failed', claimed_at = NULL, last_error = ? WHERE id = ?", (error, event_id))


def replay(db: Connection, event_id: str, *, now: dt.datetime) -> bool:
    """As if it had just come. False for an unknown event, and for one whose payload was forgotten."""
    changed = db.execute(
        """
        UPDATE events SET state = 'received', attempts = 0, next_try_at = ?, claimed_at = NULL
        WHERE id = ? AND next_try_at IS NOT NULL RETURNING id
        """,
        (times.text(now), event_id),
    ).fetchall()
    return bool(changed)


def forget_payloads(db: Connection, *, before: dt.datetime) -> None:
    """Of what was acted on: they name the buyer. Nothing is due any more, which is how a forgotten one is known."""
    db.execute(
        """
        UPDATE events SET payload = '{}', next_try_at = NULL
        WHERE state IN ('done', 'ignored') AND next_try_at < ?
        """,
        (times.text(before),),
    )


def find(db: Connection, event_id: str) -> Summary | None:
    row = db.execute(f"SELECT {SUMMARY} FROM events WHERE id = ?", (event_id,)).fetchone()  # noqa: S608 (a constant)
    return as_struct(row, Summary) if row else None


def failed(db: Connection) -> tuple[Summary, ...]:
    """The oldest first."""
    rows = db.execute(f"SELECT {SUMMARY} FROM events WHERE state = 'failed' ORDER BY received_at")  # noqa: S608
    return tuple(as_struct(row, Summary) for row in rows)


def waiting_since(db: Connection, *, before: dt.datetime) -> bool:
    """Whether an event that nobody has tried waits since then."""
    query = "SELECT 1 FROM events WHERE state = 'received' AND attempts = 0 AND received_at < ? LIMIT 1"
    return db.execute(query, (times.text(before),)).fetchone() is not None


SUMMARY = "id, type, state, attempts, received_at, last_error"
