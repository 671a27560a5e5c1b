"""Writes feed documents with feedgen. Knows how RSS is spelled, not which episodes or posts belong in which document.

The same view gives the same bytes. Sources: RSS 2.0, RSS content module; see podcast_extension for the rest.
"""

import re
from collections.abc import Mapping
from html import escape
from typing import Any

from feedgen.feed import FeedGenerator

from generator.model import Link
from generator.render.feed_views import FeedView, ItemView
from generator.render.links import resolve
from generator.render.podcast_extension import PlainExtension, PodcastEntryExtension, PodcastExtension
from generator.render.posts_feed import PostItemView, PostsFeedView
from generator.render.times import full_clock
from generator.render.views import LinkView

MEDIA_TYPE = "application/rss+xml"
GENERATOR = "Longwave"
RSS_SPECIFICATION = "https://www.rssboard.org/rss-specification"
DESCRIPTION_BYTES_MAX = 4000
TIME_STAMPS_MIN = 3  # Apple reads no chapters from fewer
NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def render(view: FeedView, notes: Mapping[str, str]) -> bytes:
    """A podcast feed as UTF-8 RSS. `notes` has the HTML of every digest that the view's items name."""
    feed = _channel(view)
    feed.register_extension("podcasting", PodcastExtension, PodcastEntryExtension, atom=False)
    feed.podcasting.view = view
    if view.copyright:
        feed.copyright(view.copyright)
    for item in view.items:
        _add_item(feed, item, view=view, notes=notes)
    return _bytes(feed)


def render_posts(view: PostsFeedView) -> bytes:
    """The posts' feed as UTF-8 RSS with whole texts."""
    feed = _channel(view)
    feed.register_extension("plain", PlainExtension, atom=False)
    feed.load_extension("dc", atom=False)
    for item in view.items:
        _add_post(feed, item, origin=view.origin)
    return _bytes(feed)


def _channel(view: FeedView | PostsFeedView) -> Any:
    feed = FeedGenerator()
    feed.title(view.title)
    feed.link(href=view.url, rel="self", type=MEDIA_TYPE)
    feed.link(href=f"{view.origin}/", rel="alternate")  # the last link becomes RSS's own
    feed.description(view.description)
    feed.language(view.language)
    feed.generator(GENERATOR)
    feed.docs(RSS_SPECIFICATION)
    if view.items:
        feed.pubDate(view.items[0].date)
    return feed


def _add_item(feed: Any, item: ItemView, *, view: FeedView, notes: Mapping[str, str]) -> None:
    entry = feed.add_entry(order="append")
    entry.podcasting.view, entry.podcasting.language, entry.podcasting.origin = item, view.language, view.origin
    entry.title(item.title)
    entry.guid(item.guid, permalink=False)
    entry.enclosure(item.audio_url, str(item.audio_bytes), item.audio_type)
    entry.link(href=item.url, rel="alternate")
    entry.pubDate(item.date)
    entry.description(_description(item))
    if item.notes:
        entry.content(_whole_notes(item, notes[item.notes], origin=view.origin), type="CDATA")


def _add_post(feed: Any, item: PostItemView, *, origin: str) -> None:
    entry = feed.add_entry(order="append")
    entry.title(item.title)
    entry.guid(item.guid or item.url, permalink=not item.guid)
    entry.link(href=item.url, rel="alternate")
    entry.pubDate(item.date)
    entry.description(item.summary)
    if item.html:
        entry.content(_readable_anywhere(item.html, item.resolved, url=item.url, origin=origin), type="CDATA")
    if item.authors:
        entry.dc.dc_creator(list(item.authors))


def _description(item: ItemView) -> str:
    """The summary, with time stamps on items of whole notes: what apps show that do not read content:encoded."""
    summary = f"<p>{escape(item.summary or item.title, quote=False)}</p>"
    if not item.notes:
        return summary
    whole = summary + "".join(f"\n<p>{line}</p>" for line in _time_stamps(item))
    return whole if len(whole.encode()) <= DESCRIPTION_BYTES_MAX else summary


def _whole_notes(item: ItemView, html: str, *, origin: str) -> str:
    links = "".join(f"<li>{_linked(link)}</li>" for link in item.links)
    stamps = "<br>\n".join(_time_stamps(item))
    sponsors = (f"<p>Sponsor: {_linked(sponsor)}</p>" for sponsor in item.sponsors)
    parts = (html, links and f"<ul>{links}</ul>", *sponsors, stamps and f"<p>{stamps}</p>")
    return _readable_anywhere("\n".join(filter(None, parts)), item.resolved, url=item.url, origin=origin)


def _linked(link: Link | LinkView) -> str:
    title = escape(link.title, quote=False)
    return f'<a href="{escape(link.url)}">{title}</a>' if link.url else title


def _time_stamps(item: ItemView) -> list[str]:
    if len(item.chapters) < TIME_STAMPS_MIN:
        return []
    return [f"{full_clock(chapter.at)} {escape(chapter.title, quote=False)}" for chapter in item.chapters]


def _readable_anywhere(html: str, resolved: Mapping[str, str], *, url: str, origin: str) -> str:
    """`html` with every link absolute, footnotes included, and without what no XML may hold."""
    absolute = resolve(NOT_XML.sub("", html), resolved, origin=origin)
    return absolute.replace('href="#', f'href="{escape(url)}#')


def _bytes(feed: Any) -> bytes:
    written: bytes = feed.rss_str(pretty=True)
    return written
