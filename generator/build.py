"""The wiring: one run from sources to a finished web root, or to the list of what is wrong. Everything is constructed here."""

import datetime as dt
import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from msgspec import Struct

from generator import digests
from generator.errors import BuildError
from generator.project import Options, Progress, Project, healing
from generator.read.scan import walk


class Report(Struct, frozen=True, kw_only=True):
    """What a build did, counted in files without their compressed siblings."""

    pages: int
    rendered: int
    written: int
    removed: int
    seconds: float

    def __str__(self) -> str:
        done = f"{self.pages} pages, {self.rendered} rendered, {self.written} written, {self.seconds:.1f} s"
        return f"{done}, {self.removed} removed" if self.removed else done


def build(
    content: Path,
    output: Path,
    *,
    theme: Path = Path("theme"),
    url: str | None = None,
    drafts: bool = False,
    at: dt.datetime | None = None,
    jobs: int | None = None,
    progress: Progress | None = None,
    last: bool = False,
) -> Report:
    """Brings `output` to what `content` and `theme` say. Raises ContentError, with every mistake, before it writes anything."""
    moment = at or dt.datetime.now(dt.UTC)
    options = Options(
        content=content,
        output=output,
        theme=theme,
        at=moment,
        url=url,
        drafts=drafts,
        jobs=jobs,
        progress=progress,
        last=last,
    )
    return healing(options, refresh)


def refresh(project: Project) -> Report:
    """Builds what an opened project holds."""
    begun = time.monotonic()
    with _collector_off(for_good=project.options.last):
        inputs = _inputs(project)
        count = _nothing_to_do(project, inputs)
        if count is not None:
            return Report(pages=count, rendered=0, written=0, removed=0, seconds=time.monotonic() - begun)
        from generator.hosting import run  # noqa: PLC0415 (importing Pelican is a third of a short build; readers are the next)

        run(project)
    changes, ledger = project.changes, project.ledger
    if changes is None:
        raise BuildError("Pelican ended without writing anything. `pelican -s generator/pelicanconf.py -D` says why.")
    ledger.set_meta(
        inputs=inputs,
        clean="yes",
        at=project.options.at.isoformat(),
        due=_due(project),
        guids=_guids(project),
        ids=_ids(project),
    )
    return Report(
        pages=ledger.count_outputs(),
        rendered=len(changes.made),
        written=len(changes.written),
        removed=len(changes.removed),
        seconds=time.monotonic() - begun,
    )


def _inputs(project: Project) -> str:
    """One digest of everything a build reads, by sizes and times."""
    options = project.options
    theme = [(path, entry.stat().st_size, entry.stat().st_mtime_ns) for path, entry in walk(options.theme)]
    parts = [project.scanned, sorted(theme), options.code, options.url, options.drafts, str(options.content.absolute())]
    return digests.of(msgspec.msgpack.encode(parts, order="deterministic"))


def _nothing_to_do(project: Project, inputs: str) -> int | None:
    """How many outputs there are, when no source, setting or date has changed and every output stands as it was left."""
    ledger, at = project.ledger, project.options.at
    if ledger.meta("inputs") != inputs or ledger.meta("clean") != "yes":
        return None
    due = ledger.meta("due")
    if at < dt.datetime.fromisoformat(ledger.meta("at")) or (due and dt.datetime.fromisoformat(due) <= at):
        return None
    return None if project.standing.broken else ledger.count_outputs()


def _due(project: Project) -> str:
    """When something next comes out, is no longer new, or ends; '' when nothing will."""
    from generator.read.visibility import turns  # noqa: PLC0415

    kinds = ("episode", "post", "course", "bundle")
    dates = turns([value for kind in kinds for value in project.inventory.values(kind)])
    return min((date.isoformat() for date in dates if date > project.options.at), default="")


def _guids(project: Project) -> str:
    """The guid of every published episode, for `publish` to freeze in content/guids.lock."""
    return msgspec.json.encode({episode.number: episode.guid for episode in project.site.episodes}).decode()


def _ids(project: Project) -> str:
    """The address of every published thing that has an id, for content/ids.lock."""
    from generator.read import ids  # noqa: PLC0415

    return msgspec.json.encode(ids.places(project.site.courses, project.site.bundles)).decode()


@contextmanager
def _collector_off(*, for_good: bool) -> Iterator[None]:
    """A build makes many values and drops few: the collector would look through all of them, at the latest when it is back."""
    gc.disable()
    try:
        yield
    finally:
        if not for_good:
            gc.enable()
