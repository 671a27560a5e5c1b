"""Feeds for the feed tests to read: a show with one of everything, written and parsed. Knows no files."""

from collections.abc import Mapping

from lxml import etree

from generator.model import Episode, Feed, Link, Picture, Show, Site, Txt, UpdateFrequency
from generator.render import feed, feed_xml
from generator.render.feed_views import FeedView
from generator.render.podcast_extension import NAMESPACES
from tests import factories

HEAD = "/feed.xml"
CHAPTERS = factories.chapters("Welcome", "What a log is", "Crash & recovery", "Goodbye")


class Notes(dict[str, str]):
    """Some HTML for every digest."""

    def __missing__(self, digest: str) -> str:
        return f"<p>All of {digest}.</p>"


def rich_show(**changes: object) -> Show:
    values: dict[str, object] = {
        "funding": Link(title="Support the show", url="https://signalpath.example/support/"),
        "trailer": 1,
        "txt": (Txt(text="a-token", purpose="verify"),),
        "update_frequency": UpdateFrequency(text="weekly", rrule="FREQ=WEEKLY", dtstart="2026-01-05"),
        "seasons": {1: "Beginnings"},
        "new_feed_url": "https://signalpath.example/feed.xml",
        "complete": True,
    }
    return factories.show(**values | changes)


def rich_episode(number: int = 2, **changes: object) -> Episode:
    values: dict[str, object] = {
        "guests": ("grace-example",),
        "season": 1,
        "chapters": CHAPTERS,
        "transcript": "digest",
        "image": Picture(url="/media/episode.png", width=1400, height=1400, type="image/png"),
        "links": (Link(title="Logs & more", url="https://e.example/?a=1&b=2"),),
    }
    return factories.episode(number, **values | changes)


def rich_site() -> Site:
    """A trailer and an episode that have everything a feed can tell."""
    grace = factories.person("grace-example", photo=Picture(url="/media/grace.jpg", width=400, height=400))
    return factories.site(
        (factories.episode(1, type="trailer"), rich_episode()),
        config=factories.config(show=rich_show(), feed=Feed(hub="https://hub.example/")),
        people={grace.id: grace},
    )


def views(site: Site) -> dict[str, FeedView]:
    """Every feed document by its public path."""
    return {f"/{output.path}": output.context for part in feed.parts(site) for output in part.outputs()}


def written(site: Site, path: str = HEAD, *, notes: Mapping[str, str] | None = None) -> bytes:
    return feed_xml.render(views(site)[path], Notes() if notes is None else notes)


def channel(site: Site, path: str = HEAD, *, notes: Mapping[str, str] | None = None) -> etree._Element:
    return etree.fromstring(written(site, path, notes=notes))[0]


def first_item(site: Site, path: str = HEAD, *, notes: Mapping[str, str] | None = None) -> etree._Element:
    return channel(site, path, notes=notes).find("item")


def texts(parent: etree._Element, name: str) -> list[str | None]:
    return [element.text for element in parent.findall(name, NAMESPACES)]


def attributes(parent: etree._Element, name: str) -> list[dict[str, str]]:
    return [dict(element.attrib) for element in parent.findall(name, NAMESPACES)]


def links(parent: etree._Element) -> dict[str, str]:
    """The addresses of the channel's atom:link elements by relation."""
    return {link["rel"]: link["href"] for link in attributes(parent, "atom:link")}
