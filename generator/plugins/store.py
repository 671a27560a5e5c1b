"""Plans what there is about courses beside their pages: captions, their feed, and the catalog that the service reads."""

from typing import Any

from pelican.plugins import signals

from generator import urls
from generator.project import Project
from generator.render import catalog, course_files
from generator.render.output import Output


def register() -> None:
    signals.all_generators_finalized.connect(plan)


def plan(generators: list[Any]) -> None:
    project: Project = generators[0].settings["LONGWAVE"]
    site = project.site
    project.outputs += [
        *course_files.plan_captions(site),
        *course_files.plan_downloads(site, content=project.options.content.name),
        Output("catalog.json", "catalog", catalog.plan(site)),
    ]
    if site.courses:
        project.outputs.append(
            Output(urls.output_path(urls.COURSES_FEED), "courses feed", course_files.plan_feed(site))
        )
