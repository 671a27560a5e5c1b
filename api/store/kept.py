"""What people keep: bookmarks, their queue, favourites and notes, a row each; what was removed stays as a row without data."""

from sqlite3 import Connection, Row
from typing import Any

import msgspec
from msgspec import Struct


class Kept(Struct, frozen=True, kw_only=True):
    """`data` None: removed. `change_id` is the change that wrote it last, `writer` the app or session that sent it."""

    kind: str
    entity: str
    data: dict[str, Any] | None
    at: int
    change_id: str
    writer: str
    stamp: int


COLUMNS = ", ".join(Kept.__struct_fields__)


def find(db: Connection, account_id: str, kind: str, entity: str) -> Kept | None:
    row = db.execute(
        f"SELECT {COLUMNS} FROM kept WHERE account_id = ? AND kind = ? AND entity = ?",  # noqa: S608 (names of our struct)
        (account_id, kind, entity),
    ).fetchone()
    return _kept(row) if row else None


def of(db: Connection, account_id: str, *, after: int = 0) -> list[Kept]:
    """What was written with a later stamp than `after`, removals too, by stamp."""
    rows = db.execute(
        f"SELECT {COLUMNS} FROM kept WHERE account_id = ? AND stamp > ? ORDER BY stamp, kind, entity",  # noqa: S608 (the same)
        (account_id, after),
    )
    return [_kept(row) for row in rows]


def of_kind(db: Connection, account_id: str, kind: str) -> list[Kept]:
    """All of one kind, removals too."""
    rows = db.execute(
        f"SELECT {COLUMNS} FROM kept WHERE account_id = ? AND kind = ? ORDER BY entity",  # noqa: S608 (the same)
        (account_id, kind),
    )
    return [_kept(row) for row in rows]


def count(db: Connection, account_id: str) -> int:
    return int(db.execute("SELECT count(*) FROM kept WHERE account_id = ?", (account_id,)).fetchone()[0])


def put(db: Connection, account_id: str, kept: Kept) -> None:
    data = None if kept.data is None else msgspec.json.encode(kept.data).decode()
    db.execute(
        f"""
        INSERT INTO kept (account_id, {COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (account_id, kind, entity) DO UPDATE SET data = excluded.data, at = excluded.at,
            change_id = excluded.change_id, writer = excluded.writer, stamp = excluded.stamp
        """,  # noqa: S608 (names of our struct)
        (account_id, kept.kind, kept.entity, data, kept.at, kept.change_id, kept.writer, kept.stamp),
    )


def _kept(row: Row) -> Kept:
    columns = dict(row)
    columns["data"] = None if row["data"] is None else msgspec.json.decode(row["data"])
    return Kept(**columns)
