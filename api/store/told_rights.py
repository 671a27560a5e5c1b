"""Which courses an account's apps were told to be open, a row a course; what was closed since stays, so that it can be told too."""

from sqlite3 import Connection, Row
from typing import Any

import msgspec
from msgspec import Struct


class ToldRight(Struct, frozen=True, kw_only=True):
    """`data` None: it is not open any more. `at` in milliseconds since 1970."""

    course_id: str
    data: dict[str, Any] | None
    at: int
    stamp: int


def of(db: Connection, account_id: str, *, after: int = 0) -> list[ToldRight]:
    """What was written with a later stamp than `after`, by stamp."""
    rows = db.execute(
        "SELECT course_id, data, at, stamp FROM told_rights WHERE account_id = ? AND stamp > ? ORDER BY stamp, course_id",
        (account_id, after),
    )
    return [_right(row) for row in rows]


def put(db: Connection, account_id: str, right: ToldRight) -> None:
    data = None if right.data is None else msgspec.json.encode(right.data).decode()
    db.execute(
        """
        INSERT INTO told_rights (account_id, course_id, data, at, stamp) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (account_id, course_id) DO UPDATE SET data = excluded.data, at = excluded.at, stamp = excluded.stamp
        """,
        (account_id, right.course_id, data, right.at, right.stamp),
    )


def _right(row: Row) -> ToldRight:
    columns = dict(row)
    columns["data"] = None if row["data"] is None else msgspec.json.decode(row["data"])
    return ToldRight(**columns)
