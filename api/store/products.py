"""Every product that was ever on sale, so that an old purchase keeps its meaning when the catalogue has moved on."""

import json
from collections.abc import Mapping
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


def find(db: Connection, id: str) -> Product | None:
    row = db.execute("SELECT * FROM products WHERE id = ?", (id,)).fetchone()
    return Product(**{**dict(row), "data": json.loads(row["data"])}) if row else None
