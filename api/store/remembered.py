"""What was read, for as long as nobody writes: SQLite tells of every commit for the price of a small question. Knows no tables."""

import asyncio
from collections.abc import Callable, Hashable
from contextlib import suppress
from sqlite3 import Connection
from typing import Any, TypeVar

T = TypeVar("T")
KEPT_MAX = 5_000


class Remembered:
    """Of one connection that only reads. Any commit, by this process or another, forgets everything."""

    def __init__(self, reader: Connection) -> None:
        self._reader = reader
        self._version = -1
        self._was_asked = False
        self._kept: dict[Hashable, Any] = {}

    def get(self, key: Hashable, read: Callable[[Connection], T | None], *, holds: Callable[[T], bool]) -> T | None:
        """What `read` gave for `key`, unless the file has changed since or it no longer `holds`, as when its time is over.

        Source: SQLite, "PRAGMA data_version".
        """
        if not self._was_asked:
            self._ask()
        found: T | None = self._kept.get(key)
        if found is None or not holds(found):
            found = read(self._reader)
            if found is not None:
                self._kept[key] = found
        return found

    def _ask(self) -> None:
        """Whether anybody has committed: once for all that the event loop does in one turn, as no answer to a write comes in it."""
        version = self._reader.execute("PRAGMA data_version").fetchone()[0]
        if version != self._version or len(self._kept) >= KEPT_MAX:
            self._kept.clear()
            self._version = version
        with suppress(RuntimeError):  # there is no event loop
            asyncio.get_running_loop().call_soon(self._ask_again)
            self._was_asked = True

    def _ask_again(self) -> None:
        self._was_asked = False
