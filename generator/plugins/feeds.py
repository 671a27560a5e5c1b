"""Plans the feeds of episodes and posts, and what the service reads of the show."""

from typing import Any

from pelican.plugins import signals

from generator import urls
from generator.project import Project
from generator.render import feed, posts_feed, show_data
from generator.render.output import Output


def register() -> None:
    signals.all_generators_finalized.connect(plan)


def plan(generators: list[Any]) -> None:
    project: Project = generators[0].settings["LONGWAVE"]
    site = project.site
    for path, view in feed.plan(site, lambda episode: site.resolved.get(episode.source, {})).items():
        project.outputs.append(Output(urls.output_path(path), "feed", view))
    for path, posts in posts_feed.plan(site, lambda post: site.resolved.get(post.source, {})).items():
        project.outputs.append(Output(urls.output_path(path), "posts feed", posts))
    project.outputs.append(Output("episodes.json", "episodes", show_data.plan(site)))
