"""What was changed, when and by whom. Rows are only ever added."""

import datetime as dt
import json
from sqlite3 import Connection, Row
from typing import Any

from api import times


def add(db: Connection, action: str, subject: str, *, actor: str, now: dt.datetime, **details: Any) -> None:
    """`action` as 'order.paid', `subject` the id of what was changed, `actor` as 'stripe', 'operator' or an account's id."""
    db.execute(
        "INSERT INTO audit (at, actor, action, subject, details) VALUES (?, ?, ?, ?, ?)",
        (times.text(now), actor, action, subject, json.dumps(details, default=str)),
    )


def of(db: Connection, subject: str) -> list[Row]:
    """In the order they were written: several can share a millisecond."""
    return db.execute("SELECT * FROM audit WHERE subject = ? ORDER BY number", (subject,)).fetchall()
