"""At the end of Pelican's run: renders and writes what has changed. Pelican's own writer, which rewrites all, is kept still."""

import hashlib
import re
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
from pelican.plugins import signals

from generator import versions
from generator.bodies import Bodies
from generator.project import Project
from generator.render.making import Maker
from generator.render.output import Output
from generator.write.outputs import Made, Wanted, refresh
from generator.write.recipes import Recipes

LINK = re.compile(rb'(?:href|src)="(/(?!/)[^"#?]*)')


def register() -> None:
    signals.get_writer.connect(still_writer)
    signals.finalized.connect(write)


class StillWriter:
    """Stands where Pelican looks for a writer: posts and pages are planned and written with everything else."""

    def __init__(self, output_path: str, settings: Any) -> None:
        pass

    def write_file(self, *args: Any, **kwargs: Any) -> None:
        pass

    def write_feed(self, *args: Any, **kwargs: Any) -> None:
        pass


def still_writer(pelican: Any) -> type[StillWriter]:
    return StillWriter


def write(pelican: Any) -> None:
    project: Project = pelican.settings["LONGWAVE"]
    options, ledger = project.options, project.ledger
    recipes = Recipes(options.theme / "templates", code=versions.code(), remembered=ledger.meta("templates"))
    ledger.set_meta(templates=recipes.memory())
    project.changes = refresh(
        options.output,
        list(wanted(project, recipes)),
        ledger,
        make=maker(project),
        now=project.now,
        at=options.at.isoformat(timespec="seconds"),
        spread=project.spread,
    )
    if closing := pelican.settings.get("LONGWAVE_CLOSING"):
        ledger.set_meta(clean="yes")
        closing.close()


def wanted(project: Project, recipes: Recipes) -> Iterator[Wanted]:
    encode = msgspec.msgpack.Encoder(order="deterministic").encode
    frame = _digest(encode(project.frame))
    for output in project.outputs:
        yield Wanted(
            output.path,
            recipes.of(output.kind, frame),
            _digest(encode(output.context)),
            output.kind,
            output.sources,
            output,
        )


def maker(project: Project) -> Callable[[Output], Made]:
    """Makes an output's bytes; a media file is copied instead."""
    making = Maker(project.environment.get_template, project.frame, Bodies(project.ledger.path, project.options.content))

    def make(output: Output) -> Made:
        if output.kind == "copy":
            return Made(project.options.content.parent / output.context)
        data = making.make(output)
        links = {match.decode() for match in LINK.findall(data)} if output.kind.endswith(".html") else set()
        return Made(data, tuple(sorted(links)))

    return make


def _digest(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=16).hexdigest()
