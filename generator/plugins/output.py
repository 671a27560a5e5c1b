"""At the end of Pelican's run: renders and writes what has changed."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec
from pelican.plugins import signals

from generator import digests
from generator.project import Project
from generator.render.making import Maker
from generator.render.output import Output
from generator.write.outputs import Made, Wanted, refresh
from generator.write.recipes import Recipes

HTML_LINK = rb'="(?:(?<=href=")|(?<=src=")|(?<=poster="))(?:%s)?(/(?!/)[^"#?]*)'  # what begins with a fixed text is found sooner
XML_LINK = rb"""(?:["'>])%s(/[^"'<>#?\s]*)"""
XML_KINDS = ("feed", "posts feed", "courses feed", "sitemap")


def register() -> None:
    signals.finalized.connect(write)


def write(pelican: Any) -> None:
    project: Project = pelican.settings["LONGWAVE"]
    options, ledger = project.options, project.ledger
    recipes = Recipes(options.theme / "templates", code=options.code, remembered=ledger.meta("templates"))
    ledger.set_meta(templates=recipes.memory(), content=options.content.name, theme=str(options.theme))
    project.changes = refresh(
        options.output,
        list(wanted(project, recipes)),
        ledger,
        standing=project.standing,
        make=maker(project),
        now=project.now,
        at=datetime.fromtimestamp(project.now, UTC).isoformat(),
        spread=project.spread,
    )
    if closing := pelican.settings.get("LONGWAVE_CLOSING"):
        ledger.set_meta(clean="yes")
        closing.close()


def wanted(project: Project, recipes: Recipes) -> Iterator[Wanted]:
    encode = msgspec.msgpack.Encoder().encode
    frame = digests.of(encode(project.frame))
    for output in project.outputs:
        yield Wanted(
            output.path,
            recipes.of(output.kind, frame),
            digests.of(encode(output.context)),
            output.kind,
            output.sources,
            output,
        )


def maker(project: Project) -> Callable[[Output], Made]:
    """Makes an output's bytes and finds where they lead within the site; a media file is copied instead."""
    making = Maker(project.environment.get_template, project.frame, project.bodies())

    origin = re.escape(project.site.config.url.encode())
    html, xml = re.compile(HTML_LINK % origin), re.compile(XML_LINK % origin)

    def make(output: Output) -> Made:
        if output.kind == "copy":
            return Made(project.options.content.parent / output.context)
        data = making.make(output)
        pattern = html if output.kind.endswith(".html") else xml if output.kind in XML_KINDS else None
        links = {match.decode() for match in pattern.findall(data)} if pattern else set()
        return Made(data, tuple(sorted(links)))

    return make
