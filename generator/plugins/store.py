"""Plans what there is about courses beside their pages: the captions of lectures and the catalog that the service reads."""

from typing import Any

from pelican.plugins import signals

from generator.project import Project
from generator.render import catalog
from generator.render.output import Output


def register() -> None:
    signals.all_generators_finalized.connect(plan)


def plan(generators: list[Any]) -> None:
    project: Project = generators[0].settings["LONGWAVE"]
    project.outputs.append(Output("catalog.json", "catalog", catalog.plan(project.site)))
