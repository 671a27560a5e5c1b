"""Plans what stands at a site's root for machines, and the media that published content shows or plays."""

from typing import Any

from pelican.plugins import signals

from generator import urls
from generator.project import Project
from generator.render import site_files, sitemap
from generator.render.output import Output


def register() -> None:
    signals.all_generators_finalized.connect(plan)


def plan(generators: list[Any]) -> None:
    project: Project = generators[0].settings["LONGWAVE"]
    site = project.site
    project.outputs += [
        Output("sitemap.xml", "sitemap", sitemap.plan(site)),
        Output("robots.txt", "robots", site_files.plan_robots(site)),
        Output("llms.txt", "llms", site_files.plan_llms(site)),
        Output("manifest.webmanifest", "manifest", site_files.plan_manifest(site)),
        Output(site_files.REDIRECTS, "redirects", site_files.plan_redirects(site)),
        *(Output(urls.output_path(path), "copy", source, (source,)) for path, source in site.files.items()),
    ]
