"""Plans the feeds of episodes and posts, and what the service reads of the show."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from pelican.plugins import signals

from generator import urls
from generator.model import Site
from generator.project import Project
from generator.render import feed, posts_feed, show_data
from generator.render.output import Output, Part


def register() -> None:
    signals.all_generators_finalized.connect(plan)


def plan(generators: list[Any]) -> None:
    project: Project = generators[0].settings["LONGWAVE"]
    newest, *archives = feed.parts(project.site)
    project.first.append(newest)
    project.parts.append([*archives, Part("facts of the show", partial(_others, project.site))])


def _others(site: Site) -> Iterator[Output]:
    for path, posts in posts_feed.plan(site, lambda post: site.resolved.get(post.source, {})).items():
        yield Output(urls.output_path(path), "posts feed", posts)
    yield Output("episodes.json", "episodes", show_data.plan(site))
