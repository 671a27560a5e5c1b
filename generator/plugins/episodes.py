"""When all is read: puts the site together and plans its pages and the files beside them."""

from typing import Any

from pelican.plugins import signals

from generator.errors import ContentError
from generator.project import Project
from generator.read.site import assemble
from generator.render import pages


def register() -> None:
    signals.all_generators_finalized.connect(plan)


def plan(generators: list[Any]) -> None:
    settings = generators[0].settings
    project: Project = settings["LONGWAVE"]
    site, problems = assemble(
        project.inventory,
        at=project.options.at,
        drafts=project.options.drafts,
        url=project.options.url,
        articles=project.articles,
        published=project.published_guids,
    )
    if problems or site is None:
        raise ContentError(problems)
    project.site = site
    project.parts.append(pages.parts(site))
