"""Brings the files of a folder to what is wanted: makes what has changed, leaves the rest alone, removes what nobody wants."""

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from itertools import chain
from pathlib import Path
from typing import Any

from msgspec import Struct

from generator import digests
from generator.write import files
from generator.write.ledger import Ledger, Origin, Written
from generator.write.standing import Standing

ROWS_PER_COMMIT = 2000
Spread = Callable[..., Iterator[Any]]
Begun = Callable[..., AbstractContextManager[Callable[[], Any]]]
Row = tuple[tuple[Written, Origin], bool]
"""An output as it was made, and whether a file was written."""


class Wanted(Struct, frozen=True):
    """An output by its two fingerprints: `recipe` of how it is made, `context` of what goes into it."""

    part: str
    path: str
    recipe: str
    context: str
    kind: str
    sources: tuple[str, ...]
    item: Any


class Part(Struct, frozen=True):
    """Outputs that are planned by `plan` when their `fingerprint` is not the last build's; '' is never the last one's."""

    name: str
    fingerprint: str
    plan: Callable[[], Sequence[Wanted]]


class Made(Struct, frozen=True):
    """What a maker gives: the bytes, or a file to copy; and the local addresses that they link to."""

    data: bytes | Path
    links: tuple[str, ...] = ()


class Changes(Struct, frozen=True):
    """What a build did, by path."""

    made: tuple[str, ...]
    written: tuple[str, ...]
    removed: tuple[str, ...]


class Plan(Struct, frozen=True):
    """What there is to do: `parts` to plan anew, names of those that are `gone`, and the outputs that both had.

    After a build that was cut off, and so is not `whole`, it is all: there may be files that the ledger never heard of.
    """

    parts: Sequence[Part]
    gone: Collection[str]
    known: Mapping[str, Written]
    whole: bool


class Task(Struct, frozen=True):
    wanted: Wanted
    before: Written | None
    intact: bool
    reason: str


class Work(Struct, frozen=True):
    """What is to be done for some parts: those that `changed`, the outputs that they had, the paths they want now."""

    changed: Sequence[Part]
    known: Mapping[str, Written]
    paths: frozenset[str]
    tasks: Sequence[Task]


class Before:
    """What the last build left. Of one that was cut off nothing is taken on trust: every part has changed."""

    def __init__(self, ledger: Ledger, broken: Collection[str]) -> None:
        self._ledger, self._broken = ledger, broken
        self.whole = ledger.meta("clean") == "yes"
        self.parts = ledger.parts()
        self._touched = set(map(ledger.part_of, broken))

    def work(self, parts: Iterable[Part]) -> Work:
        changed = [part for part in parts if self._differs(part)]
        known = self.outputs(part.name for part in changed)
        wanted = [one for part in changed for one in part.plan()]
        # By path an episode's page and the files beside it come one after the other, and its transcript is parsed once.
        tasks = sorted(_tasks(wanted, known, self._broken), key=lambda task: task.wanted.path)
        return Work(changed, known, frozenset(one.path for one in wanted), tasks)

    def outputs(self, parts: Iterable[str]) -> dict[str, Written]:
        return self._ledger.outputs_of(parts) if self.whole else self._ledger.outputs()

    def _differs(self, part: Part) -> bool:
        same = self.whole and part.fingerprint and self.parts.get(part.name) == part.fingerprint
        return not same or part.name in self._touched


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


def _tasks(wanted: Iterable[Wanted], known: Mapping[str, Written], broken: Collection[str]) -> Iterator[Task]:
    for one in wanted:
        before = known.get(one.path)
        if before is None:
            yield Task(one, None, False, "it is new")
        elif one.path in broken:
            yield Task(one, before, False, "the file was missing or changed by another hand")
        elif before.recipe != one.recipe:
            yield Task(one, before, True, "its template, the theme's assets or Longwave itself changed")
        elif (before.context, before.part) != (one.context, one.part):
            yield Task(one, before, True, "what it prints changed")


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
