"""What was read, for as long as nobody writes: SQLite tells of every commit for the price of a small question. Knows no tables."""

from collections.abc import Callable, Hashable
from sqlite3 import Connection
from typing import Any, TypeVar

T = TypeVar("T")
KEPT_MAX = 5_000


class Remembered:
    """Of one connection that only reads. Any commit, by this process or another, forgets everything."""

    def __init__(self, reader: Connection) -> None:
        self._reader = reader
        self._version = -1
        self._kept: dict[Hashable, Any] = {}

    def get(self, key: Hashable, read: Callable[[Connection], T | None], *, holds: Callable[[T], bool]) -> T | None:
        """What `read` gave for `key`, unless the file has changed since or it no longer `holds`, as when its time is over.

        Source: SQLite, "PRAGMA data_version".
        """
        version = self._reader.execute("PRAGMA data_version").fetchone()[0]
        if version != self._version or len(self._kept) >= KEPT_MAX:
            self._kept.clear()
            self._version = version
        found: T | None = self._kept.get(key)
        if found is None or not holds(found):
            found = read(self._reader)
            if found is not None:
                self._kept[key] = found
        return found
