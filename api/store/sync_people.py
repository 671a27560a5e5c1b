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
    "podcasts": "SELECT id, url, state, changed_at, stamp FROM podcasts WHERE account_id = ? ORDER BY id",
    "episodes": """
        SELECT id, podcast_id, number, guid, url, started, position, total, position_at, played, played_at, stamp
        FROM episodes WHERE account_id = ? ORDER BY id
    """,
    "reports": """
        SELECT episode_id, credential, name AS device, kind, sent_at, at, actions.started, actions.position, actions.total,
            actions.played, won, actions.stamp, more
        FROM episodes JOIN actions ON actions.episode_id = episodes.id
        LEFT JOIN sync_clients ON sync_clients.id = actions.client_id
        WHERE episodes.account_id = ? ORDER BY actions.stamp, at
    """,
    "podcast_devices": "SELECT name, caption, type, group_name FROM podcast_devices WHERE account_id = ? ORDER BY name",
    "podcast_settings": """
        SELECT scope, subject, name, value FROM podcast_settings WHERE account_id = ? ORDER BY scope, subject, name
    """,
    "given_links": """
        SELECT holder, lecture_id, given, ends FROM given_links WHERE account_id = ? ORDER BY given, holder, lecture_id
    """,
    "answered_changes": "SELECT id, outcome, stamp FROM answered WHERE account_id = ? ORDER BY id",
}
JSON_COLUMNS = ("data", "watched", "more", "value")
# Every table with an account's id, what points to others first.
TABLES = (
    *(
        "given_links",
        "answered",
        "told_rights",
        "kept",
        "progress",
        "podcast_settings",
        "podcast_devices",
        "episode_keys",
        "episodes",
    ),
    *("podcasts", "sync_clients", "stamps"),
)


def everything(db: Connection, account_id: str) -> dict[str, list[dict[str, Any]]]:
    """By name; nobody else's."""
    return {name: [_plain(dict(row)) for row in db.execute(query, (account_id,))] for name, query in MINE.items()}


def has_any(db: Connection, account_id: str) -> bool:
    """Whether anything is kept for the account."""
    queries = (f"SELECT 1 FROM {table} WHERE account_id = ?" for table in TABLES)  # noqa: S608 (our own names)
    return any(db.execute(query, (account_id,)).fetchone() for query in queries)


def forget(db: Connection, account_id: str) -> None:
    for table in TABLES:
        db.execute(f"DELETE FROM {table} WHERE account_id = ?", (account_id,))  # noqa: S608 (our own names)


def move_plain(db: Connection, source_id: str, *, target_id: str) -> None:
    """What needs no merging; of two of one name the second account's stays.

    Answers, so that what an app of the first sends again is known to the second.
    """
    for table in ("answered", "given_links", "podcast_devices", "podcast_settings", "sync_clients"):
        db.execute(f"UPDATE OR IGNORE {table} SET account_id = ? WHERE account_id = ?", (target_id, source_id))  # noqa: S608 (our own names)


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: json.loads(value) if name in JSON_COLUMNS and value else value for name, value in row.items()}
