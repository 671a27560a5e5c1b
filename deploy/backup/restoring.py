"""Brings a lost machine's data to a new one: what the last night holds, then the databases as they were a second before the end.

Nothing that is already here is overwritten. Does not know what the service makes of its databases: a program of its own is told.
"""

import datetime as dt
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import msgspec
from msgspec import Struct

from deploy.backup import databases, litestream, restic
from deploy.backup.litestream import Restored
from deploy.backup.settings import DATABASES, Settings
from deploy.errors import DeployError

NOTE = "restored.json"
Steps = list[tuple[str, float]]


class Result(Struct, frozen=True, kw_only=True):
    """`changed`: the last change that came back; what came after it was on no other machine. `steps` with their seconds."""

    source: str
    changed: dt.datetime
    began: dt.datetime
    seconds: float
    steps: Steps

    @property
    def lost_seconds_max(self) -> int:
        return round((self.began - self.changed).total_seconds())


class Chosen(Struct, frozen=True):
    """The state that comes back: a folder with the databases, what it is, and the last change in it."""

    folder: Path
    source: str
    changed: dt.datetime


def restore(settings: Settings, *, now: dt.datetime, generation: str = "", night: bool = False) -> Result:
    """`night`: as of the last night, also where something newer is there. Raises DeployError, and then nothing was laid."""
    _refuse_a_used_place(settings)
    scratch = Path(settings.state, "restoring")
    shutil.rmtree(scratch, ignore_errors=True)
    (scratch / "live").mkdir(mode=0o700, parents=True)
    (scratch / "night").mkdir(mode=0o700)
    try:
        result = _restored(settings, scratch, now=now, generation=generation, night=night)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    Path(settings.state, NOTE).write_bytes(msgspec.json.encode(result))
    return result


def last(settings: Settings) -> Result:
    """What `restore` did. Raises DeployError when it never ran here."""
    note = Path(settings.state, NOTE)
    if not note.exists():
        raise DeployError("Nothing was restored on this machine.")
    return msgspec.json.decode(note.read_bytes(), type=Result)


def _restored(settings: Settings, scratch: Path, *, now: dt.datetime, generation: str, night: bool) -> Result:
    began, steps = time.monotonic(), Steps()
    newest = restic.newest(settings)
    if newest:
        restic.restore(settings, newest.id, to=scratch / "night")
        _note(steps, f"fetched the night of {newest.time:%Y-%m-%d %H:%M} UTC", began)
    live = _live(settings, scratch / "live", generation)
    if live:
        _note(steps, "fetched the databases of the last second", began)
    chosen = _choose(settings, scratch, live={} if night else live, newest=newest)
    for name in DATABASES:
        databases.check(chosen.folder / f"{name}.sqlite")
    _note(steps, "checked them", began)
    _lay(scratch / "night", besides=scratch / "night" / settings.copies.lstrip("/"))
    _lay_data(settings, scratch, chosen.folder)
    _note(steps, "laid everything in its place", began)
    seconds = round(time.monotonic() - began, 1)
    return Result(source=chosen.source, changed=chosen.changed, began=now, seconds=seconds, steps=steps)


def _note(steps: Steps, what: str, began: float) -> None:
    steps.append((what, round(time.monotonic() - began - sum(seconds for _, seconds in steps), 1)))


def _refuse_a_used_place(settings: Settings) -> None:
    there = [file for file in settings.files if file.exists()]
    if there:
        raise DeployError(
            f"{there[0]} is there already, and nothing is overwritten. To go back to a backup on a machine in use, see "
            "'Restore' in deploy/README.md: stop the service, move its databases aside, restore, start it."
        )


def _live(settings: Settings, folder: Path, generation: str) -> dict[str, Restored]:
    """Of the newest generation, unless it holds less than the one before: then somebody has to choose."""
    known = litestream.generations(settings)
    if generation and generation not in known:
        raise DeployError(f"There is no generation {generation}. There are: {', '.join(known) or 'none'}.")
    if not known:
        return {}
    if not generation and len(known) > 1:
        _refuse_less(settings, folder / "compared.sqlite", known)
    chosen = generation or known[0]
    return {
        name: litestream.restore(settings, name, generation=chosen, to=folder / f"{name}.sqlite") for name in DATABASES
    }


def _refuse_less(settings: Settings, scratch: Path, known: list[str]) -> None:
    """A machine that was set up without a restore begins a generation too, an empty one."""
    rows = {}
    for each in known[:2]:
        litestream.restore(settings, DATABASES[0], generation=each, to=scratch)
        rows[each] = sum(table.rows for table in databases.tables(scratch).values())
    newest, before = known[:2]
    if rows[newest] < rows[before]:
        raise DeployError(
            f"The newest generation, {newest}, holds {rows[newest]} rows, and {before} held {rows[before]}: it may be that of a "
            f"machine which was set up without a restore. Say which one is right: --generation {before}"
        )


def _choose(settings: Settings, scratch: Path, *, live: dict[str, Restored], newest: restic.Snapshot | None) -> Chosen:
    if live:
        changed = max(each.changed for each in live.values())
        return Chosen(scratch / "live", f"litestream, generation {live[DATABASES[0]].generation}", changed)
    if newest:
        folder = scratch / "night" / settings.copies.lstrip("/")
        return Chosen(folder, f"restic, snapshot {newest.id[:8]}", newest.time.astimezone(dt.UTC))
    raise DeployError(f"There is nothing at {settings.target} that could be restored.")


def _lay(night: Path, *, besides: Path) -> None:
    """What is not here yet, each thing its new folder's owner's: numbers of users are another machine's."""
    for found in sorted(night.rglob("*")):
        target = Path("/", found.relative_to(night))
        if found.is_relative_to(besides) or not found.is_file() or os.path.lexists(target):
            continue
        _make_folder(target.parent, like=found.parent)
        shutil.copy2(found, target, follow_symlinks=False)
        _own(target, target.parent.stat())


def _make_folder(folder: Path, *, like: Path) -> None:
    if not folder.exists():
        _make_folder(folder.parent, like=like.parent)
        folder.mkdir(mode=like.stat().st_mode & 0o777)
        _own(folder, folder.parent.stat())


def _own(path: Path, whose: os.stat_result) -> None:
    if os.geteuid() == 0:
        os.chown(path, whose.st_uid, whose.st_gid, follow_symlinks=False)


def _lay_data(settings: Settings, scratch: Path, found: Path) -> None:
    """The databases get their names last: only with these is the place a used one."""
    data = Path(settings.data)
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    laid = [data / f"restored-{file.name}" for file in settings.files]
    for source, file in zip(settings.files, laid, strict=True):
        shutil.copyfile(found / source.name, file)
    newest = scratch / "live" / settings.files[0].name
    _tell(laid, data / "erased.jsonl", newest=newest if newest.exists() else laid[0])
    for file in (*laid, data / "erased.jsonl"):
        if file.exists():
            file.chmod(0o600)
            _own(file, data.stat())
    litestream.forget_local(settings)
    for file, target in zip(laid, settings.files, strict=True):
        file.rename(target)


def _tell(laid: list[Path], erased: Path, *, newest: Path) -> None:
    """Phones must start over, and whoever was erased later stays erased: the service knows how."""
    words = [*map(str, laid), str(erased), "--newest", str(newest)]
    done = subprocess.run([sys.executable, "-m", "api.restored", *words], capture_output=True, text=True, check=False)
    for left in (file for path in laid for file in path.parent.glob(f"{path.name}-*")):
        left.unlink()
    for left in (file for path in laid for file in path.parent.glob(f"{path.stem}.migrating")):
        left.unlink()
    if done.returncode != 0:
        raise DeployError(done.stderr.strip() or "the restored databases cannot be used")
