"""The one thread that writes to a database. What waits together is committed together, for a commit costs a write to the disk.

Each piece of work has a savepoint of its own: one that fails takes nobody along, and nobody is answered before all is on disk.
"""

import queue
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AbstractContextManager
from typing import Any, TypeVar

T = TypeVar("T")
Work = Callable[[sqlite3.Connection], Any]
TOGETHER_MAX = 64


class Writer:
    """`transaction()` gives the connection inside BEGIN IMMEDIATE … COMMIT; `explained` turns an error into what callers get."""

    def __init__(
        self,
        transaction: Callable[[], AbstractContextManager[sqlite3.Connection]],
        *,
        explained: Callable[[Exception], Exception],
        name: str,
    ) -> None:
        self._transaction = transaction
        self._explained = explained
        self._waiting: queue.SimpleQueue[tuple[Work, Future[Any]] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def submit(self, work: Callable[[sqlite3.Connection], T]) -> Future[T]:
        """Done once what `work` did is on disk, with what it returned or raised."""
        future: Future[T] = Future()
        self._waiting.put((work, future))
        return future

    def close(self) -> None:
        """Waits for everything that was submitted before."""
        self._waiting.put(None)
        self._thread.join()

    def _run(self) -> None:
        while batch := self._next():
            asked = [(work, future) for work, future in batch if future.set_running_or_notify_cancel()]
            if asked:
                self._write(asked)

    def _next(self) -> list[tuple[Work, Future[Any]]]:
        """What waits now, at least one; nothing when the end has come."""
        batch = []
        found = self._waiting.get()
        while found is not None:
            batch.append(found)
            if len(batch) == TOGETHER_MAX or self._waiting.empty():
                return batch
            found = self._waiting.get()
        if batch:
            self._waiting.put(None)  # the end, once this is written
        return batch

    def _write(self, batch: list[tuple[Work, Future[Any]]]) -> None:
        try:
            with self._transaction() as db:
                outcomes = [self._alone(db, work) for work, _ in batch]
        except BaseException as error:  # nothing of it was kept
            for _, future in batch:
                future.set_exception(error)
            return
        for (_, future), (value, failed) in zip(batch, outcomes, strict=True):
            if failed:
                future.set_exception(failed)
            else:
                future.set_result(value)

    def _alone(self, db: sqlite3.Connection, work: Work) -> tuple[Any, Exception | None]:
        db.execute("SAVEPOINT alone")
        try:
            value, failed = work(db), None
        except Exception as error:
            if not db.in_transaction:  # a full disk has undone everything
                raise
            db.execute("ROLLBACK TO alone")
            value, failed = None, self._explained(error)
        db.execute("RELEASE alone")
        return value, failed
