"""Codes that were sent by mail, as hashes. Each belongs to the one browser that asked for it."""

import datetime as dt
from sqlite3 import Connection
from typing import Any

from msgspec import Struct

from api import times
from api.store.rows import as_struct


class MailCode(Struct, frozen=True, kw_only=True):
    """`payload` is what confirming it will do; `email_canonical` the address it went to."""

    id: str
    email_canonical: str
    purpose: str
    code_hash: str
    salt: str
    binding_hash: str
    payload: dict[str, Any]
    attempts: int = 0
    created_at: dt.datetime
    expires_at: dt.datetime
    used_at: dt.datetime | None = None


def insert(db: Connection, code: MailCode, *, payload_json: str) -> None:
    db.execute(
        """
        INSERT INTO sign_in_codes
            (id, email_canonical, purpose, code_hash, salt, binding_hash, payload, created_at, expires_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
        (
            code.id,
            code.email_canonical,
            code.purpose,
            code.code_hash,
            code.salt,
            code.binding_hash,
            payload_json,
            times.text(code.created_at),
            times.text(code.expires_at),
        ),
    )


def newest(db: Connection, *, binding_hash: str, purpose: str) -> MailCode | None:
    """The last one that this browser asked for, also when it is used or too old."""
    row = db.execute(
        """
        SELECT * FROM sign_in_codes WHERE binding_hash = ? AND purpose = ? ORDER BY created_at DESC, id LIMIT 1
        """,
        (binding_hash, purpose),
    ).fetchone()
    return as_struct(row, MailCode, json_columns=("payload",)) if row else None


def count_attempt(db: Connection, id: str, *, attempts_max: int) -> bool:
    """False when it was tried too often."""
    counted = db.execute(
        "UPDATE sign_in_codes SET attempts = attempts + 1 WHERE id = ? AND attempts < ? RETURNING id",
        (id, attempts_max),
    )
    return bool(counted.fetchall())


def use(db: Connection, id: str, *, now: dt.datetime) -> bool:
    """False when somebody else has just used it."""
    used = db.execute(
        "UPDATE sign_in_codes SET used_at = ? WHERE id = ? AND used_at IS NULL AND expires_at > ? RETURNING id",
        (times.text(now), id, times.text(now)),
    )
    return bool(used.fetchall())


def forget(db: Connection, *, email_canonical: str) -> None:
    db.execute("DELETE FROM sign_in_codes WHERE email_canonical = ?", (email_canonical,))


def forget_older(db: Connection, *, than: dt.datetime) -> None:
    db.execute("DELETE FROM sign_in_codes WHERE expires_at < ?", (times.text(than),))
