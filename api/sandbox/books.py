"""All that one account at Stripe holds, in one SQLite file: objects as JSON in the order they were made. Knows no rules about them.

A request is one transaction, so whoever is killed in its middle finds the books as they were before it.
"""

import secrets
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from api.sandbox.errors import missing_object
from api.sandbox.settings import SandboxSettings

Object = dict[str, Any]
ID_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz0123456789"
ID_LENGTH = 24
COLUMNS = ("status", "payment_intent")  # fields of objects that are looked for most, kept beside them
SCHEMA = """
CREATE TABLE IF NOT EXISTS objects (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    created INTEGER NOT NULL,
    status TEXT,
    payment_intent TEXT,
    data TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS objects_by_kind ON objects (kind, number);
CREATE INDEX IF NOT EXISTS objects_by_time ON objects (kind, created);
CREATE INDEX IF NOT EXISTS objects_by_payment ON objects (payment_intent, kind) WHERE payment_intent IS NOT NULL;
CREATE INDEX IF NOT EXISTS objects_by_status ON objects (status, kind) WHERE status IS NOT NULL;
CREATE TABLE IF NOT EXISTS answers (
    key TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, status INTEGER NOT NULL, body TEXT NOT NULL, created INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    event TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    body TEXT NOT NULL,
    fault TEXT NOT NULL DEFAULT '',
    due REAL,
    attempts INTEGER NOT NULL DEFAULT 0,
    delivered INTEGER NOT NULL DEFAULT 0,
    answer TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS deliveries_by_due ON deliveries (due) WHERE due IS NOT NULL;
CREATE INDEX IF NOT EXISTS deliveries_by_event ON deliveries (event);
CREATE TABLE IF NOT EXISTS notes (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


class Books:
    """The account's objects; used by one thread only."""

    def __init__(self, settings: SandboxSettings) -> None:
        self.settings = settings
        self.db = _connected(settings.data / "sandbox.sqlite")

    @property
    def now(self) -> int:
        return int(self.settings.clock().timestamp())

    @contextmanager
    def transaction(self) -> Iterator[None]:
        self.db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.db.execute("ROLLBACK")
            raise
        self.db.execute("COMMIT")

    def new_id(self, prefix: str) -> str:
        return f"{prefix}_{''.join(ID_LETTERS[byte % len(ID_LETTERS)] for byte in secrets.token_bytes(ID_LENGTH))}"

    def add(self, data: Object) -> Object:
        row = (data["id"], data["object"], data["created"], *_columns(data), written(data))
        insert = "INSERT INTO objects (id, kind, created, status, payment_intent, data) VALUES (?, ?, ?, ?, ?, ?)"
        self.db.execute(insert, row)
        return data

    def put(self, data: Object) -> Object:
        update = "UPDATE objects SET status = ?, payment_intent = ?, data = ? WHERE id = ?"
        self.db.execute(update, (*_columns(data), written(data), data["id"]))
        return data

    def remove(self, object_id: str) -> None:
        self.db.execute("DELETE FROM objects WHERE id = ?", (object_id,))

    def find(self, kind: str, object_id: str | None) -> Object | None:
        row = self.db.execute("SELECT data FROM objects WHERE id = ? AND kind = ?", (object_id, kind)).fetchone()
        return dict(msgspec.json.decode(row[0])) if row else None

    def get(self, kind: str, object_id: str, *, param: str = "id", status: int = 404) -> Object:
        """Raises StripeFault resource_missing, with the status of an unknown id in the address or among the parameters."""
        if (found := self.find(kind, object_id)) is None:
            raise missing_object(kind, object_id, param=param, status=status)
        return found

    def where(self, kind: str, **equal: Any) -> list[Object]:
        """Objects whose top-level fields have these values, oldest first."""
        conditions = "".join(f" AND {field(name)} = ?" for name in equal)
        query = f"SELECT data FROM objects WHERE kind = ?{conditions} ORDER BY number"  # noqa: S608 (names are our own)
        return self.read(query, (kind, *equal.values()))

    def newest(self, kind: str, count: int) -> list[Object]:
        return self.read("SELECT data FROM objects WHERE kind = ? ORDER BY number DESC LIMIT ?", (kind, count))

    def count(self, kind: str) -> int:
        return int(self.db.execute("SELECT count(*) FROM objects WHERE kind = ?", (kind,)).fetchone()[0])

    def read(self, query: str, values: Sequence[Any]) -> list[Object]:
        """Objects by a query of their `data`."""
        return [msgspec.json.decode(row[0]) for row in self.db.execute(query, values)]

    def any(self, object_id: str) -> Object | None:
        """An object of whatever kind."""
        row = self.db.execute("SELECT data FROM objects WHERE id = ?", (object_id,)).fetchone()
        return dict(msgspec.json.decode(row[0])) if row else None

    def number(self, object_id: str) -> int | None:
        row = self.db.execute("SELECT number FROM objects WHERE id = ?", (object_id,)).fetchone()
        return int(row[0]) if row else None

    def note(self, name: str) -> Any:
        row = self.db.execute("SELECT value FROM notes WHERE name = ?", (name,)).fetchone()
        return msgspec.json.decode(row[0]) if row else None

    def keep_note(self, name: str, value: Any) -> None:
        kept = "INSERT INTO notes (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
        self.db.execute(kept, (name, written(value)))

    def close(self) -> None:
        self.db.close()


def merged_metadata(standing: Mapping[str, str], changes: Mapping[str, str]) -> dict[str, str]:
    """An empty value takes its key away."""
    return {key: value for key, value in {**standing, **changes}.items() if value != ""}


def _connected(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    db = sqlite3.connect(path, timeout=5, isolation_level=None, check_same_thread=False)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = OFF")  # a killed process loses nothing; a machine may lose the sandbox
    db.executescript(SCHEMA)
    return db


def field(path: str) -> str:
    """A field of an object as SQL, 'customer_details.email' for instance."""
    return path if path in COLUMNS else f"json_extract(data, '$.{path}')"


def written(value: Any) -> str:
    """JSON in one line."""
    return msgspec.json.encode(value).decode()


def _columns(data: Object) -> list[str | None]:
    return [data.get(name) for name in COLUMNS]
