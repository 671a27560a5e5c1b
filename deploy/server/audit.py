"""Who changed the server, what, when, and how it ended: one JSON line each, only ever appended. Knows nothing of the changes."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import IO

import msgspec
from msgspec import Struct

from deploy.errors import DeployError
from deploy.server import places

WAIT_SECONDS = 10
"""The look that is taken at the service each minute holds the lock too, for a moment."""


class Busy(DeployError):
    """Somebody else changes the server; `process` is his number, 0 when he has not said it."""

    def __init__(self, holder: str) -> None:
        number = holder.rpartition("(process ")[2].removesuffix(")")
        self.process = int(number) if number.isdigit() else 0
        super().__init__(
            f"this server is being changed by {holder or 'somebody'}. Wait until that has ended, then try again"
        )


class Entry(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`what` is activate, confirm, revert, rollback, maintenance …; `result` is ok, or what went wrong in one line."""

    at: datetime
    who: str
    what: str
    result: str
    release: str = ""
    why: str = ""
    seconds: float = 0.0


def add(entry: Entry) -> None:
    """On disk when it returns."""
    places.STATE.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(places.LOG, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "wb") as file:
        file.write(msgspec.json.encode(entry) + b"\n")
        file.flush()
        os.fsync(file.fileno())


def newest(count: int) -> tuple[Entry, ...]:
    """The last `count` entries, the oldest first. A line that a power cut left half written is passed over."""
    lines = places.LOG.read_bytes().splitlines() if places.LOG.exists() else []
    return tuple(entry for line in lines[-count:] if (entry := _read(line)))


@contextmanager
def lock(who: str, *, seconds: float = WAIT_SECONDS) -> Iterator[None]:
    """Held for as long as the server is being changed. Raises Busy when somebody else does it, and goes on for so many seconds."""
    places.STATE.mkdir(mode=0o700, parents=True, exist_ok=True)
    with places.LOCK.open("a+", encoding="utf-8") as file:
        end = time.monotonic() + seconds
        while not _held(file):
            if time.monotonic() > end:
                file.seek(0)
                raise Busy(file.read().strip())
            time.sleep(0.1)
        file.truncate(0)
        file.write(f"{who} (process {os.getpid()})")
        file.flush()
        yield


def _held(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _read(line: bytes) -> Entry | None:
    try:
        return msgspec.json.decode(line, type=Entry)
    except msgspec.DecodeError:
        return None
