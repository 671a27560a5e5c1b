"""Passkeys by id and by credential, and the challenges that were given out for them."""

import datetime as dt
import json
from sqlite3 import Connection

from msgspec import Struct

from api import times
from api.model import Passkey
from api.store.rows import as_struct


class Challenge(Struct, frozen=True, kw_only=True):
    """`id_hash` is the SHA-256 of the challenge; `account_id` is whose passkey it will register, None for signing in."""

    id_hash: str
    kind: str
    account_id: str | None
    challenge: bytes
    expires_at: dt.datetime
    used_at: dt.datetime | None = None


def find(db: Connection, id: str) -> Passkey | None:
    return _one(db, "SELECT * FROM passkeys WHERE id = ?", id)


def find_by_credential(db: Connection, credential_id: bytes) -> Passkey | None:
    """Also a revoked one."""
    return _one(db, "SELECT * FROM passkeys WHERE credential_id = ?", credential_id)


def of(db: Connection, account_id: str) -> list[Passkey]:
    """Those not revoked, the oldest first."""
    rows = db.execute(
        "SELECT * FROM passkeys WHERE account_id = ? AND revoked_at IS NULL ORDER BY created_at, id", (account_id,)
    )
    return [as_struct(row, Passkey, json_columns=("transports",)) for row in rows]


def insert(db: Connection, passkey: Passkey) -> None:
    db.execute(
        """
        INSERT INTO passkeys (id, account_id, credential_id, public_key, sign_count, transports, name, created_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        """,
        (
            passkey.id,
            passkey.account_id,
            passkey.credential_id,
            passkey.public_key,
            passkey.sign_count,
            json.dumps(passkey.transports),
            passkey.name,
            times.text(passkey.created_at),
        ),
    )


def note_use(db: Connection, id: str, *, sign_count: int, now: dt.datetime) -> None:
    db.execute("UPDATE passkeys SET sign_count = ?, used_at = ? WHERE id = ?", (sign_count, times.text(now), id))


def rename(db: Connection, id: str, *, name: str) -> None:
    db.execute("UPDATE passkeys SET name = ? WHERE id = ?", (name, id))


def revoke(db: Connection, id: str, *, now: dt.datetime) -> None:
    db.execute("UPDATE passkeys SET revoked_at = ? WHERE id = ?", (times.text(now), id))


def delete_all(db: Connection, account_id: str) -> None:
    db.execute("DELETE FROM passkeys WHERE account_id = ?", (account_id,))
    db.execute("DELETE FROM challenges WHERE account_id = ?", (account_id,))


def insert_challenge(db: Connection, challenge: Challenge) -> None:
    db.execute(
        "INSERT INTO challenges (id_hash, kind, account_id, challenge, expires_at) VALUES (?, ?, ?, ?, ?)",
        (
            challenge.id_hash,
            challenge.kind,
            challenge.account_id,
            challenge.challenge,
            times.text(challenge.expires_at),
        ),
    )


def use_challenge(
    db: Connection, id_hash: str, *, kind: str, account_id: str | None, now: dt.datetime
) -> Challenge | None:
    """None for one that was never given out for this, is too old or was used."""
    rows = db.execute(
        """
        UPDATE challenges SET used_at = ?
        WHERE id_hash = ? AND kind = ? AND used_at IS NULL AND expires_at > ? AND account_id IS NOT DISTINCT FROM ?
        RETURNING *
        """,
        (times.text(now), id_hash, kind, times.text(now), account_id),
    ).fetchall()
    return as_struct(rows[0], Challenge) if rows else None


def forget_challenges(db: Connection, *, before: dt.datetime) -> None:
    db.execute("DELETE FROM challenges WHERE expires_at < ?", (times.text(before),))


def _one(db: Connection, query: str, key: str | bytes) -> Passkey | None:
    row = db.execute(query, (key,)).fetchone()
    return as_struct(row, Passkey, json_columns=("transports",)) if row else None
