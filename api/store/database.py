"""One SQLite file: reads and short writes inline, one writer thread for the rest, our own write transaction. Knows no tables."""

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, TypeVar

from api.errors import AppError, Code
from api.store.checkpoints import Checkpoints
from api.store.remembered import Remembered
from api.store.writer import Writer

T = TypeVar("T")
BUSY_SECONDS = 5
CACHE_KIB = 16 * 1024
CHECKPOINT_PAGES = {"FULL": 1000, "NORMAL": 32_000}  # NORMAL has `Checkpoints`; this is for when they are late
PROMPT_PAUSES_SECONDS = (0.001, 0.002, 0.004, 0.008, 0.016, 0.032)


class Database:
    """Made closed; `open` before use. Reads see what is committed; a write is one BEGIN IMMEDIATE … COMMIT.

    A function given to `write` runs in the writer thread: it must not touch `reader`, commit or roll back, or await anything.
    """

    def __init__(self, path: Path, *, synchronous: Literal["FULL", "NORMAL"] = "FULL") -> None:
        self.path = path
        self._synchronous = synchronous
        self._lock = threading.Lock()
        self._thread: Writer | None = None
        self._reader: sqlite3.Connection | None = None
        self._remembered: Remembered | None = None
        self._writer: sqlite3.Connection | None = None
        self._prompt: sqlite3.Connection | None = None
        self._checkpoints: Checkpoints | None = None

    def open(self) -> None:
        """Raises sqlite3.Error when the file is none of SQLite's or cannot be written."""
        self._writer = connect(self.path, synchronous=self._synchronous)
        self._reader = connect(self.path, synchronous=self._synchronous)
        self._reader.execute("PRAGMA query_only = ON")
        self._remembered = Remembered(self._reader)
        self._thread = Writer(self.transaction, explained=explained, name=f"write-{self.path.stem}")
        if self._synchronous == "NORMAL":
            self._prompt = connect(self.path, synchronous=self._synchronous)
            self._prompt.execute("PRAGMA busy_timeout = 0")
            self._prompt.execute("PRAGMA wal_autocheckpoint = 0")
            own = connect(self.path, synchronous=self._synchronous)
            self._checkpoints = Checkpoints(own, name=f"checkpoint-{self.path.stem}")

    def close(self) -> None:
        """Waits for the writes that are already asked for."""
        if self._thread:
            self._thread.close()
        if self._checkpoints:
            self._checkpoints.close()
        for connection in (self._reader, self._prompt, self._writer):
            if connection:
                connection.close()
        self._thread = self._reader = self._remembered = self._prompt = self._writer = self._checkpoints = None

    @property
    def reader(self) -> sqlite3.Connection:
        """For reads that an index answers, on the event loop: a thread would cost four times the read. It refuses to write."""
        if self._reader is None:
            raise RuntimeError(f"{self.path.name} is not open")
        return self._reader

    @property
    def remembered(self) -> Remembered:
        """For what is asked for all the time and changes seldom."""
        if self._remembered is None:
            raise RuntimeError(f"{self.path.name} is not open")
        return self._remembered

    async def write(self, function: Callable[[sqlite3.Connection], T]) -> T:
        """What `function` returns, once it is on disk. Whatever it raises undoes everything it did."""
        if self._thread is None:
            raise RuntimeError(f"{self.path.name} is not open")
        return await asyncio.wrap_future(self._thread.submit(function))

    async def write_promptly(self, function: Callable[[sqlite3.Connection], T]) -> T:
        """The same for what takes a millisecond or two: on the event loop, where commits wait for no disk.

        Going through the thread takes as long again, so this waits a little for whoever writes before it goes there.
        `function` may be called twice; the first time then changed nothing.
        """
        if self._prompt:
            for seconds in PROMPT_PAUSES_SECONDS:
                try:
                    return self._written_at_once(self._prompt, function)
                except sqlite3.OperationalError as error:
                    if not _is_busy(error):
                        raise explained(error) from error
                await asyncio.sleep(seconds)
        return await self.write(function)

    def _written_at_once(self, db: sqlite3.Connection, function: Callable[[sqlite3.Connection], T]) -> T:
        with transaction(db):
            value = function(db)
        self._note_commit()
        return value

    def _note_commit(self) -> None:
        if self._checkpoints:
            self._checkpoints.written()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """The same for callers without an event loop: the command line and tests."""
        if self._writer is None:
            raise RuntimeError(f"{self.path.name} is not open")
        with self._lock, refusals_explained(), transaction(self._writer) as db:
            yield db
        self._note_commit()


def connect(path: Path, *, synchronous: str = "FULL") -> sqlite3.Connection:
    """A connection with our settings, outside of any transaction."""
    db = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    db.row_factory = sqlite3.Row
    for setting in (
        "journal_mode = WAL",
        f"synchronous = {synchronous}",
        "foreign_keys = ON",
        f"cache_size = -{CACHE_KIB}",
        f"wal_autocheckpoint = {CHECKPOINT_PAGES[synchronous]}",
        "trusted_schema = OFF",
    ):
        db.execute(f"PRAGMA {setting}")
    return db


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """Takes the write lock at once, so that nothing that was read inside can be stale when it is written."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield db
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:  # a full disk may have rolled back already
            db.execute("ROLLBACK")
        raise


@contextmanager
def refusals_explained() -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        if (refusal := explained(error)) is not error:
            raise refusal from error
        raise


def explained(error: Exception) -> Exception:
    """A full disk, or a lock that nobody lets go, is a refusal; any other error of SQLite is a mistake of ours and stays."""
    if not isinstance(error, sqlite3.OperationalError):
        return error
    name = getattr(error, "sqlite_errorname", "")
    if name == "SQLITE_FULL":
        return AppError(Code.STORAGE_FULL, "The server's disk is full, so nothing was changed. Please try again later.")
    if _is_busy(error) or name.startswith(("SQLITE_IOERR", "SQLITE_READONLY")):
        return AppError(
            Code.UNAVAILABLE,
            "The server could not save this, so nothing was changed. Please try again.",
            retry_after_seconds=5,
        )
    return error


def _is_busy(error: sqlite3.OperationalError) -> bool:
    return getattr(error, "sqlite_errorname", "").startswith("SQLITE_BUSY")
