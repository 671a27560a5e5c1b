"""How often something was tried in a stretch of time, by a key that names nobody in the clear."""

import datetime as dt
from sqlite3 import Connection

from api import times


def count(db: Connection, key: str, *, window_start: dt.datetime) -> int:
    """Counts one more and returns how many that makes."""
    counted = db.execute(
        """
        INSERT INTO attempts (key, window_start, count) VALUES (?, ?, 1)
        ON CONFLICT (key, window_start) DO UPDATE SET count = attempts.count + 1 RETURNING count
        """,
        (key, times.text(window_start)),
    ).fetchall()
    return int(counted[0]["count"])


def counted(db: Connection, key: str, *, window_start: dt.datetime) -> int:
    """How many there are so far."""
    found = db.execute(
        "SELECT count FROM attempts WHERE key = ? AND window_start = ?", (key, times.text(window_start))
    ).fetchone()
    return int(found["count"]) if found else 0


def forget_older(db: Connection, *, than: dt.datetime) -> None:
    db.execute("DELETE FROM attempts WHERE window_start < ?", (times.text(than),))
