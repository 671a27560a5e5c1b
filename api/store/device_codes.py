"""Apps on devices without a browser, waiting for somebody to say yes elsewhere; by hashes of both of their codes."""

import datetime as dt
import json
from sqlite3 import Connection

from msgspec import Struct

from api import times
from api.store.rows import as_struct


class DeviceCode(Struct, frozen=True, kw_only=True):
    """`hash` is that of the app's long code, `user_code_hash` of the short one a person types. `account_id`: who has decided."""

    hash: str
    user_code_hash: str
    name: str
    scopes: tuple[str, ...]
    created_at: dt.datetime
    expires_at: dt.datetime
    polled_at: dt.datetime | None = None
    account_id: str | None = None
    allowed: bool = False
    used_at: dt.datetime | None = None


def insert(db: Connection, code: DeviceCode) -> None:
    db.execute(
        """
        INSERT INTO device_codes (hash, user_code_hash, name, scopes, created_at, expires_at, allowed)
        VALUES (?, ?, ?, ?, ?, ?, 0)
        """,
        (
            code.hash,
            code.user_code_hash,
            code.name,
            json.dumps(code.scopes),
            times.text(code.created_at),
            times.text(code.expires_at),
        ),
    )


def find(db: Connection, hash: str) -> DeviceCode | None:
    return _one(db, "hash", hash)


def find_typed(db: Connection, user_code_hash: str) -> DeviceCode | None:
    return _one(db, "user_code_hash", user_code_hash)


def note_poll(db: Connection, hash: str, *, now: dt.datetime) -> None:
    db.execute("UPDATE device_codes SET polled_at = ? WHERE hash = ?", (times.text(now), hash))


def decide(db: Connection, hash: str, *, account_id: str, allowed: bool) -> None:
    db.execute("UPDATE device_codes SET account_id = ?, allowed = ? WHERE hash = ?", (account_id, allowed, hash))


def use(db: Connection, hash: str, *, now: dt.datetime) -> None:
    db.execute("UPDATE device_codes SET used_at = ? WHERE hash = ?", (times.text(now), hash))


def forget_older(db: Connection, *, than: dt.datetime) -> None:
    db.execute("DELETE FROM device_codes WHERE expires_at < ?", (times.text(than),))


def delete_all(db: Connection, account_id: str) -> None:
    """Those that the account has decided about."""
    db.execute("DELETE FROM device_codes WHERE account_id = ?", (account_id,))


def _one(db: Connection, column: str, value: str) -> DeviceCode | None:
    row = db.execute(f"SELECT * FROM device_codes WHERE {column} = ?", (value,)).fetchone()  # noqa: S608 (one of two words)
    return as_struct(row, DeviceCode, json_columns=("scopes",)) if row else None
