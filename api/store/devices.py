"""Apps that hold tokens, their tokens by hash, and the one-minute codes they get them for."""

import datetime as dt
import json
from collections.abc import Iterable
from sqlite3 import Connection

from msgspec import Struct

from api import times
from api.model import Device
from api.store.rows import as_struct


class Token(Struct, frozen=True, kw_only=True):
    """`parent_hash` is the refresh token it was got for; with `successor_salt` and that token its answer can be said again."""

    hash: str
    device_id: str
    kind: str
    family: str
    parent_hash: str | None = None
    successor_salt: str | None = None
    created_at: dt.datetime
    expires_at: dt.datetime
    used_at: dt.datetime | None = None
    revoked_at: dt.datetime | None = None


class AuthorizationCode(Struct, frozen=True, kw_only=True):
    """`challenge` is the S256 of what only the asking app knows; `device_id` what it was exchanged for."""

    hash: str
    account_id: str
    client: str
    redirect_uri: str
    challenge: str
    scopes: tuple[str, ...]
    device_id: str | None = None
    expires_at: dt.datetime
    used_at: dt.datetime | None = None


def find(db: Connection, id: str) -> Device | None:
    row = db.execute("SELECT * FROM devices WHERE id = ?", (id,)).fetchone()
    return as_struct(row, Device, json_columns=("scopes",)) if row else None


def of(db: Connection, account_id: str) -> list[Device]:
    """Those not revoked, the newest first."""
    rows = db.execute(
        "SELECT * FROM devices WHERE account_id = ? AND revoked_at IS NULL ORDER BY created_at DESC, id", (account_id,)
    )
    return [as_struct(row, Device, json_columns=("scopes",)) for row in rows]


def ever_of(db: Connection, account_id: str) -> list[Device]:
    """Those revoked too."""
    rows = db.execute("SELECT * FROM devices WHERE account_id = ? ORDER BY created_at DESC, id", (account_id,))
    return [as_struct(row, Device, json_columns=("scopes",)) for row in rows]


def insert(db: Connection, device: Device) -> None:
    db.execute(
        "INSERT INTO devices (id, account_id, name, scopes, created_at, seen_at) VALUES (?, ?, ?, ?, ?, ?)",
        (
            device.id,
            device.account_id,
            device.name,
            json.dumps(device.scopes),
            times.text(device.created_at),
            times.text(device.created_at),
        ),
    )


def touch(db: Connection, id: str, *, now: dt.datetime) -> None:
    db.execute("UPDATE devices SET seen_at = ? WHERE id = ?", (times.text(now), id))


def revoke(db: Connection, id: str, *, now: dt.datetime) -> None:
    """With all its tokens."""
    at = times.text(now)
    db.execute("UPDATE devices SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL", (at, id))
    db.execute("UPDATE tokens SET revoked_at = ? WHERE device_id = ? AND revoked_at IS NULL", (at, id))


def delete_all(db: Connection, account_id: str) -> None:
    mine = "SELECT id FROM devices WHERE account_id = ?"
    db.execute("DELETE FROM authorization_codes WHERE account_id = ?", (account_id,))
    db.execute(f"UPDATE tokens SET parent_hash = NULL WHERE device_id IN ({mine})", (account_id,))  # noqa: S608 (our own text)
    for table in ("tokens", "app_passwords"):
        db.execute(f"DELETE FROM {table} WHERE device_id IN ({mine})", (account_id,))  # noqa: S608 (the same)
    db.execute("DELETE FROM devices WHERE account_id = ?", (account_id,))


def find_token(db: Connection, hash: str) -> Token | None:
    row = db.execute("SELECT * FROM tokens WHERE hash = ?", (hash,)).fetchone()
    return as_struct(row, Token) if row else None


def insert_tokens(db: Connection, tokens: Iterable[Token]) -> None:
    db.executemany(
        """
        INSERT INTO tokens (hash, device_id, kind, family, parent_hash, created_at, expires_at)
        VALUES (?, ?, ?, ?, ?, ?, ?)
        """,
        [
            (
                token.hash,
                token.device_id,
                token.kind,
                token.family,
                token.parent_hash,
                times.text(token.created_at),
                times.text(token.expires_at),
            )
            for token in tokens
        ],
    )


def use_token(db: Connection, hash: str, *, successor_salt: str, now: dt.datetime) -> None:
    db.execute(
        "UPDATE tokens SET used_at = ?, successor_salt = ? WHERE hash = ?", (times.text(now), successor_salt, hash)
    )


def delete_token(db: Connection, hash: str) -> None:
    db.execute("DELETE FROM tokens WHERE hash = ?", (hash,))


def is_successor_used(db: Connection, hash: str) -> bool:
    """Whether the refresh token that was given for this one has been used in its turn."""
    used = db.execute(
        "SELECT 1 FROM tokens WHERE parent_hash = ? AND kind = 'refresh' AND used_at IS NOT NULL", (hash,)
    )
    return used.fetchone() is not None


def forget_salts(db: Connection, *, used_before: dt.datetime) -> None:
    """After the grace nothing can say an answer again."""
    db.execute(
        "UPDATE tokens SET successor_salt = NULL WHERE successor_salt IS NOT NULL AND used_at < ?",
        (times.text(used_before),),
    )


def forget_older(db: Connection, *, than: dt.datetime) -> None:
    """Tokens and authorization codes that ended before; refresh tokens stay as long as their reuse must be noticed."""
    at = times.text(than)
    db.execute("DELETE FROM tokens WHERE kind IN ('access', 'session') AND expires_at < ?", (at,))
    db.execute("DELETE FROM authorization_codes WHERE expires_at < ?", (at,))


def insert_code(db: Connection, code: AuthorizationCode) -> None:
    db.execute(
        """
        INSERT INTO authorization_codes (hash, account_id, client, redirect_uri, challenge, scopes, expires_at)
        VALUES (?, ?, ?, ?, ?, ?, ?)
        """,
        (
            code.hash,
            code.account_id,
            code.client,
            code.redirect_uri,
            code.challenge,
            json.dumps(code.scopes),
            times.text(code.expires_at),
        ),
    )


def delete_codes(db: Connection, account_id: str) -> None:
    """Those not yet exchanged: what they would connect was signed out a moment ago."""
    db.execute("DELETE FROM authorization_codes WHERE account_id = ? AND used_at IS NULL", (account_id,))


def find_code(db: Connection, hash: str) -> AuthorizationCode | None:
    row = db.execute("SELECT * FROM authorization_codes WHERE hash = ?", (hash,)).fetchone()
    return as_struct(row, AuthorizationCode, json_columns=("scopes",)) if row else None


def use_code(db: Connection, hash: str, *, device_id: str | None, now: dt.datetime) -> None:
    db.execute(
        "UPDATE authorization_codes SET used_at = ?, device_id = ? WHERE hash = ?", (times.text(now), device_id, hash)
    )
