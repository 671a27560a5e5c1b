"""Lets Pelican's own article and page pipeline run over content/posts and content/pages, from what we have read and validated.

What it makes of them goes where all outputs go: its own writer, which would rewrite every page at every run, is kept still.
"""

from pathlib import Path
from typing import Any

from pelican.plugins import signals
from pelican.readers import BaseReader

from generator.model import Page, Post
from generator.project import Project


def register() -> None:
    signals.readers_init.connect(take_over)
    signals.article_generator_finalized.connect(keep_articles)
    signals.page_generator_finalized.connect(keep_pages)
    signals.get_writer.connect(still_writer)


class Reader(BaseReader):  # type: ignore[misc]
    """Gives Pelican a parsed post or page. What is not public at the moment of the build is skipped, so it can leak nowhere."""

    file_extensions = ("md",)

    def read(self, source_path: str) -> tuple[str, dict[str, Any]]:
        project: Project = self.settings["LONGWAVE"]
        path = Path(source_path).relative_to(project.options.content.absolute()).as_posix()
        entry = project.inventory.of("post").get(path) or project.inventory.of("page").get(path)
        if entry is None:  # it has problems, which will be reported with all others
            return "", {"status": "skip"}
        thing: Post | Page = entry.value
        metadata: dict[str, Any] = {"title": thing.title, "slug": thing.slug, "summary": thing.summary}
        metadata["status"] = "published" if _public(thing, project) else "skip"
        if isinstance(thing, Post):
            metadata |= {"date": thing.date, "modified": thing.updated}
        return thing.text.html, metadata


class StillWriter:
    """Stands where Pelican looks for a writer."""

    def __init__(self, output_path: str, settings: Any) -> None:
        pass

    def write_file(self, *args: Any, **kwargs: Any) -> None:
        pass

    def write_feed(self, *args: Any, **kwargs: Any) -> None:
        pass


def still_writer(_pelican: Any) -> type[StillWriter]:
    return StillWriter


def take_over(readers: Any) -> None:
    readers.reader_classes["md"] = Reader
    readers.readers["md"] = Reader(readers.settings)


def keep_articles(generator: Any) -> None:
    _keep(generator.settings["LONGWAVE"], generator.articles)


def keep_pages(generator: Any) -> None:
    _keep(generator.settings["LONGWAVE"], generator.pages)


def _keep(project: Project, contents: list[Any]) -> None:
    content = project.options.content.absolute()
    for thing in contents:
        path = Path(thing.source_path).relative_to(content).as_posix()
        project.articles[f"{content.name}/{path}"] = thing.content


def _public(thing: Post | Page, project: Project) -> bool:
    if project.options.drafts:
        return True
    dated = isinstance(thing, Page) or thing.date <= project.options.at
    return thing.status == "published" and dated
