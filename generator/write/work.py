"""Finds what is to be done: which parts of the outputs changed since the last build, and which files of theirs. Makes nothing."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from generator.write.ledger import Ledger, Written


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
