"""Brings the files of a folder to what is wanted: makes what has changed, leaves the rest alone, removes what nobody wants."""

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from itertools import chain
from pathlib import Path
from typing import Any

from msgspec import Struct

from generator import digests
from generator.write import files
from generator.write.ledger import Ledger, Origin, Written
from generator.write.standing import Standing
from generator.write.work import Before, Part, Task, Wanted

ROWS_PER_COMMIT = 2000
Spread = Callable[..., Iterator[Any]]
Begun = Callable[..., AbstractContextManager[Callable[[], Any]]]
Row = tuple[tuple[Written, Origin], bool]
"""An output as it was made, and whether a file was written."""


class Made(Struct, frozen=True):
    """What a maker gives: the bytes, or a file to copy; and the local addresses that they link to."""

    data: bytes | Path
    links: tuple[str, ...] = ()


class Changes(Struct, frozen=True):
    """What a build did, by path."""

    made: tuple[str, ...]
    written: tuple[str, ...]
    removed: tuple[str, ...]


def refresh(
    root: Path,
    parts: Iterable[Part],
    ledger: Ledger,
    *,
    first: Sequence[Part],
    standing: Standing,
    make: Callable[[Any], Made],
    now: int,
    at: str,
    spread: Spread,
    begun: Begun,
) -> Changes:
    """Makes and writes what differs from the ledger. `now` is the least time a changed file gets, `at` is noted as when.

    The `first` parts take longest: they are being made while the others are planned.
    """
    before = Before(ledger, standing.broken)
    ledger.set_meta(clean="no")

    def done(task: Task) -> Row:
        return _make(root, task, make=make, now=now, at=at)

    ahead = before.work(first)
    with begun(done, ahead.tasks) as results:
        others = list(parts)
        rest = before.work(others)
        gone = before.parts.keys() - {part.name for part in (*first, *others)}
        known = {**ahead.known, **rest.known, **before.outputs(gone)}
        removed = _remove(root, ahead.paths | rest.paths, known.keys(), ledger, strangers=not before.whole)
        written = _kept(chain(spread(done, rest.tasks), _late(results)), ledger)
    ledger.put_parts([(part.name, part.fingerprint) for part in (*ahead.changed, *rest.changed)], gone=gone)
    made = sorted(task.wanted.path for task in (*ahead.tasks, *rest.tasks))
    return Changes(tuple(made), tuple(sorted(written)), removed)


def _late(results: Callable[[], Iterable[Row]]) -> Iterator[Row]:
    """Asked for when all others are there."""
    yield from results()


def _kept(made: Iterable[Row], ledger: Ledger) -> list[str]:
    """Notes what was made; gives the paths of what was written."""
    written, rows = [], []
    for row, moved in made:
        rows.append(row)
        if moved:
            written.append(row[0].path)
        if len(rows) >= ROWS_PER_COMMIT:
            ledger.put_outputs(rows)
            rows = []
    ledger.put_outputs(rows)
    return written


def _remove(
    root: Path, wanted: Collection[str], known: Collection[str], ledger: Ledger, *, strangers: bool
) -> tuple[str, ...]:
    """With `strangers` also files that the ledger never heard of, as a build that was cut off leaves them."""
    stale = sorted(set(known) - set(wanted))
    if strangers:
        stale += files.strangers(root, set(wanted))
    for path in stale:
        files.remove(root, path)
    ledger.drop_outputs(stale)
    return tuple(stale)


def _make(root: Path, task: Task, *, make: Callable[[Any], Made], now: int, at: str) -> Row:
    one = task.wanted
    made = make(one.item)
    origin = Origin(one.kind, task.reason, at, one.sources, made.links)
    digest = _digest(made.data, one)
    if task.intact and task.before is not None and task.before.digest == digest:
        before = task.before
        same = Written(
            one.path, one.recipe, one.context, digest, before.size, before.mtime, before.gz, before.br, one.part
        )
        return (same, origin), False
    mtime = _time(root, task, made.data, now=now)
    size, gz, br = _write(root, one.path, made.data, mtime=mtime)
    return (Written(one.path, one.recipe, one.context, digest, size, mtime, gz, br, one.part), origin), True


def _digest(data: bytes | Path, one: Wanted) -> str:
    return one.context if isinstance(data, Path) else digests.of(data)


def _time(root: Path, task: Task, data: bytes | Path, *, now: int) -> int:
    """A changed file is at least a second younger than before; one with the same bytes keeps its time."""
    path = f"{root}/{task.wanted.path}"
    try:
        stat = os.stat(path)  # noqa: PTH116 (Path takes as long as the rest)
        if isinstance(data, Path):
            same = stat.st_size == data.stat().st_size
        else:
            same = stat.st_size == len(data) and Path(path).read_bytes() == data
    except OSError:
        return max(now, task.before.mtime + 1) if task.before else now
    old = int(stat.st_mtime)
    return old if same else max(now, old + 1, task.before.mtime + 1 if task.before else 0)


def _write(root: Path, path: str, data: bytes | Path, *, mtime: int) -> tuple[int, int, int]:
    if isinstance(data, Path):
        files.place(root, path, data, mtime=mtime)
        return data.stat().st_size, 0, 0
    gz, br = files.put(root, path, data, mtime=mtime)
    return len(data), gz, br
