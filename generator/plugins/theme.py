"""Plans the theme's assets, and takes from Pelican and them what every page is rendered with."""

from typing import Any

from pelican.plugins import signals

from generator.project import Project
from generator.render import frame
from generator.render.output import Output
from generator.write import assets


def register() -> None:
    signals.all_generators_finalized.connect(plan)


def plan(generators: list[Any]) -> None:
    project: Project = generators[0].settings["LONGWAVE"]
    loaded = assets.load(project.options.theme)
    project.outputs += [Output(path, "bytes", data) for path, data in loaded.files.items()]
    project.frame = frame.of(project.site, stylesheet=loaded.stylesheet, scripts=loaded.scripts)
    project.environment = generators[0].env
