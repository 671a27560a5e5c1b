"""Plans what there is about courses beside their pages: captions, their feed, and the catalog that the service reads."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from pelican.plugins import signals

from generator import urls
from generator.model import Site
from generator.project import Project
from generator.render import catalog, course_files
from generator.render.output import Output, Part


def register() -> None:
    signals.all_generators_finalized.connect(plan)


def plan(generators: list[Any]) -> None:
    project: Project = generators[0].settings["LONGWAVE"]
    project.parts.append([Part("store", partial(_files, project.site, content=project.options.content.name))])


def _files(site: Site, *, content: str) -> Iterator[Output]:
    yield from course_files.plan_captions(site)
    yield from course_files.plan_downloads(site, content=content)
    yield Output("catalog.json", "catalog", catalog.plan(site))
    if site.courses:
        yield Output(urls.output_path(urls.COURSES_FEED), "courses feed", course_files.plan_feed(site))
