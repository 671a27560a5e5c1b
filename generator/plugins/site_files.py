"""Plans what stands at a site's root for machines, and the media that published content shows or plays."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from pelican.plugins import signals

from generator import urls
from generator.model import Site
from generator.project import Project
from generator.render import site_files, sitemap
from generator.render.output import Output, Part


def register() -> None:
    signals.all_generators_finalized.connect(plan)


def plan(generators: list[Any]) -> None:
    project: Project = generators[0].settings["LONGWAVE"]
    project.parts.append([sitemap.part(project.site), Part("site files", partial(_files, project.site))])


def _files(site: Site) -> Iterator[Output]:
    yield Output("robots.txt", "robots", site_files.plan_robots(site))
    yield Output("llms.txt", "llms", site_files.plan_llms(site))
    yield Output("manifest.webmanifest", "manifest", site_files.plan_manifest(site))
    yield Output(site_files.REDIRECTS, "redirects", site_files.plan_redirects(site))
    yield from (Output(urls.output_path(path), "copy", source, (source,)) for path, source in site.files.items())
