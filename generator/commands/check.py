"""`longwave check`: everything a build would refuse and every rule of the feed, without writing a thing."""

import datetime as dt
import sqlite3
import tempfile
from itertools import chain
from pathlib import Path

import msgspec
from msgspec import Struct

from generator import urls
from generator.errors import ContentError, Problem
from generator.hosting import run
from generator.project import Options, Progress, Project
from generator.render import feed_rules, feed_xml
from generator.render.output import Output
from generator.write import files
from generator.write.ledger import Ledger
from generator.write.standing import Standing


class Checked(Struct, frozen=True):
    """`advice` is what is allowed and still does the show no good."""

    sources: int
    outputs: int
    advice: tuple[Problem, ...]


def check(content: Path, output: Path, *, at: dt.datetime | None = None, progress: Progress | None = None) -> Checked:
    """Raises ContentError with every problem. What the last build in `output` has parsed is not parsed again."""
    moment = at or dt.datetime.now(dt.UTC)
    options = Options(content=content, output=output, theme=Path(), at=moment, progress=progress)
    try:
        return _checked(options, output / files.LEDGER)
    except (sqlite3.DatabaseError, msgspec.DecodeError):  # a damaged ledger is none
        return _checked(options, Path())


def _checked(options: Options, ledger: Path) -> Checked:
    with tempfile.TemporaryDirectory() as folder:
        _remember(ledger, Path(folder) / "ledger.sqlite")
        project = Project(options, Ledger(Path(folder) / "ledger.sqlite"), Standing(options.output, Path()))
        run(project, writing=False)
        outputs = [output for part in chain(project.first, *project.parts) for output in part.outputs()]
        advice = _check_feeds(project, outputs)
        project.ledger.close()
    return Checked(sum(map(len, project.inventory.entries.values())), len(outputs), advice)


def problems_of(feed: bytes, path: str, *, site_url: str) -> list[Problem]:
    return feed_rules.check(feed, path=path, url=f"{site_url}/{path}")


def _check_feeds(project: Project, outputs: list[Output]) -> tuple[Problem, ...]:
    url = project.site.config.url
    problems: list[Problem] = []
    advice: list[Problem] = []
    for output in outputs:
        if output.kind == "feed":
            feed = _feed(project, output)
            problems += problems_of(feed, output.path, site_url=url)
            if f"/{output.path}" == urls.FEED:
                advice = feed_rules.advise(feed, path=output.path)
    if problems:
        raise ContentError(problems)
    return tuple(advice)


def _feed(project: Project, output: Output) -> bytes:
    bodies = project.bodies()
    return feed_xml.render(
        output.context, {item.notes: bodies.notes(item.notes) for item in output.context.items if item.notes}
    )


def _remember(ledger: Path, copy: Path) -> None:
    """A copy of the last build's ledger, taken while it may be in use."""
    if ledger.is_file():
        with sqlite3.connect(f"file:{ledger}?mode=ro", uri=True) as source, sqlite3.connect(copy) as target:
            source.backup(target)
        source.close()
        target.close()
