"""Everything that sync.sqlite holds about one person, read to be given away or taken out. Knows every table that names somebody."""

import json
from sqlite3 import Connection
from typing import Any

# By the name it has in the file that a person takes away. Texts that are JSON are given as what they say.
MINE = {
    "lectures": """
        SELECT lecture_id, position_seconds, position_at, total_seconds, watched, completed_at, reset_at, stamp
        FROM progress WHERE account_id = ? ORDER BY lecture_id
    """,
    "kept": "SELECT kind, entity, data, at, stamp FROM kept WHERE account_id = ? ORDER BY kind, entity",
    "told_rights": "SELECT course_id, data, at, stamp FROM told_rights WHERE account_id = ? ORDER BY course_id",
    "answered_changes": "SELECT id, outcome, stamp FROM answered WHERE account_id = ? ORDER BY id",
}
JSON_COLUMNS = ("data", "watched")
TABLES = ("progress", "kept", "told_rights", "answered", "stamps")


def everything(db: Connection, account_id: str) -> dict[str, list[dict[str, Any]]]:
    """By name; nobody else's."""
    return {name: [_plain(dict(row)) for row in db.execute(query, (account_id,))] for name, query in MINE.items()}


def has_any(db: Connection, account_id: str) -> bool:
    """Whether anything is kept for the account: whoever stores something takes a stamp first."""
    return db.execute("SELECT 1 FROM stamps WHERE account_id = ?", (account_id,)).fetchone() is not None


def forget(db: Connection, account_id: str) -> None:
    for table in TABLES:
        db.execute(f"DELETE FROM {table} WHERE account_id = ?", (account_id,))  # noqa: S608 (our own names)


def move_answers(db: Connection, source_id: str, *, target_id: str) -> None:
    """So that what an app of the first sends again is known to the second."""
    db.execute("UPDATE OR IGNORE answered SET account_id = ? WHERE account_id = ?", (target_id, source_id))


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: json.loads(value) if name in JSON_COLUMNS and value else value for name, value in row.items()}
