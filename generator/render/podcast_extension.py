"""feedgen's extensions for what feedgen lacks or writes wrongly: Apple's, the podcast namespace's and other elements.

They print the views of feed_views and know nothing of how those came about. Sources: Apple's "A Podcaster's Guide to
RSS", PSP-1, podcastindex.org/namespace/1.0, Podlove Simple Chapters 1.2, RFC 5005, WebSub.
"""

from lxml.etree import CDATA, ProcessingInstruction, SubElement, _Element

from generator.render.feed_views import FeedView, ItemView, PersonView
from generator.render.origin import absolute
from generator.render.times import npt, rfc2822

NAMESPACES = {
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "fh": "http://purl.org/syndication/history/1.0",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "podcast": "https://podcastindex.org/namespace/1.0",
    "psc": "http://podlove.org/simple-chapters",
}
ATOM, FH, ITUNES, PODCAST, PSC = (f"{{{NAMESPACES[prefix]}}}" for prefix in ("atom", "fh", "itunes", "podcast", "psc"))
STYLESHEET = 'type="text/css" href="/feed.css"'
TRANSCRIPT_TYPES = {"vtt": "text/vtt", "srt": "application/x-subrip", "json": "application/json"}


class PlainExtension:
    """What our every feed has: a stylesheet for people, and no lastBuildDate, which feedgen takes from the clock."""

    def extend_ns(self) -> dict[str, str]:
        return {}

    def extend_rss(self, rss: _Element) -> None:
        rss.addprevious(ProcessingInstruction("xml-stylesheet", STYLESHEET))
        channel = rss[0]
        for element in channel.findall("lastBuildDate"):
            channel.remove(element)


class PodcastExtension(PlainExtension):
    """The channel's elements; `view` is set before the feed is written."""

    view: FeedView

    def extend_ns(self) -> dict[str, str]:
        return NAMESPACES

    def extend_rss(self, rss: _Element) -> None:
        super().extend_rss(rss)
        channel = rss[0]
        _wrap_description(channel)
        _add_pages(channel, self.view)
        _add_itunes(channel, self.view)
        _add_identity(channel, self.view)
        _add_support(channel, self.view)
        _add_persons(channel, self.view.hosts)


class PodcastEntryExtension:
    """An item's elements; `view` and the feed's `language` and `origin` are set before the feed is written."""

    view: ItemView
    language: str
    origin: str

    def extend_rss(self, item: _Element) -> None:
        _wrap_description(item)
        _add_itunes_item(item, self.view)
        _add_numbers(item, self.view)
        _add_transcripts(item, self.view, language=self.language)
        _add_chapters(item, self.view, origin=self.origin)
        _add_persons(item, self.view.persons)


def _wrap_description(parent: _Element) -> None:
    """Directories want HTML in CDATA, where feedgen escapes it."""
    for description in parent.iterchildren("description"):
        description.text = CDATA(description.text or "")


def _add_pages(channel: _Element, view: FeedView) -> None:
    if view.current:
        SubElement(channel, FH + "archive")
        _add(channel, ATOM + "link", rel="current", href=view.current)
    if view.older:
        _add(channel, ATOM + "link", rel="next", href=view.older)
        _add(channel, ATOM + "link", rel="prev-archive", href=view.older)
    if view.hub:
        _add(channel, ATOM + "link", rel="hub", href=view.hub)


def _add_itunes(channel: _Element, view: FeedView) -> None:
    _add(channel, ITUNES + "author", view.author)
    owner = SubElement(channel, ITUNES + "owner")
    _add(owner, ITUNES + "name", view.owner_name)
    _add(owner, ITUNES + "email", view.owner_email)
    for names in view.categories:
        parent = channel
        for name in names:
            parent = SubElement(parent, ITUNES + "category", {"text": name})
    _add(channel, ITUNES + "explicit", _flag(view.explicit))
    _add(channel, ITUNES + "image", href=view.artwork)
    _add(channel, ITUNES + "type", view.type)
    if view.complete:
        _add(channel, ITUNES + "complete", "yes")
    if view.new_feed_url:
        _add(channel, ITUNES + "new-feed-url", view.new_feed_url)


def _add_identity(channel: _Element, view: FeedView) -> None:
    _add(channel, PODCAST + "guid", view.guid)
    _add(channel, PODCAST + "locked", "yes" if view.locked else "no", owner=view.owner_email)
    _add(channel, PODCAST + "medium", view.medium)
    for txt in view.txt:
        _add(channel, PODCAST + "txt", txt.text, purpose=txt.purpose)


def _add_support(channel: _Element, view: FeedView) -> None:
    if view.funding:
        _add(channel, PODCAST + "funding", view.funding.title, url=view.funding.url)
    if view.update_frequency:
        often = view.update_frequency
        complete = _flag(True) if often.complete else ""
        _add(
            channel,
            PODCAST + "updateFrequency",
            often.text,
            rrule=often.rrule,
            dtstart=often.dtstart,
            complete=complete,
        )
    if view.trailer:
        trailer = view.trailer
        _add(
            channel,
            PODCAST + "trailer",
            trailer.title,
            url=trailer.url,
            pubdate=rfc2822(trailer.date),
            length=str(trailer.bytes),
            type=trailer.type,
            season=str(trailer.season or ""),
        )


def _add_persons(parent: _Element, persons: tuple[PersonView, ...]) -> None:
    for person in persons:
        _add(parent, PODCAST + "person", person.name, role=person.role, href=person.url, img=person.photo)


def _add_itunes_item(item: _Element, view: ItemView) -> None:
    if view.summary:
        _add(item, ITUNES + "summary", view.summary)
    _add(item, ITUNES + "duration", str(view.seconds))
    _add(item, ITUNES + "episodeType", view.type)
    _add(item, ITUNES + "explicit", _flag(view.explicit))
    if view.image:
        _add(item, ITUNES + "image", href=view.image)


def _add_numbers(item: _Element, view: ItemView) -> None:
    if view.season:
        _add(item, ITUNES + "season", str(view.season))
        _add(item, PODCAST + "season", str(view.season), name=view.season_name)
    if view.number:
        _add(item, ITUNES + "episode", str(view.number))
        _add(item, PODCAST + "episode", str(view.number), display=f"#{view.number}")


def _add_transcripts(item: _Element, view: ItemView, *, language: str) -> None:
    for url in view.transcripts:
        type = TRANSCRIPT_TYPES[url.rpartition(".")[2]]
        _add(item, PODCAST + "transcript", url=url, type=type, language=language, rel="captions")
    if view.transcripts:
        _add(item, PODCAST + "transcript", url=f"{view.url}#site:transcript", type="text/html", language=language)


def _add_chapters(item: _Element, view: ItemView, *, origin: str) -> None:
    if not view.chapters:
        return
    _add(item, PODCAST + "chapters", url=view.chapters_url, type="application/json+chapters")
    chapters = _add(item, PSC + "chapters", version="1.2")
    for chapter in view.chapters:
        _add(
            chapters,
            PSC + "chapter",
            start=npt(chapter.at),
            title=chapter.title,
            href=absolute(chapter.url, origin=origin),
            image=absolute(chapter.image, origin=origin),
        )


def _add(parent: _Element, tag: str, text: str = "", **attributes: str) -> _Element:
    """A new child; attributes without a value are left out."""
    element = SubElement(parent, tag, {name: value for name, value in attributes.items() if value})
    if text:
        element.text = text
    return element


def _flag(value: bool) -> str:
    return "true" if value else "false"
