"""Browsers that are signed in, by the hash of their token."""

import datetime as dt
from sqlite3 import Connection

import msgspec

from api import times
from api.model import Account, Session
from api.store.rows import as_struct

SESSION, ACCOUNT = Session.__struct_fields__, Account.__struct_fields__
# Asked for by every request of a signed-in browser, so in one statement.
FIND_VALID = f"""
    SELECT {", ".join(f"sessions.{name}" for name in SESSION)}, {", ".join(f"accounts.{name}" for name in ACCOUNT)}
    FROM sessions JOIN accounts ON accounts.id = sessions.account_id
    WHERE sessions.id_hash = ? AND sessions.revoked_at IS NULL AND sessions.expires_at > ? AND sessions.seen_at > ?
        AND accounts.deleted_at IS NULL AND accounts.merged_into IS NULL
"""  # noqa: S608 (names of our structs)


def find_valid(
    db: Connection, id_hash: str, *, now: dt.datetime, seen_after: dt.datetime
) -> tuple[Account, Session] | None:
    """The session and its account, unless one of them has ended or the session was not seen for too long."""
    row = db.execute(FIND_VALID, (id_hash, times.text(now), times.text(seen_after))).fetchone()
    if row is None:
        return None
    session, account = row[: len(SESSION)], row[len(SESSION) :]  # slices of a Row are tuples
    return (
        msgspec.convert(dict(zip(ACCOUNT, account, strict=True)), Account, strict=False),
        msgspec.convert(dict(zip(SESSION, session, strict=True)), Session, strict=False),
    )


def find(db: Connection, id: str) -> Session | None:
    row = db.execute("SELECT * FROM sessions WHERE id = ?", (id,)).fetchone()
    return as_struct(row, Session) if row else None


def valid_of(db: Connection, account_id: str, *, now: dt.datetime, seen_after: dt.datetime) -> list[Session]:
    """The one seen last comes first."""
    rows = db.execute(
        """
        SELECT * FROM sessions WHERE account_id = ? AND revoked_at IS NULL AND expires_at > ? AND seen_at > ?
        ORDER BY seen_at DESC, id
        """,
        (account_id, times.text(now), times.text(seen_after)),
    )
    return [as_struct(row, Session) for row in rows]


def all_of(db: Connection, account_id: str) -> list[Session]:
    """Also those that have ended, as long as they are remembered."""
    rows = db.execute("SELECT * FROM sessions WHERE account_id = ? ORDER BY created_at, id", (account_id,))
    return [as_struct(row, Session) for row in rows]


def insert(db: Connection, session: Session) -> None:
    db.execute(
        """
        INSERT INTO sessions
            (id_hash, id, account_id, created_at, seen_at, expires_at, fresh_until, user_agent_label, address_prefix)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
        (
            session.id_hash,
            session.id,
            session.account_id,
            times.text(session.created_at),
            times.text(session.seen_at),
            times.text(session.expires_at),
            times.text(session.fresh_until),
            session.user_agent_label,
            session.address_prefix,
        ),
    )


def touch(db: Connection, id_hash: str, *, now: dt.datetime) -> None:
    db.execute(
        "UPDATE sessions SET seen_at = ? WHERE id_hash = ? AND seen_at < ?", (times.text(now), id_hash, times.text(now))
    )


def revoke(db: Connection, id: str, *, now: dt.datetime) -> None:
    db.execute("UPDATE sessions SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL", (times.text(now), id))


def revoke_all(db: Connection, account_id: str, *, now: dt.datetime, but: str = "") -> int:
    """Ends every session of the account except the one of id `but`; how many there were."""
    ended = db.execute(
        "UPDATE sessions SET revoked_at = ? WHERE account_id = ? AND revoked_at IS NULL AND id <> ? RETURNING id",
        (times.text(now), account_id, but),
    )
    return len(ended.fetchall())


def delete_all(db: Connection, account_id: str) -> None:
    db.execute("DELETE FROM sessions WHERE account_id = ?", (account_id,))


def forget_older(db: Connection, *, than: dt.datetime) -> None:
    """Those that ended before."""
    db.execute("DELETE FROM sessions WHERE revoked_at < ? OR expires_at < ?", (times.text(than), times.text(than)))
