"""Restores into a scratch place what would be needed after a loss, and compares it with what is here. Changes nothing."""

import datetime as dt
import shutil
import time
from pathlib import Path

import msgspec
from msgspec import Struct

from deploy.backup import databases, litestream, nightly, restic
from deploy.backup.databases import Table
from deploy.backup.nightly import Counts
from deploy.backup.settings import DATABASES, Settings
from deploy.errors import DeployError

TRIES = 3
ON_ITS_WAY_SECONDS = 3 * litestream.SYNC_SECONDS
NIGHT_AGE = dt.timedelta(hours=26)


class Rehearsed(Struct, frozen=True, kw_only=True):
    """`problems` is empty when everything would come back."""

    said: list[str]
    problems: list[str]
    seconds: float


def rehearse(settings: Settings, *, scratch: Path, now: dt.datetime) -> Rehearsed:
    """`scratch` is emptied before and after: it holds what customers entrusted to us."""
    began = time.monotonic()
    said: list[str] = []
    problems: list[str] = []
    for part in (_live, _night):
        _empty(scratch)
        try:
            said += part(settings, scratch, now)
        except (DeployError, OSError, msgspec.MsgspecError) as error:
            problems.append(str(error))
    _empty(scratch)
    return Rehearsed(said=said, problems=problems, seconds=round(time.monotonic() - began, 1))


def _live(settings: Settings, scratch: Path, now: dt.datetime) -> list[str]:
    own = litestream.generation(settings, now=now)
    return [_compared(settings, name, own, scratch) for name in DATABASES]


def _compared(settings: Settings, name: str, generation: str, scratch: Path) -> str:
    """The restored one lies between what is here before and after; people go on buying meanwhile, so it may try again."""
    here, there = Path(settings.data, f"{name}.sqlite"), scratch / f"{name}.sqlite"
    for attempt in range(TRIES):
        before = databases.tables(here)
        time.sleep(ON_ITS_WAY_SECONDS)
        restored = litestream.restore(settings, name, generation=generation, to=there)
        databases.check(there)
        different = differences(before, databases.tables(there), databases.tables(here))
        if not different:
            rows = sum(table.rows for table in before.values())
            return f"{here.name}: {rows} rows in {len(before)} tables come back in {restored.seconds:.1f} s"
        if attempt + 1 == TRIES:
            raise DeployError(f"{here.name} would not come back as it is: {'; '.join(different)}")
    raise AssertionError("a loop that ended by itself")


def differences(before: dict[str, Table], restored: dict[str, Table], after: dict[str, Table]) -> list[str]:
    """Tables whose rows, or greatest number, are not between those before and after."""
    found = []
    for name, first in before.items():
        there, last = restored.get(name), after.get(name, first)
        if there is None:
            found.append(f"table {name} is missing")
        elif not _between(first.rows, there.rows, last.rows) or not _between(
            first.greatest, there.greatest, last.greatest
        ):
            found.append(
                f"table {name} has {there.rows} rows of {first.rows}, the last number {there.greatest} of {first.greatest}"
            )
    return found


def _between(one: int, value: int, other: int) -> bool:
    return min(one, other) <= value <= max(one, other)


def _night(settings: Settings, scratch: Path, now: dt.datetime) -> list[str]:
    newest = restic.newest(settings)
    if newest is None:
        raise DeployError("No night was ever backed up.")
    if now - newest.time > NIGHT_AGE:
        raise DeployError(f"The newest nightly backup is of {newest.time:%Y-%m-%d %H:%M} UTC.")
    restic.restore(settings, newest.id, to=scratch, only=[settings.copies])
    folder = scratch / settings.copies.lstrip("/")
    counts = msgspec.json.decode((folder / nightly.COUNTS).read_bytes(), type=Counts)
    for name, before in counts.databases.items():
        databases.check(folder / name)
        different = differences(before, databases.tables(folder / name), before)
        if different:
            raise DeployError(f"{name} of the night is not what it was: {'; '.join(different)}")
    restic.check(settings, part="1/50")
    return [f"the night of {newest.time:%Y-%m-%d %H:%M} UTC comes back, and is whole"]


def _empty(scratch: Path) -> None:
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(mode=0o700)
