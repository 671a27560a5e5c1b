"""How reports about bookmarks, the queue, favourites and notes become one state, a removal being a state like any other.

The later report wins, of one moment that with the greater id. Words cannot be merged: a note that another app has changed
since is left alone, and the sender gets what stands there.
"""

from sqlite3 import Connection

import msgspec

from api.errors import AppError, Code
from api.store import kept as rows
from api.store.kept import Kept
from api.usecases.incoming import KeptChange, NoteChange

KEPT_MAX = 20_000  # of an account, removed ones too


def store(db: Connection, account_id: str, change: KeptChange, *, writer: str, at: int, stamp: int) -> str:
    """'applied', 'merged' when a later report stands, 'stale' for a note that another has changed. Raises CONFLICT when full."""
    kind = str(type(change).__struct_config__.tag)
    known = rows.find(db, account_id, kind, change.entity)
    if known is None:
        _check_room(db, account_id)
    elif isinstance(change, NoteChange):
        if not _may_follow(change, known, writer=writer, at=at):
            return "stale"
    elif (at, change.id) <= (known.at, known.change_id):
        return "merged"
    data = None if change.data is None else msgspec.to_builtins(change.data)
    found = Kept(kind=kind, entity=change.entity, data=data, at=at, change_id=change.id, writer=writer, stamp=stamp)
    rows.put(db, account_id, found)
    return "applied"


def _may_follow(note: NoteChange, known: Kept, *, writer: str, at: int) -> bool:
    """It was made on what stands here; or its own app wrote that, and this is its next word made before the answer was there."""
    return note.base == known.stamp or (writer == known.writer and (at, note.id) > (known.at, known.change_id))


def _check_room(db: Connection, account_id: str) -> None:
    if rows.count(db, account_id) >= KEPT_MAX:
        raise AppError(Code.CONFLICT, f"An account keeps at most {KEPT_MAX} bookmarks, notes and the like.")
