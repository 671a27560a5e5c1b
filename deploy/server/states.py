"""What a publish leaves written down, each file whole or not at all: for the clock, and for whoever watches the server."""

import datetime as dt
import os
from pathlib import Path

from deploy.watch import states as watched

SCHEDULED, PUBLISH = "scheduled", "publish"


def write(path: Path, content: bytes, *, mode: int) -> None:
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)


def record_due(due: dt.datetime | None, *, now: dt.datetime, ok: bool = True, detail: str = "") -> None:
    """When the site is to be built again, though nobody pushes."""
    watched.record(SCHEDULED, ok=ok, now=now, detail=detail, due=due, folder=watched.SITE_FOLDER)


def due() -> dt.datetime | None:
    """None when nothing is, and before the first publish."""
    kept = watched.read([watched.SITE_FOLDER]).get(SCHEDULED)
    return kept.due if kept else None


def record_publish(*, ok: bool, seconds: float, detail: str, now: dt.datetime) -> None:
    watched.record(PUBLISH, ok=ok, now=now, seconds=seconds, detail=detail, folder=watched.SITE_FOLDER)
