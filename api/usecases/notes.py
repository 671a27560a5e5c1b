"""A learner's own notes on one lecture, picked from all that they keep. What may be written is decided where it is written."""

from sqlite3 import Connection

from msgspec import Struct

from api.store import kept
from api.store.kept import Kept


class Note(Struct, frozen=True, kw_only=True):
    """`id` is what changes call it; `version` what the next change of it is based on."""

    id: str
    lecture: str
    position_seconds: float
    text: str
    version: int


def of_lecture(db: Connection, account_id: str, lecture_id: str) -> list[Note]:
    """By their moments."""
    found = (_note(row) for row in kept.of_kind(db, account_id, "note") if row.data)
    return sorted((note for note in found if note.lecture == lecture_id), key=lambda note: note.position_seconds)


def _note(row: Kept) -> Note:
    data = row.data or {}
    return Note(
        id=row.entity,
        lecture=data.get("lecture") or "",
        position_seconds=data.get("position_seconds") or 0.0,
        text=data.get("text") or "",
        version=row.stamp,
    )
