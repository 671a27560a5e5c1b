"""What the last build knew: parsed sources, and every output's fingerprints, sizes and time. It may be lost without harm."""

import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from msgspec import Struct

SCHEMA = 2
TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE sources (path TEXT PRIMARY KEY, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, digest TEXT NOT NULL,
    body_digest TEXT NOT NULL, head BLOB NOT NULL);
CREATE INDEX sources_by_body ON sources (body_digest);
CREATE TABLE bodies (digest TEXT PRIMARY KEY, body BLOB NOT NULL);
CREATE TABLE outputs (path TEXT PRIMARY KEY, recipe TEXT NOT NULL, context TEXT NOT NULL, digest TEXT NOT NULL,
    size INTEGER NOT NULL, mtime INTEGER NOT NULL, gz INTEGER NOT NULL, br INTEGER NOT NULL,
    part TEXT NOT NULL, kind TEXT NOT NULL, reason TEXT NOT NULL, at TEXT NOT NULL, sources TEXT NOT NULL, links TEXT NOT NULL);
CREATE INDEX outputs_by_part ON outputs (part);
CREATE TABLE parts (name TEXT PRIMARY KEY, fingerprint TEXT NOT NULL) WITHOUT ROWID;
"""


WRITTEN = "SELECT path, recipe, context, digest, size, mtime, gz, br, part FROM outputs"


class Written(NamedTuple):
    """An output as it was left: `gz` and `br` are the sizes of its compressed siblings, 0 when there is none."""

    path: str
    recipe: str
    context: str
    digest: str
    size: int
    mtime: int
    gz: int
    br: int
    part: str


class Origin(Struct, frozen=True, array_like=True):
    """Why and from what an output was last made."""

    kind: str
    reason: str
    at: str
    sources: tuple[str, ...]
    links: tuple[str, ...]


class Ledger:
    """One SQLite file in `output/.longwave`. Opened by the one process that holds the build lock; workers open it to read."""

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self.path = path
        if read_only:
            self._db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        else:
            self._db = self._open()

    def close(self) -> None:
        self._db.close()

    def meta(self, key: str) -> str:
        row = self._db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return row[0] if row else ""

    def set_meta(self, **values: str) -> None:
        with self._db:
            self._db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", values.items())

    # Parsed sources

    def sources(self) -> list[tuple[str, int, int, str, str, bytes]]:
        return self._db.execute("SELECT path, size, mtime_ns, digest, body_digest, head FROM sources").fetchall()

    def put_sources(
        self, rows: Iterable[tuple[str, int, int, str, str, bytes]], bodies: Iterable[tuple[str, bytes]]
    ) -> None:
        with self._db:
            self._db.executemany("INSERT OR REPLACE INTO sources VALUES (?, ?, ?, ?, ?, ?)", rows)
            self._db.executemany("INSERT OR IGNORE INTO bodies VALUES (?, ?)", bodies)

    def touch_sources(self, stats: Iterable[tuple[int, int, str]]) -> None:
        with self._db:
            self._db.executemany("UPDATE sources SET size = ?, mtime_ns = ? WHERE path = ?", stats)

    def drop_sources(self, paths: Iterable[str]) -> None:
        with self._db:
            self._db.executemany("DELETE FROM sources WHERE path = ?", [(path,) for path in paths])

    def clear_sources(self) -> None:
        with self._db:
            self._db.executescript("DELETE FROM sources; DELETE FROM bodies;")

    def drop_unused_bodies(self) -> None:
        with self._db:
            self._db.execute("DELETE FROM bodies WHERE digest NOT IN (SELECT body_digest FROM sources)")

    def body(self, digest: str) -> bytes:
        row = self._db.execute("SELECT body FROM bodies WHERE digest = ?", (digest,)).fetchone()
        return bytes(row[0]) if row else b""

    def path_of_body(self, digest: str) -> str:
        row = self._db.execute("SELECT path FROM sources WHERE body_digest = ? ORDER BY path", (digest,)).fetchone()
        return row[0] if row else ""

    # Outputs

    def outputs(self) -> dict[str, Written]:
        return _by_path(self._db.execute(WRITTEN))

    def outputs_of(self, parts: Iterable[str]) -> dict[str, Written]:
        """Those that were planned as one of these parts."""
        return _by_path(row for part in parts for row in self._db.execute(f"{WRITTEN} WHERE part = ?", (part,)))

    def part_of(self, path: str) -> str:
        row = self._db.execute("SELECT part FROM outputs WHERE path = ?", (path,)).fetchone()
        return row[0] if row else ""

    def parts(self) -> dict[str, str]:
        """The fingerprint that each part of the outputs had when all of it was made."""
        return dict(self._db.execute("SELECT name, fingerprint FROM parts"))

    def put_parts(self, parts: Iterable[tuple[str, str]], *, gone: Iterable[str]) -> None:
        with self._db:
            self._db.executemany("DELETE FROM parts WHERE name = ?", [(name,) for name in gone])
            self._db.executemany("INSERT OR REPLACE INTO parts VALUES (?, ?)", parts)

    def traces(self, *, part: int, parts: int) -> Iterable[tuple[str, int, int, int, int]]:
        """Path, size, time and the siblings' sizes of the `part`th of so many parts of the outputs, counted from 0."""
        return self._db.execute("SELECT path, size, mtime, gz, br FROM outputs WHERE rowid % ? = ?", (parts, part))

    def count_outputs(self) -> int:
        (count,) = self._db.execute("SELECT count(*) FROM outputs").fetchone()
        return int(count)

    def put_outputs(self, rows: Iterable[tuple[Written, Origin]]) -> None:
        def flat(row: tuple[Written, Origin]) -> tuple[Any, ...]:
            written, origin = row
            lists = (_json(origin.sources), _json(origin.links))
            return (*written, origin.kind, origin.reason, origin.at, *lists)

        with self._db:
            self._db.executemany(
                "INSERT OR REPLACE INTO outputs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", map(flat, rows)
            )

    def drop_outputs(self, paths: Iterable[str]) -> None:
        with self._db:
            self._db.executemany("DELETE FROM outputs WHERE path = ?", [(path,) for path in paths])

    def origin(self, path: str) -> Origin | None:
        row = self._db.execute(
            "SELECT kind, reason, at, sources, links FROM outputs WHERE path = ?", (path,)
        ).fetchone()
        return Origin(row[0], row[1], row[2], _list(row[3]), _list(row[4])) if row else None

    def links(self) -> Iterable[tuple[str, tuple[str, ...]]]:
        """Every output with the local addresses it links to."""
        for path, links in self._db.execute("SELECT path, links FROM outputs WHERE links != '[]'"):
            yield path, _list(links)

    def _open(self) -> sqlite3.Connection:
        try:
            return self._prepared()
        except sqlite3.DatabaseError:  # of another version, or damaged: a build makes it anew
            discard(self.path)
            return self._prepared()

    def _prepared(self) -> sqlite3.Connection:
        db = sqlite3.connect(self.path)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")
        (schema,) = db.execute("PRAGMA user_version").fetchone()
        if schema == 0:
            db.executescript(f"BEGIN; {TABLES} PRAGMA user_version = {SCHEMA}; COMMIT;")
        elif schema != SCHEMA:
            db.close()
            raise sqlite3.DatabaseError("the ledger is of another version")
        db.execute("SELECT count(*) FROM meta").fetchone()
        return db


def discard(ledger: Path) -> None:
    """A build without a ledger makes everything anew and finds most of it as it was."""
    for suffix in ("", "-wal", "-shm"):
        Path(f"{ledger}{suffix}").unlink(missing_ok=True)


def _by_path(rows: Iterable[tuple[Any, ...]]) -> dict[str, Written]:
    return {written.path: written for written in map(Written._make, rows)}


def _json(values: tuple[str, ...]) -> str:
    return msgspec.json.encode(values).decode()


def _list(text: str) -> tuple[str, ...]:
    return msgspec.json.decode(text, type=tuple[str, ...])
