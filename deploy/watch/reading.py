"""Brings figures up to the log as it is now. Decides neither what is counted nor how it is kept."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from deploy.watch import access_log, counting
from deploy.watch.figures import Figures


def read(figures: Figures, log: Path, *, now: datetime, least_bytes: Callable[[str], int]) -> int:
    """How many requests were new. What is read twice, or half before a crash, is counted once."""
    new = 0
    paths = access_log.files(log)
    for batch in access_log.batches(paths, figures.places()):
        counts = counting.count(batch.requests, salt_of=figures.salt)
        counts.unreadable = batch.unreadable
        figures.add(counts, batch.place)
        new += len(batch.requests)
    figures.forget_places(but={path.stat().st_ino for path in access_log.files(log)})
    figures.close_days(now=now, least_bytes=least_bytes)
    return new
