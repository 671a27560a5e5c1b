"""User names and passwords of podcast apps, by hash; each belongs to a device and is over when that is."""

from sqlite3 import Connection

from msgspec import Struct

from api.store.rows import as_struct


class AppPassword(Struct, frozen=True, kw_only=True):
    """Without `user_name` and `password_hash` the name is the secret, and nobody but its app has it."""

    name_hash: str
    device_id: str
    user_name: str | None = None
    password_hash: str | None = None


def insert(db: Connection, row: AppPassword) -> None:
    db.execute(
        "INSERT INTO app_passwords (name_hash, device_id, user_name, password_hash) VALUES (?, ?, ?, ?)",
        (row.name_hash, row.device_id, row.user_name, row.password_hash),
    )


def find(db: Connection, name_hash: str) -> AppPassword | None:
    row = db.execute("SELECT * FROM app_passwords WHERE name_hash = ?", (name_hash,)).fetchone()
    return as_struct(row, AppPassword) if row else None


def of_device(db: Connection, device_id: str) -> AppPassword | None:
    row = db.execute("SELECT * FROM app_passwords WHERE device_id = ?", (device_id,)).fetchone()
    return as_struct(row, AppPassword) if row else None


def of(db: Connection, account_id: str) -> dict[str, AppPassword]:
    """By device, those not revoked."""
    rows = db.execute(
        """
        SELECT app_passwords.* FROM app_passwords JOIN devices ON devices.id = device_id
        WHERE account_id = ? AND revoked_at IS NULL
        """,
        (account_id,),
    )
    return {row["device_id"]: as_struct(row, AppPassword) for row in rows}
