"""What leaves the machine every night: copies of the databases, and everything beside them that nothing else brings back."""

import datetime as dt
import time
from pathlib import Path

import msgspec
from msgspec import Struct

from deploy.backup import databases, restic
from deploy.backup.databases import Table
from deploy.backup.settings import Settings

COUNTS = "counts.json"


class Night(Struct, frozen=True, kw_only=True):
    snapshot: str
    files: int
    bytes: int
    added_bytes: int
    seconds: float

    def __str__(self) -> str:
        return f"{self.files} files, {_megabytes(self.bytes)}, {_megabytes(self.added_bytes)} of it new ({self.seconds:.1f} s)"


class Counts(Struct, frozen=True, kw_only=True):
    """What was in the copies when they were made."""

    at: dt.datetime
    databases: dict[str, dict[str, Table]]


def copy_databases(settings: Settings, *, now: dt.datetime) -> Counts:
    """As the service's user, into the folder that the night takes along. Raises DeployError."""
    folder = Path(settings.copies)
    for file in settings.files:
        databases.copy(file, folder / file.name)
    counts = Counts(at=now, databases={file.name: databases.tables(folder / file.name) for file in settings.files})
    (folder / COUNTS).write_bytes(msgspec.json.encode(counts))
    return counts


def send(settings: Settings) -> Night:
    """Everything that is there. Raises DeployError."""
    began = time.monotonic()
    paths = [path for path in (settings.copies, *settings.beside) if Path(path).exists()]
    copied = restic.back_up(settings, paths)
    return Night(
        snapshot=copied.snapshot,
        files=copied.files,
        bytes=copied.bytes,
        added_bytes=copied.added_bytes,
        seconds=round(time.monotonic() - began, 1),
    )


def _megabytes(bytes: int) -> str:
    return f"{bytes / 1e6:,.1f} MB"
