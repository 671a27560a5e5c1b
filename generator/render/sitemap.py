"""Writes sitemap.xml. `lastmod` is what the content says, never a file's time; a page without an honest date has none.

Source: sitemaps.org protocol 0.9.
"""

import datetime as dt
from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from generator import urls
from generator.model import Site
from generator.render.output import Output, Part
from generator.render.views import View

URLS_MAX = 50_000  # the protocol's limit for one file


class SitemapView(View):
    """Absolute addresses with their last change ('' when not known)."""

    entries: tuple[tuple[str, str], ...]


class Dated(View):
    """What an episode has to do with dates: of its own page, and of its guests' and topics'."""

    number: int
    slug: str
    updated: dt.datetime
    guests: tuple[str, ...]
    topics: tuple[str, ...]


def part(site: Site) -> Part:
    dated = tuple(
        [
            Dated(number=one.number, slug=one.slug, updated=one.updated, guests=one.guests, topics=one.topics)
            for one in site.episodes
        ]
    )
    rest = replace(site, episodes=(), redirects=(), files={}, resolved={})
    return Part("sitemap", _plan, (dated, rest))


def _plan(episodes: tuple[Dated, ...], rest: Site) -> Iterator[Output]:
    yield Output("sitemap.xml", "sitemap", _view(episodes, rest))


def _view(episodes: tuple[Dated, ...], site: Site) -> SitemapView:
    """`site` is all but its episodes."""
    newest = max((episode.updated for episode in episodes), default=None)
    latest = max((post.updated for post in site.posts), default=None)
    dates: dict[str, dt.datetime | None] = {urls.EPISODES: newest, urls.POSTS: latest}
    taught = max((course.updated for course in site.courses), default=None)
    dates |= {"/": _later(_later(newest, latest), taught), urls.PEOPLE: None, urls.TOPICS: None}
    for episode in episodes:
        dates[urls.episode(episode.number, episode.slug)] = episode.updated
        for path in (*map(urls.person, episode.guests), *map(urls.topic, episode.topics)):
            dates[path] = _later(dates.get(path), episode.updated)
    for post in site.posts:
        dates[urls.post(post.slug)] = post.updated
        for path in (*map(urls.person, post.authors), *map(urls.topic, post.topics)):
            dates[path] = _later(dates.get(path), post.updated)
    if site.courses:
        dates[urls.COURSES] = taught
    for course in site.courses:
        for path in (*map(urls.person, course.authors), *map(urls.topic, course.topics)):
            dates[path] = _later(dates.get(path), course.updated)
        dates[urls.course(course.slug)] = course.updated
        dates |= {urls.lecture(course.slug, lecture.slug): None for lecture in course.lectures}
    dates |= {urls.bundle(bundle.slug): None for bundle in site.bundles if bundle.id not in site.ended}
    dates |= {urls.page(page.slug): page.updated for page in site.pages}
    for path in (*map(urls.person, site.people), *map(urls.topic, site.topics)):
        dates.setdefault(path, None)
    entries = ((site.config.url + path, f"{date:%Y-%m-%dT%H:%M:%SZ}" if date else "") for path, date in dates.items())
    return SitemapView(entries=tuple(sorted(entries))[:URLS_MAX])


def render(view: SitemapView) -> bytes:
    return "\n".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>',
            '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">',
            *_lines(view.entries),
            "</urlset>\n",
        ]
    ).encode()


def _later(one: dt.datetime | None, other: dt.datetime | None) -> dt.datetime | None:
    return max(filter(None, (one, other)), default=None)


def _lines(entries: Iterable[tuple[str, str]]) -> Iterable[str]:
    # Addresses hold only letters, digits, '-', '/' and '.': nothing to escape.
    for address, date in entries:
        changed = f"<lastmod>{date}</lastmod>" if date else ""
        yield f"<url><loc>{address}</loc>{changed}</url>"
