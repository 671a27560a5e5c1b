"""The list of accounts that were erased, in a file beside the database: a restored backup is older and does not know them.

It holds no address and no name. It is only ever added to, and never restored.
"""

import os
import threading
from pathlib import Path

import msgspec
from msgspec import Struct


class Erased(Struct, frozen=True):
    account_id: str
    at: str


class DeleteList:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()

    def add(self, erased: Erased) -> None:
        """On disk before it returns. Saying the same twice is harmless."""
        line = msgspec.json.encode(erased) + b"\n"
        with self._lock:
            file = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                os.write(file, line)
                os.fsync(file)
            finally:
                os.close(file)

    def all(self) -> list[Erased]:
        """A last line that a crash cut short counts for nothing: its account was not erased yet."""
        if not self._path.exists():
            return []
        found = []
        for line in self._path.read_bytes().splitlines():
            try:
                found.append(msgspec.json.decode(line, type=Erased))
            except msgspec.DecodeError:
                continue
        return found
