"""How far somebody is in each lecture, a row a lecture; which report wins is not decided here. Moments are in ms since 1970."""

from collections.abc import Iterable
from sqlite3 import Connection, Row

import msgspec
from msgspec import Struct

Span = tuple[float, float, int]  # from, to (seconds of the video), and when that was watched last


class Progress(Struct, frozen=True, kw_only=True):
    """`position_by` is the id of the change that wrote the position, for two of one moment. `stamp` 0: not stored yet.

    What was watched, and a completion, count while they are later than `reset_at`.
    """

    lecture_id: str
    position_seconds: float = 0.0
    position_at: int = 0
    position_by: str = ""
    total_seconds: float = 0.0
    total_at: int = 0
    total_by: str = ""
    watched: tuple[Span, ...] = ()
    completed_at: int = 0
    reset_at: int = 0
    stamp: int = 0

    @property
    def completed(self) -> bool:
        return self.completed_at > self.reset_at

    @property
    def at(self) -> int:
        """When anything was last reported."""
        return max(
            self.position_at, self.total_at, self.completed_at, self.reset_at, *(span[2] for span in self.watched)
        )


COLUMNS = ", ".join(Progress.__struct_fields__)
PUT = f"""
    INSERT INTO progress (account_id, {COLUMNS})
    VALUES (:account_id, {", ".join(f":{name}" for name in Progress.__struct_fields__)})
    ON CONFLICT (account_id, lecture_id) DO UPDATE SET
    {", ".join(f"{name} = excluded.{name}" for name in Progress.__struct_fields__)}
"""  # noqa: S608 (names of our struct)


def find(db: Connection, account_id: str, lecture_id: str) -> Progress | None:
    row = db.execute(
        f"SELECT {COLUMNS} FROM progress WHERE account_id = ? AND lecture_id = ?",  # noqa: S608 (names of our struct)
        (account_id, lecture_id),
    ).fetchone()
    return _progress(row) if row else None


def of(db: Connection, account_id: str, *, after: int = 0) -> list[Progress]:
    """What was written with a later stamp than `after`, by stamp."""
    rows = db.execute(
        f"SELECT {COLUMNS} FROM progress WHERE account_id = ? AND stamp > ? ORDER BY stamp, lecture_id",  # noqa: S608 (the same)
        (account_id, after),
    )
    return [_progress(row) for row in rows]


def of_lectures(db: Connection, account_id: str, lecture_ids: Iterable[str]) -> dict[str, Progress]:
    """Those that were begun."""
    found = (find(db, account_id, id) for id in lecture_ids)
    return {progress.lecture_id: progress for progress in found if progress}


def put(db: Connection, account_id: str, progress: Progress) -> None:
    columns = msgspec.structs.asdict(progress)
    watched = msgspec.json.encode(progress.watched).decode()
    db.execute(PUT, {"account_id": account_id, **columns, "watched": watched})


def _progress(row: Row) -> Progress:
    columns = dict(row)
    columns["watched"] = msgspec.json.decode(row["watched"], type=tuple[Span, ...])
    return Progress(**columns)
