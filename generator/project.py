"""What one run knows, handed from plugin to plugin: its options, and what each has found so far."""

import datetime as dt
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from msgspec import Struct

from generator import versions
from generator.read.scan import Found, Stat, scan
from generator.workers import begun, spread
from generator.write import files
from generator.write.ledger import Ledger, discard
from generator.write.outputs import Changes
from generator.write.standing import Standing

if TYPE_CHECKING:  # a build with nothing to do is over before these are imported
    from generator.bodies import Bodies
    from generator.model import Site
    from generator.read.inventory import Inventory, Row
    from generator.render.output import Part
    from generator.render.views import Frame

Result = TypeVar("Result")
_unfreed: list["Project"] = []
Progress = Callable[[Iterator[Any], int], Iterator[Any]]
"""Shows results of long work as they pass; takes them and how many there will be."""


class Options(Struct, frozen=True, kw_only=True):
    """`at` is the moment that decides what is public. `url` takes the place of site.url; `jobs` None is one a core."""

    content: Path
    output: Path
    theme: Path
    at: dt.datetime
    url: str | None = None
    drafts: bool = False
    jobs: int | None = None
    progress: Progress | None = None
    last: bool = False
    """The process ends after this run: what it has read need not be freed, which takes a tenth of a second."""

    @property
    def code(self) -> str:
        """What shapes outputs beside content and theme: our code and the libraries'."""
        return versions.code()


@dataclass
class Project:
    """Filled step by step: sources are read, the site is put together, outputs are planned, then written or checked."""

    options: Options
    ledger: Ledger
    standing: Standing
    now: int = field(default_factory=lambda: int(time.time()))
    """The least modification time of what this run changes."""
    inventory: "Inventory" = field(init=False)
    site: "Site" = field(init=False)
    frame: "Frame" = field(init=False)
    environment: Any = None  # Jinja's, as Pelican made it for the theme
    articles: dict[str, str] = field(default_factory=dict)
    """HTML of each post and page as Pelican left it, by source."""
    first: list["Part"] = field(default_factory=list)
    """What takes longest to make: begun before the other parts are planned."""
    parts: list[Iterable["Part"]] = field(default_factory=list)
    """Each plugin's, planned when they are asked for."""
    changes: Changes | None = None

    @cached_property
    def scanned(self) -> Found:
        return scan(self.options.content)

    def read(self) -> "Inventory":
        """Every source, parsed once in its life."""
        from generator.read import inventory  # noqa: PLC0415

        content = self.options.content
        config, _ = inventory.read_config(content)
        salt = f"{self.options.code} {content.name} {inventory.defaults(config)}"
        if self.ledger.meta("salt") != salt:
            self.ledger.clear_sources()
            self.ledger.set_meta(salt=salt)
        self.inventory = inventory.load(content, self.scanned, Sources(self.ledger), spread=self.spread)
        return self.inventory

    @property
    def published_guids(self) -> dict[int, str]:
        """What the last publish from this content folder put into the feed, by episode number."""
        known = self.ledger.meta("published from") == str(self.options.content.absolute())
        return msgspec.json.decode(self.ledger.meta("published guids"), type=dict[int, str]) if known else {}

    def remember_published(self) -> None:
        guids, content = self.ledger.meta("guids"), str(self.options.content.absolute())
        self.ledger.set_meta(**{"published guids": guids, "published from": content})

    def bodies(self) -> "Bodies":
        from generator.bodies import Bodies  # noqa: PLC0415

        return Bodies(self.ledger.path, self.options.content)

    def spread(self, function: Callable[[Any], Any], items: Sequence[Any]) -> Iterator[Any]:
        """`function` of every item, by all worker processes."""
        results = spread(function, items, jobs=self.options.jobs)
        return self.options.progress(results, len(items)) if self.options.progress and items else results

    def begun(
        self, function: Callable[[Any], Any], items: Sequence[Any]
    ) -> AbstractContextManager[Callable[[], list[Any]]]:
        """The same by a process of its own, while this one goes on."""
        return begun(function, items, jobs=self.options.jobs)


class Sources:
    """The ledger as the inventory's store."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def sources(self) -> dict[str, tuple[Stat, str, str, bytes]]:
        rows = self._ledger.sources()
        return {path: (Stat(size, time), digest, body, head) for path, size, time, digest, body, head in rows}

    def keep(self, rows: "Iterable[Row]") -> None:
        kept = list(rows)
        if not kept:
            return
        self._ledger.put_sources(
            [(row.path, *_stat(row.stat), row.parsed.digest, row.parsed.body_digest, row.parsed.head) for row in kept],
            [(row.parsed.body_digest, row.parsed.body) for row in kept if row.parsed.body],
        )
        self._ledger.drop_unused_bodies()

    def touch(self, stats: dict[str, Stat]) -> None:
        self._ledger.touch_sources((*_stat(stat), path) for path, stat in stats.items())

    def forget(self, paths: Iterable[str]) -> None:
        self._ledger.drop_sources(paths)


def _stat(stat: Stat) -> tuple[int, int]:
    return stat.size, stat.mtime_ns


def healing(options: Options, work: Callable[["Project"], Result]) -> Result:
    """`work` on an opened project; when the ledger turns out to be damaged, once more without it."""
    try:
        with opened(options) as project:
            return work(project)
    except (sqlite3.DatabaseError, msgspec.DecodeError):
        discard(options.output / files.LEDGER)
        with opened(options) as project:
            return work(project)


@contextmanager
def opened(options: Options) -> Iterator[Project]:
    """A run with the right to write its output folder, and what the last one there remembers."""
    place = options.output / files.LEDGER
    with (
        files.locked(options.output),
        closing(Standing(options.output, place)) as standing,
        closing(Ledger(place)) as ledger,
    ):
        project = Project(options, ledger, standing)
        if options.last:
            _unfreed.append(project)
        yield project
