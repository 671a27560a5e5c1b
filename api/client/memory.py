"""What the client has on disk, in one SQLite file: what is not sent yet, what the server last told, and who is signed in.

Each function is one transaction, so that whatever kills the app between two of them leaves a state to go on from.
"""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TABLES = """
    CREATE TABLE IF NOT EXISTS outbox (
        number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, entity TEXT NOT NULL, data TEXT,
        at TEXT NOT NULL, base INTEGER, tried INTEGER NOT NULL DEFAULT 0
    );
    CREATE TABLE IF NOT EXISTS states (
        kind TEXT NOT NULL, entity TEXT NOT NULL, version INTEGER NOT NULL, data TEXT, PRIMARY KEY (kind, entity)
    );
    CREATE TABLE IF NOT EXISTS set_aside (
        id TEXT PRIMARY KEY, kind TEXT NOT NULL, entity TEXT NOT NULL, data TEXT, outcome TEXT NOT NULL, problem TEXT
    );
    CREATE TABLE IF NOT EXISTS words (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


@dataclass(frozen=True)
class Pending:
    """A change that waits to be sent; `tried`: the server may have it already."""

    id: str
    kind: str
    entity: str
    data: dict[str, Any] | None
    at: str
    base: int | None
    tried: bool = False

    def as_sent(self) -> dict[str, Any]:
        sent = {"id": self.id, "kind": self.kind, "entity": self.entity, "data": self.data, "at": self.at}
        return sent if self.base is None else {**sent, "base": self.base}


@dataclass(frozen=True)
class State:
    """What the server has told; `data` None: it was removed."""

    kind: str
    entity: str
    version: int
    data: dict[str, Any] | None


@dataclass(frozen=True)
class SetAside:
    """A change that the server did not take: 'stale' when another device was first, 'rejected' with its `problem`."""

    id: str
    kind: str
    entity: str
    data: dict[str, Any] | None
    outcome: str
    problem: str | None


class Memory:
    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.executescript(TABLES)

    def close(self) -> None:
        self._db.close()

    def word(self, name: str) -> str:
        """'' for one that is not known."""
        row = self._db.execute("SELECT value FROM words WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else ""

    def keep(self, words: Mapping[str, str]) -> None:
        """All or none."""
        with self._transaction():
            self._keep(words)

    def add(self, change: Pending, *, instead_of: str | None = None) -> None:
        """Last in the outbox; `instead_of` is the id of one that it says everything of, and that was not sent."""
        with self._transaction():
            self._db.execute("DELETE FROM outbox WHERE id = ? AND tried = 0", (instead_of,))
            self._db.execute(
                "INSERT INTO outbox (id, kind, entity, data, at, base) VALUES (?, ?, ?, ?, ?, ?)",
                (change.id, change.kind, change.entity, _json(change.data), change.at, change.base),
            )

    def pending(self, *, limit: int = -1) -> list[Pending]:
        """The oldest first."""
        rows = self._db.execute(
            "SELECT id, kind, entity, data, at, base, tried FROM outbox ORDER BY number LIMIT ?", (limit,)
        )
        return [
            Pending(id, kind, entity, _read(data), at, base, bool(t)) for id, kind, entity, data, at, base, t in rows
        ]

    def pending_of(self, kind: str, entity: str) -> list[Pending]:
        return [change for change in self.pending() if (change.kind, change.entity) == (kind, entity)]

    def mark_tried(self, changes: Iterable[Pending]) -> None:
        """Before they are sent: from now on they must stay what they are."""
        with self._transaction():
            self._db.executemany("UPDATE outbox SET tried = 1 WHERE id = ?", [(change.id,) for change in changes])

    def answered(
        self, done: Iterable[Pending], states: Iterable[State], aside: Iterable[SetAside], *, cursor: str
    ) -> None:
        """Takes what was answered out of the outbox, together with what the answers said."""
        with self._transaction():
            self._db.executemany("DELETE FROM outbox WHERE id = ?", [(change.id,) for change in done])
            self._put(states)
            self._db.executemany(
                "INSERT OR REPLACE INTO set_aside VALUES (?, ?, ?, ?, ?, ?)",
                [(each.id, each.kind, each.entity, _json(each.data), each.outcome, each.problem) for each in aside],
            )
            if cursor:
                self._keep({"cursor": cursor})

    def told(self, states: Iterable[State], *, cursor: str) -> None:
        """A page of what has changed, and how far that is."""
        with self._transaction():
            self._put(states)
            self._keep({"cursor": cursor})

    def start_over(self) -> None:
        """Forgets what the server told, and nothing that it does not know yet."""
        with self._transaction():
            self._db.execute("DELETE FROM states")
            self._db.execute("DELETE FROM words WHERE name = 'cursor'")

    def state(self, kind: str, entity: str) -> State | None:
        row = self._db.execute(
            "SELECT kind, entity, version, data FROM states WHERE kind = ? AND entity = ?", (kind, entity)
        ).fetchone()
        return State(row[0], row[1], row[2], _read(row[3])) if row else None

    def states(self, kind: str) -> list[State]:
        """Those that are there, in the order of their entities."""
        rows = self._db.execute(
            "SELECT kind, entity, version, data FROM states WHERE kind = ? AND data IS NOT NULL ORDER BY entity",
            (kind,),
        )
        return [State(row[0], row[1], row[2], _read(row[3])) for row in rows]

    def aside(self) -> list[SetAside]:
        rows = self._db.execute("SELECT id, kind, entity, data, outcome, problem FROM set_aside ORDER BY id")
        return [
            SetAside(id, kind, entity, _read(data), outcome, problem)
            for id, kind, entity, data, outcome, problem in rows
        ]

    def let_go(self, id: str) -> None:
        """Of one that was set aside and has been seen to."""
        with self._transaction():
            self._db.execute("DELETE FROM set_aside WHERE id = ?", (id,))

    def _keep(self, words: Mapping[str, str]) -> None:
        self._db.executemany("INSERT OR REPLACE INTO words VALUES (?, ?)", list(words.items()))

    def _put(self, states: Iterable[State]) -> None:
        """An older version never takes the place of a newer one: answers may overtake each other."""
        self._db.executemany(
            """
            INSERT INTO states VALUES (?, ?, ?, ?) ON CONFLICT (kind, entity) DO UPDATE
            SET version = excluded.version, data = excluded.data WHERE excluded.version >= states.version
            """,
            [(each.kind, each.entity, each.version, _json(each.data)) for each in states],
        )

    def _transaction(self) -> "_Transaction":
        return _Transaction(self._db)


class _Transaction:
    """All of it or nothing, and on disk when it is over."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def __enter__(self) -> None:
        self._db.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        with closing(self._db.cursor()) as cursor:
            cursor.execute("ROLLBACK" if kind else "COMMIT")


def _json(data: dict[str, Any] | None) -> str | None:
    return None if data is None else json.dumps(data)


def _read(text: str | None) -> dict[str, Any] | None:
    found: dict[str, Any] | None = None if text is None else json.loads(text)
    return found
