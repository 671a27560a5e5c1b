"""Every product that was ever on sale, so that an old purchase keeps its meaning when the catalogue has moved on."""

import json
from collections.abc import Iterable, Mapping
from sqlite3 import Connection
from typing import Any

from msgspec import Struct


class Product(Struct, frozen=True, kw_only=True):
    """`data` is what the catalogue last said of it; times are texts."""

    id: str
    kind: str
    title: str
    data: Mapping[str, Any]
    first_seen: str
    last_seen: str


def keep(db: Connection, id: str, *, kind: str, title: str, data: str, seen: str) -> None:
    """Adds the product, or notes what is now said of it. `data` is JSON."""
    db.execute(
        """
        INSERT INTO products (id, kind, title, data, first_seen, last_seen) VALUES (?, ?, ?, ?, ?, ?)
        ON CONFLICT (id) DO UPDATE SET
            kind = excluded.kind, title = excluded.title, data = excluded.data, last_seen = excluded.last_seen
        """,
        (id, kind, title, data, seen, seen),
    )


def keep_courses(db: Connection, bundle_id: str, course_ids: Iterable[str], *, seen: str) -> None:
    """Notes of each course when the bundle first held it."""
    db.executemany(
        "INSERT INTO bundle_courses (bundle_id, course_id, first_seen) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        [(bundle_id, course_id, seen) for course_id in course_ids],
    )


def added_to(db: Connection, bundle_id: str, *, since: str) -> list[str]:
    """The courses that a bundle has come to hold since then, also those that it holds no more."""
    rows = db.execute(
        "SELECT course_id FROM bundle_courses WHERE bundle_id = ? AND first_seen >= ? ORDER BY first_seen, course_id",
        (bundle_id, since),
    )
    return [row[0] for row in rows]


def find(db: Connection, id: str) -> Product | None:
    row = db.execute("SELECT * FROM products WHERE id = ?", (id,)).fetchone()
    return Product(**{**dict(row), "data": json.loads(row["data"])}) if row else None
