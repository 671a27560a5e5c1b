"""Customers at the payment provider, each with whom it is of: an account may have several. Asks nobody.

A guest's checkout makes one every time and a changed address another, so the one that an account uses now is not all there are.
"""

import datetime as dt
from sqlite3 import Connection

from msgspec import Struct

from api import times


class Leaving(Struct, frozen=True):
    """A customer that is to be erased, and how often that was tried."""

    stripe_id: str
    account_id: str
    attempts: int


def note(db: Connection, stripe_id: str, account_id: str, *, now: dt.datetime) -> None:
    """Whoever pays with it last has it, unless it is to be erased."""
    db.execute(
        """
        INSERT INTO customers (stripe_id, account_id, noted_at) VALUES (?, ?, ?)
        ON CONFLICT (stripe_id) DO UPDATE SET account_id = excluded.account_id WHERE customers.next_try_at IS NULL
        """,
        (stripe_id, account_id, times.text(now)),
    )


def move(db: Connection, source_id: str, *, target_id: str) -> None:
    db.execute("UPDATE customers SET account_id = ? WHERE account_id = ?", (target_id, source_id))


def let_go(db: Connection, account_id: str, *, now: dt.datetime) -> None:
    """All of an account are to be erased, but what another's living account uses."""
    db.execute(
        """
        UPDATE customers SET next_try_at = :now WHERE erased_at IS NULL AND next_try_at IS NULL
            AND (account_id = :id OR stripe_id = (SELECT stripe_customer FROM accounts WHERE id = :id))
            AND stripe_id NOT IN (
                SELECT stripe_customer FROM accounts
                WHERE stripe_customer IS NOT NULL AND id <> :id AND deleted_at IS NULL
            )
        """,
        {"id": account_id, "now": times.text(now)},
    )


def due(db: Connection, *, now: dt.datetime, limit: int) -> list[Leaving]:
    rows = db.execute(
        """
        SELECT stripe_id, account_id, attempts FROM customers WHERE erased_at IS NULL AND next_try_at <= ?
        ORDER BY next_try_at, stripe_id LIMIT ?
        """,
        (times.text(now), limit),
    )
    return [Leaving(*row) for row in rows]


def mark_erased(db: Connection, stripe_id: str, *, now: dt.datetime) -> None:
    db.execute(
        "UPDATE customers SET erased_at = ?, last_error = NULL WHERE stripe_id = ?", (times.text(now), stripe_id)
    )


def put_off(db: Connection, stripe_id: str, *, until: dt.datetime, error: str) -> None:
    db.execute(
        "UPDATE customers SET next_try_at = ?, attempts = attempts + 1, last_error = ? WHERE stripe_id = ?",
        (times.text(until), error, stripe_id),
    )


def waiting(db: Connection) -> tuple[int, str | None]:
    """How many are to be erased, and why the one that was tried most often still is not."""
    rows = db.execute(
        "SELECT last_error FROM customers WHERE erased_at IS NULL AND next_try_at IS NOT NULL ORDER BY attempts DESC"
    ).fetchall()
    return len(rows), rows[0][0] if rows else None
