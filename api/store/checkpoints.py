"""Brings what a database's log holds into its file, in a thread of its own: nobody who writes waits for that. Knows no tables."""

import sqlite3
import threading
from contextlib import suppress

WRITES = 250  # until the next one
PASSES = 3  # each brings what was written during the one before, so that the log can begin anew


class Checkpoints:
    """Passive ones (SQLite, "PRAGMA wal_checkpoint"): others write and read meanwhile. `db` is a connection for this alone."""

    def __init__(self, db: sqlite3.Connection, *, name: str) -> None:
        self._db = db
        self._writes = 0
        self._closing = False
        self._due = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def written(self) -> None:
        """To be called after every commit."""
        self._writes = (self._writes + 1) % WRITES
        if not self._writes:
            self._due.set()

    def close(self) -> None:
        self._closing = True
        self._due.set()
        self._thread.join()
        self._db.close()

    def _run(self) -> None:
        while self._due.wait():
            self._due.clear()
            if self._closing:
                return
            with suppress(sqlite3.OperationalError):  # a full disk: the log keeps all, and whoever writes next is told
                for _ in range(PASSES):
                    self._db.execute("PRAGMA wal_checkpoint(PASSIVE)")
