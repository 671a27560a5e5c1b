"""What podcast apps keep here for themselves: names and JSON values of an account, a device, a feed or an episode."""

from sqlite3 import Connection
from typing import Any

import msgspec


def of(db: Connection, account_id: str, scope: str, subject: str) -> dict[str, Any]:
    rows = db.execute(
        "SELECT name, value FROM podcast_settings WHERE account_id = ? AND scope = ? AND subject = ? ORDER BY name",
        (account_id, scope, subject),
    )
    return {row[0]: msgspec.json.decode(row[1]) for row in rows}


def put(db: Connection, account_id: str, scope: str, subject: str, values: dict[str, Any]) -> None:
    db.executemany(
        """
        INSERT INTO podcast_settings (account_id, scope, subject, name, value) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (account_id, scope, subject, name) DO UPDATE SET value = excluded.value
        """,
        [(account_id, scope, subject, name, msgspec.json.encode(value).decode()) for name, value in values.items()],
    )


def delete(db: Connection, account_id: str, scope: str, subject: str, names: list[str]) -> None:
    db.executemany(
        "DELETE FROM podcast_settings WHERE account_id = ? AND scope = ? AND subject = ? AND name = ?",
        [(account_id, scope, subject, name) for name in names],
    )


def count(db: Connection, account_id: str) -> int:
    query = "SELECT count(*) FROM podcast_settings WHERE account_id = ?"
    return int(db.execute(query, (account_id,)).fetchone()[0])
