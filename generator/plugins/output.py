"""At the end of Pelican's run: renders and writes what has changed."""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from functools import partial
from itertools import chain
from typing import Any

import msgspec
from pelican.plugins import signals

from generator import digests
from generator.project import Project
from generator.render import output
from generator.render.making import Maker
from generator.render.views import Frame
from generator.write.outputs import Made, refresh
from generator.write.recipes import Recipes
from generator.write.work import Part, Wanted

HTML_LINK = rb'="(?:(?<=href=")|(?<=src=")|(?<=poster="))(?:%s)?(/(?!/)[^"#?]*)'  # what begins with a fixed text is found sooner
XML_LINK = rb"""(?:["'>])%s(/[^"'<>#?\s]*)"""
encode = msgspec.msgpack.Encoder().encode
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
        printed(chain(*project.parts), recipes, project.frame),
        ledger,
        first=list(printed(project.first, recipes, project.frame)),
        standing=project.standing,
        make=maker(project),
        now=project.now,
        at=datetime.fromtimestamp(project.now, UTC).isoformat(),
        spread=project.spread,
        begun=project.begun,
    )
    if closing := pelican.settings.get("LONGWAVE_CLOSING"):
        ledger.set_meta(clean="yes")
        closing.close()


def printed(parts: Iterable[output.Part], recipes: Recipes, frame: Frame) -> Iterator[Part]:
    """The parts with their fingerprints: how all is made, and what goes into each."""
    around = digests.of(encode(frame))
    making = f"{recipes.digest} {around} ".encode()
    for part in parts:
        fingerprint = digests.of(making + encode(part.inputs)) if part.inputs else ""
        yield Part(part.name, fingerprint, partial(wanted, part, recipes, frame=around))


def wanted(part: output.Part, recipes: Recipes, *, frame: str) -> list[Wanted]:
    return [
        Wanted(
            part.name,
            one.path,
            recipes.of(one.kind, frame),
            digests.of(encode(one.context)),
            one.kind,
            one.sources,
            one,
        )
        for one in part.outputs()
    ]


def maker(project: Project) -> Callable[[output.Output], Made]:
    """Makes an output's bytes and finds where they lead within the site; a media file is copied instead."""
    making = Maker(project.environment.get_template, project.frame, project.bodies())

    origin = re.escape(project.site.config.url.encode())
    html, xml = re.compile(HTML_LINK % origin), re.compile(XML_LINK % origin)

    def make(one: output.Output) -> Made:
        if one.kind == "copy":
            return Made(project.options.content.parent / one.context)
        data = making.make(one)
        pattern = html if one.kind.endswith(".html") else xml if one.kind in XML_KINDS else None
        links = {match.decode() for match in pattern.findall(data)} if pattern else set()
        return Made(data, tuple(sorted(links)))

    return make
