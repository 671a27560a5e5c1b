"""Which changes were answered, and how, so that a change that comes again does nothing again. Keeps no content."""

from sqlite3 import Connection

from msgspec import Struct


class Answered(Struct, frozen=True, kw_only=True):
    id: str
    outcome: str
    stamp: int


def find(db: Connection, account_id: str, id: str) -> Answered | None:
    row = db.execute(
        "SELECT id, outcome, stamp FROM answered WHERE account_id = ? AND id = ?", (account_id, id)
    ).fetchone()
    return Answered(**dict(row)) if row else None


def insert(db: Connection, account_id: str, answered: Answered) -> None:
    db.execute(
        "INSERT INTO answered (account_id, id, outcome, stamp) VALUES (?, ?, ?, ?)",
        (account_id, answered.id, answered.outcome, answered.stamp),
    )


def forget(db: Connection, *, before: int) -> None:
    """Those with a stamp before `before`."""
    db.execute("DELETE FROM answered WHERE stamp < ?", (before,))
