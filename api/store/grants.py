"""Rights of accounts to products. A row is never deleted; whether a right counts now is asked by time."""

import datetime as dt
from sqlite3 import Connection

from msgspec import Struct

from api import times
from api.model import Grant
from api.store.rows import as_columns, as_struct

VALID = "revoked_at IS NULL AND hold_at IS NULL AND valid_from <= :now AND (valid_until IS NULL OR valid_until > :now)"


class Right(Struct, frozen=True):
    """A grant as access asks for it."""

    product_id: str
    source: str
    valid_from: str
    source_line: str | None


class Promise(Struct, frozen=True):
    """Later courses: every one with `all_courses`, else what is added to the bundle after `since`."""

    all_courses: bool
    since: str


def add(db: Connection, grant: Grant) -> bool:
    """False when the line has opened the product to the account already."""
    added = db.execute(
        """
        INSERT INTO grants (
            id, account_id, product_id, source_line, source, valid_from, valid_until, hold_at, revoked_at, reason, created_at
        ) VALUES (
            :id, :account_id, :product_id, :source_line, :source, :valid_from, :valid_until, :hold_at, :revoked_at,
            :reason, :created_at
        ) ON CONFLICT DO NOTHING RETURNING id
        """,
        as_columns(grant),
    ).fetchall()
    return bool(added)


def rights(db: Connection, account_id: str, *, now: dt.datetime) -> list[Right]:
    """What an account may now use, the oldest right first."""
    rows = db.execute(
        f"""
        SELECT product_id, source, valid_from, source_line FROM grants WHERE account_id = :account AND {VALID}
        ORDER BY valid_from, id
        """,  # noqa: S608 (a constant of ours)
        {"account": account_id, "now": times.text(now)},
    )
    return [Right(*row) for row in rows]


def kept(db: Connection, account_id: str) -> list[Right]:
    """What an account was given and nobody took away, also what has run out by now."""
    rows = db.execute(
        """
        SELECT product_id, source, valid_from, source_line FROM grants
        WHERE account_id = ? AND revoked_at IS NULL AND hold_at IS NULL ORDER BY valid_from, id
        """,
        (account_id,),
    )
    return [Right(*row) for row in rows]


def next_change(db: Connection, account_id: str, *, now: dt.datetime) -> dt.datetime:
    """When, by the clock alone, `rights` will give something else: a right begins or ends then. The end of time when none does."""
    row = db.execute(
        """
        SELECT MIN(at) FROM (
            SELECT valid_from AS at FROM grants WHERE account_id = :account
            UNION ALL SELECT valid_until FROM grants WHERE account_id = :account
        ) WHERE at > :now
        """,
        {"account": account_id, "now": times.text(now)},
    ).fetchone()
    return times.parsed(row[0]) if row[0] else dt.datetime.max.replace(tzinfo=dt.UTC)


def promise(db: Connection, line_id: str) -> Promise | None:
    """What the line that was paid said of later courses; None when it said nothing."""
    row = db.execute(
        """
        SELECT all_courses, orders.created_at FROM order_lines JOIN orders ON orders.id = order_id
        WHERE order_lines.id = ? AND include_future = 1
        """,
        (line_id,),
    ).fetchone()
    return Promise(bool(row[0]), row[1]) if row else None


def of_account(db: Connection, account_id: str) -> tuple[Grant, ...]:
    """All there ever were, the oldest first."""
    rows = db.execute("SELECT * FROM grants WHERE account_id = ? ORDER BY created_at, id", (account_id,))
    return tuple(as_struct(row, Grant) for row in rows)


def of_line(db: Connection, line_id: str) -> tuple[Grant, ...]:
    rows = db.execute("SELECT * FROM grants WHERE source_line = ? ORDER BY created_at, id", (line_id,))
    return tuple(as_struct(row, Grant) for row in rows)


def revoke(db: Connection, grant_id: str, *, reason: str, now: dt.datetime) -> bool:
    """False when it is revoked already."""
    changed = db.execute(
        "UPDATE grants SET revoked_at = ?, reason = ? WHERE id = ? AND revoked_at IS NULL RETURNING id",
        (times.text(now), reason, grant_id),
    ).fetchall()
    return bool(changed)


def restore(db: Connection, grant_id: str, *, reason: str) -> bool:
    """False when it was not revoked."""
    changed = db.execute(
        "UPDATE grants SET revoked_at = NULL, reason = ? WHERE id = ? AND revoked_at IS NOT NULL RETURNING id",
        (reason, grant_id),
    ).fetchall()
    return bool(changed)


def move(db: Connection, grant_id: str, *, account_id: str) -> None:
    db.execute("UPDATE grants SET account_id = ? WHERE id = ?", (account_id, grant_id))
