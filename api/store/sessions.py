"""Browsers that are signed in, by the hash of their token."""

import datetime as dt
from sqlite3 import Connection

from api import times
from api.model import Account, Session
from api.store.rows import as_struct


def find_valid(db: Connection, id_hash: str, *, now: dt.datetime) -> tuple[Account, Session] | None:
    """The session and its account, unless one of them has ended."""
    session = db.execute(
        "SELECT * FROM sessions WHERE id_hash = ? AND revoked_at IS NULL AND expires_at > ?",
        (id_hash, times.text(now)),
    ).fetchone()
    if session is None:
        return None
    account = db.execute(
        "SELECT * FROM accounts WHERE id = ? AND deleted_at IS NULL AND merged_into IS NULL", (session["account_id"],)
    ).fetchone()
    return (as_struct(account, Account), as_struct(session, Session)) if account else None
