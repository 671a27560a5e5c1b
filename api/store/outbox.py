"""Mails to be sent and mails that were, in the table `outbox`. Knows no relay and no template.

A row is written in the transaction of what it tells about, under a key that names the occasion: a second time is no second mail.
"""

import datetime as dt
import sqlite3
from typing import Any

import msgspec
from msgspec import Struct

from api import ids, times

NEVER = dt.datetime(9999, 12, 31, tzinfo=dt.UTC)
LAST_MAIL = "account_erased"  # its recipient is a stranger once it has left


class Waiting(Struct, frozen=True, kw_only=True):
    """A claimed row. After `expires_at` nobody wants it any more."""

    id: str
    kind: str
    recipient: str
    payload: dict[str, Any]
    created_at: dt.datetime
    expires_at: dt.datetime | None
    attempts: int


def add(
    db: sqlite3.Connection,
    *,
    key: str,
    kind: str,
    recipient: str,
    payload: dict[str, Any],
    now: dt.datetime,
    account_id: str | None = None,
    send_at: dt.datetime | None = None,
    expires_at: dt.datetime | None = None,
) -> bool:
    """False when the occasion `key` has its mail already. With `expires_at` the payload, perhaps secret, is forgotten once sent.

    `account_id` is whom it is about, so that it can be told them and forgotten with them.
    """
    added = db.execute(
        """
        INSERT INTO outbox (id, key, kind, recipient, account_id, payload, created_at, next_try_at, expires_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING RETURNING id
        """,
        (
            ids.new("out"),
            key,
            kind,
            recipient,
            account_id,
            msgspec.json.encode(payload).decode(),
            times.text(now),
            times.text(send_at or now),
            times.text(expires_at) if expires_at else None,
        ),
    ).fetchall()
    return bool(added)


def newest(db: sqlite3.Connection, *, prefix: str) -> sqlite3.Row | None:
    """The last mail whose key begins so."""
    row: sqlite3.Row | None = db.execute(
        "SELECT * FROM outbox WHERE substr(key, 1, ?) = ? ORDER BY created_at DESC LIMIT 1", (len(prefix), prefix)
    ).fetchone()
    return row


def payload_of(row: sqlite3.Row) -> dict[str, Any]:
    return msgspec.json.decode(row["payload"], type=dict[str, Any])


def claim(db: sqlite3.Connection, *, now: dt.datetime, lease: dt.timedelta, limit: int) -> list[Waiting]:
    """The oldest rows that are due; nobody else gets them for the time of `lease`, nor this process again if it dies."""
    rows = db.execute(
        """
        UPDATE outbox SET next_try_at = ?, attempts = attempts + 1
        WHERE id IN (SELECT id FROM outbox WHERE sent_at IS NULL AND next_try_at <= ? ORDER BY next_try_at LIMIT ?)
        RETURNING id, kind, recipient, payload, created_at, expires_at, attempts
        """,
        (times.text(now + lease), times.text(now), limit),
    ).fetchall()
    return sorted(map(_waiting, rows), key=lambda row: (row.created_at, row.id))


def is_due(db: sqlite3.Connection, *, now: dt.datetime) -> bool:
    """Whether `claim` would find something; cheap enough to ask every second."""
    found = db.execute("SELECT 1 FROM outbox WHERE sent_at IS NULL AND next_try_at <= ? LIMIT 1", (times.text(now),))
    return found.fetchone() is not None


def mark_sent(db: sqlite3.Connection, id: str, *, now: dt.datetime) -> None:
    db.execute(
        """
        UPDATE outbox SET sent_at = ?, last_error = NULL,
            payload = CASE WHEN expires_at IS NULL THEN payload ELSE '{}' END,
            recipient = CASE kind WHEN ? THEN '' ELSE recipient END
        WHERE id = ?
        """,
        (times.text(now), LAST_MAIL, id),
    )


def put_off(db: sqlite3.Connection, id: str, *, until: dt.datetime, error: str) -> None:
    db.execute("UPDATE outbox SET next_try_at = ?, last_error = ? WHERE id = ?", (times.text(until), error, id))


def give_up(db: sqlite3.Connection, id: str, *, error: str) -> None:
    """Kept, without what may be secret, for the operator: `sent_at` stays empty and it is never due again."""
    db.execute(
        """
        UPDATE outbox SET next_try_at = ?, last_error = ?,
            payload = CASE WHEN expires_at IS NULL THEN payload ELSE '{}' END,
            recipient = CASE kind WHEN ? THEN '' ELSE recipient END
        WHERE id = ?
        """,
        (times.text(NEVER), error, LAST_MAIL, id),
    )


def forget_perished(db: sqlite3.Connection, *, before: dt.datetime) -> None:
    """Codes of long ago, sent or not: nothing asks for them any more."""
    db.execute("DELETE FROM outbox WHERE expires_at < ?", (times.text(before),))


def _waiting(row: sqlite3.Row) -> Waiting:
    return Waiting(
        id=row["id"],
        kind=row["kind"],
        recipient=row["recipient"],
        payload=msgspec.json.decode(row["payload"], type=dict[str, Any]),
        created_at=times.parsed(row["created_at"]),
        expires_at=times.parsed(row["expires_at"]) if row["expires_at"] else None,
        attempts=row["attempts"],
    )
