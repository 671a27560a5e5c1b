"""Checks a written podcast feed against what directories and apps ask of one. Knows the bytes, not who wrote them.

Sources: PSP-1, Apple Podcasts' requirements, podcastindex.org/namespace/1.0, Podlove Simple Chapters, RFC 5005.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from itertools import chain
from math import inf
from operator import attrgetter

from lxml import etree

from generator import directories as facts
from generator.errors import Problem
from generator.render.feed_values import CHANNEL_VALUES, ITEM_VALUES, REQUIRED_IN_CHANNEL, REQUIRED_IN_ITEM, Value
from generator.render.podcast_extension import NAMESPACES

VALUE_CHARACTERS_MAX = 255
TIME_STAMPS_MIN = CHAPTERS_MIN = 3
CHAPTERS_PER_HOUR_MAX = 6
SHOWN_CHARACTERS_MAX = 60
LONG_TEXTS = frozenset(("description", "content:encoded", "itunes:summary", "podcast:txt", "link"))
ADDRESSES = frozenset(("url", "href", "img", "image", "src"))
TIME_STAMP = re.compile(r"^(?:<p>)?(\d{1,2}:\d\d:\d\d) ", re.M)
RELATIVE_LINK = re.compile(r"""<[a-zA-Z][^<>]*?\s(?:href|src|poster)=["'](?![a-zA-Z][\w+.-]*:)([^"']*)""")
NUMBERED_TITLE = re.compile(r"#?\d+\s*[:.|-]\s|#\d+\b|(?:episode|ep\.?|season|s\d+\s?e)\s?\d+\b", re.I)
PREFIXES = {uri: prefix for prefix, uri in NAMESPACES.items()}


class Part:
    """The channel or an item: its children by their usual names ('itunes:image')."""

    def __init__(self, element: etree._Element) -> None:
        self.element = element
        self.children: dict[str, list[etree._Element]] = {}
        for child in element.iterchildren(etree.Element):
            self.children.setdefault(_usual_name(child), []).append(child)

    def all(self, name: str) -> list[etree._Element]:
        return self.children.get(name, [])

    def text(self, name: str) -> str:
        return next((element.text or "" for element in self.all(name)), "")


Finding = tuple[etree._Element, str, str]


def check(feed: bytes, *, path: str, url: str) -> list[Problem]:
    """Every broken rule of the feed at `url`, in order of lines; `path` is the file that the problems name."""
    return _problems(feed, path=path, find=lambda root: _errors(root, url=url))


def advise(feed: bytes, *, path: str) -> list[Problem]:
    """What is allowed and still does a show no good, in the same form."""
    return _problems(feed, path=path, find=_advice)


def _problems(feed: bytes, *, path: str, find: Callable[[etree._Element], Iterator[Finding]]) -> list[Problem]:
    try:
        root = etree.fromstring(feed, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True))
    except etree.XMLSyntaxError as error:
        return [
            Problem(path, error.lineno or 1, f"the feed is not XML: {error.msg}", "Report it as a fault of the writer")
        ]
    found = [Problem(path, _line(element), fault, remedy) for element, fault, remedy in find(root)]
    return sorted(found, key=attrgetter("line", "problem"))


def _errors(root: etree._Element, *, url: str) -> Iterator[Finding]:
    channel = root.find("channel")
    if root.tag != "rss" or root.get("version") != "2.0" or channel is None:
        yield root, "the feed is not RSS 2.0 with a channel", "Write <rss version='2.0'><channel>"
        return
    part, items = Part(channel), [Part(item) for item in channel.iterchildren("item")]
    strange = list(_namespaces(root))
    if strange:
        yield from strange
        return
    yield from _required(part, REQUIRED_IN_CHANNEL)
    yield from _values(part, CHANNEL_VALUES)
    for rule in CHANNEL_RULES:
        yield from rule(part)
    yield from _self_link(part, url=url)
    yield from _numbers_of_serial(part, items)
    yield from _unique(items)
    for item in items:
        yield from _item_errors(item)


def _item_errors(item: Part) -> Iterator[Finding]:
    about = f"item '{_shown(item.text('title'))}': "
    for element, fault, remedy in chain(
        _required(item, REQUIRED_IN_ITEM), _values(item, ITEM_VALUES), *(rule(item) for rule in ITEM_RULES)
    ):
        yield element, about + fault, remedy


def _namespaces(root: etree._Element) -> Iterator[Finding]:
    for prefix, uri in NAMESPACES.items():
        if root.nsmap.get(prefix, uri) != uri:
            yield root, f"the namespace {prefix} is '{root.nsmap[prefix]}'", f"Write xmlns:{prefix}='{uri}'"


def _required(part: Part, required: Mapping[str, str]) -> Iterator[Finding]:
    for name, remedy in required.items():
        count = len(part.all(name))
        if count != 1:
            yield part.element, f"{name} is missing" if count == 0 else f"{name} stands {count} times", remedy


def _values(part: Part, values: Iterable[Value]) -> Iterator[Finding]:
    for value in values:
        for element in part.all(value.tag):
            text = (element.get(value.attribute) if value.attribute else element.text) or ""
            if not value.holds(text):
                name = f"{value.tag} {value.attribute}".strip()
                yield element, f"{name} '{_shown(text)}' {value.fault}", value.remedy


def _tidy(part: Part) -> Iterator[Finding]:
    """No spaces around values, and 255 characters at most unless a table allows more (PSP-1)."""
    for name, elements in part.children.items():
        for element in elements if name != "item" else ():
            text = element.text or ""
            if text and len(element) == 0 and text != text.strip() and name != "content:encoded":
                yield element, f"{name} begins or ends with a space", "Remove the space"
            if len(text) > VALUE_CHARACTERS_MAX and name not in LONG_TEXTS:
                yield element, f"{name} has {len(text)} characters", f"Shorten it to {VALUE_CHARACTERS_MAX}"
            yield from _tidy_attributes(element, name=name)


def _tidy_attributes(element: etree._Element, *, name: str) -> Iterator[Finding]:
    for attribute in map(str, element.attrib):
        value = element.get(attribute, "")
        if value != value.strip():
            yield element, f"{name} {attribute} begins or ends with a space", "Remove the space"
        if len(value) > VALUE_CHARACTERS_MAX and attribute not in ADDRESSES:
            yield element, f"{name} {attribute} has {len(value)} characters", f"Shorten it to {VALUE_CHARACTERS_MAX}"


def _categories(channel: Part) -> Iterator[Finding]:
    if not channel.all("itunes:category"):
        yield channel.element, "itunes:category is missing", "Set 'categories' under [show] in site.toml"
    for element in channel.all("itunes:category"):
        name = element.get("text", "")
        if name not in facts.CATEGORIES:
            yield element, f"'{name}' is not a category of Apple's", _nearest(name, facts.CATEGORIES)
            continue
        below = facts.CATEGORIES[name]
        for child in element.iterchildren(etree.Element):
            text = child.get("text", "")
            if text not in below:
                yield child, f"'{text}' is not a subcategory of {name}", _nearest(text, below)


def _owner(channel: Part) -> Iterator[Finding]:
    for element in channel.all("itunes:owner"):
        owner = Part(element)
        if not owner.text("itunes:name") or not facts.is_email(owner.text("itunes:email")):
            yield element, "itunes:owner lacks a name or an e-mail address", "Set 'owner' under [show] in site.toml"


def _paging(channel: Part) -> Iterator[Finding]:
    links = {element.get("rel"): element for element in channel.all("atom:link")}
    following, previous = (links[rel].get("href") if rel in links else None for rel in ("next", "prev-archive"))
    if following != previous:
        yield channel.element, "rel=next and rel=prev-archive differ", "Link the same archive page by both"
    if channel.all("fh:archive") and "current" not in links:
        yield channel.element, "an archive page does not name the current feed", "Add an atom:link with rel=current"


def _self_link(channel: Part, *, url: str) -> Iterator[Finding]:
    links = [element for element in channel.all("atom:link") if element.get("rel") == "self"]
    if len(links) != 1:
        yield channel.element, f"atom:link rel=self stands {len(links)} times", "Add one with the feed's address"
    for element in links:
        if element.get("href") != url:
            yield element, f"atom:link rel=self is '{element.get('href')}'", f"Write the address of the feed, {url}"
        if element.get("type") != "application/rss+xml":
            yield element, "atom:link rel=self has another type", "Write type='application/rss+xml'"


def _numbers_of_serial(channel: Part, items: Iterable[Part]) -> Iterator[Finding]:
    if channel.text("itunes:type") != "serial":
        return
    for item in items:
        if item.text("itunes:episodeType") == "full" and not item.all("itunes:episode"):
            title = _shown(item.text("title"))
            yield item.element, f"item '{title}': a serial show needs itunes:episode", "Set the episode's 'number'"


def _unique(items: Sequence[Part]) -> Iterator[Finding]:
    for name, attribute, remedy in (
        ("guid", "", "Give every episode a guid of its own"),
        ("enclosure", "url", "Give every episode an audio file of its own"),
    ):
        seen: set[str] = set()
        for element in (element for item in items for element in item.all(name)):
            value = (element.get(attribute) if attribute else element.text) or ""
            if value in seen:
                yield element, f"{name} '{_shown(value)}' stands twice", remedy
            seen.add(value)


def _media_type(item: Part) -> Iterator[Finding]:
    for element in item.all("enclosure"):
        known = facts.MEDIA_TYPES.get(facts.extension(element.get("url", "")))
        if known and element.get("type") not in known:
            yield element, f"enclosure type '{element.get('type')}' is not what its name says", f"Use {min(known)}"


def _transcript_order(item: Part) -> Iterator[Finding]:
    elements = item.all("podcast:transcript")
    types = [element.get("type") for element in elements]
    if "text/vtt" in types[1:] and types[0] != "text/vtt":
        yield elements[0], "the first podcast:transcript is not text/vtt", "Put the VTT first"
    for element in elements:
        if element.get("rel") == "captions" and element.get("type") in ("text/html", "text/plain"):
            yield element, "podcast:transcript rel=captions has no times", "Leave rel out"


def _chapters(item: Part) -> Iterator[Finding]:
    for element in item.all("psc:chapters"):
        before = -1.0
        for chapter in element:
            start = facts.seconds(chapter.get("start", ""))
            if start is None:
                yield chapter, f"psc:chapter start '{chapter.get('start')}' is no time", "Write it as 00:03:15.000"
                return
            if before < 0 < start:
                yield chapter, "the first chapter does not start at 0", "Begin 'chapters' with one at 00:00"
            elif start <= before:
                yield chapter, f"chapter {chapter.get('start')} is not after the one before", "Put 'chapters' in order"
            if not chapter.get("title"):
                yield chapter, f"chapter {chapter.get('start')} has no title", "Give it one"
            before = start


def _time_stamps(item: Part) -> Iterator[Finding]:
    for element in item.all("description"):
        times = [facts.seconds(stamp) or 0.0 for stamp in TIME_STAMP.findall(element.text or "")]
        if times and (len(times) < TIME_STAMPS_MIN or times[0] > 0 or times != sorted(set(times))):
            yield element, "the time stamps are fewer than three, unordered or do not begin at 0", "Correct 'chapters'"


def _relative_links(item: Part) -> Iterator[Finding]:
    for element in item.all("content:encoded") + item.all("description"):
        match = RELATIVE_LINK.search(element.text or "")
        if match:
            yield element, f"the link '{_shown(match[1])}' leads nowhere outside the site", "Write it with https://"


CHANNEL_RULES = (_tidy, _categories, _owner, _paging)
ITEM_RULES = (_tidy, _media_type, _transcript_order, _chapters, _time_stamps, _relative_links)


def _advice(root: etree._Element) -> Iterator[Finding]:
    show = root.findtext("channel/title") or ""
    for element in root.iterfind("channel/item"):
        item = Part(element)
        title = item.text("title")
        if NUMBERED_TITLE.match(title) or (show and title.startswith((f"{show}:", f"{show} -", f"{show} |"))):
            yield (
                element,
                f"the title '{_shown(title)}' tells a number or the show",
                "Apps show both beside it: leave it out",
            )
        for chapters in item.all("psc:chapters"):
            yield from _advice_on_chapters(chapters, seconds=item.text("itunes:duration"), title=title)


def _advice_on_chapters(chapters: etree._Element, *, seconds: str, title: str) -> Iterator[Finding]:
    about = f"item '{_shown(title)}' has {len(chapters)} chapters"
    most = max(CHAPTERS_MIN, CHAPTERS_PER_HOUR_MAX * int(seconds) / 3600) if facts.is_count(seconds) else inf
    if len(chapters) < CHAPTERS_MIN:
        yield chapters, about, f"Apple shows {CHAPTERS_MIN} or more"
    elif len(chapters) > most:
        yield chapters, about, f"Listeners are served best by {CHAPTERS_PER_HOUR_MAX} an hour"


def _line(element: etree._Element) -> int:
    line = element.sourceline
    return line if isinstance(line, int) else 0


def _usual_name(element: etree._Element) -> str:
    uri, _, name = element.tag.rpartition("}")
    return f"{PREFIXES.get(uri[1:], uri)}:{name}" if uri else name


def _nearest(name: str, known: Iterable[str]) -> str:
    close = get_close_matches(name, list(known), n=1)
    return f"Did you mean '{close[0]}'" if close else f"Choose of: {', '.join(known) or 'none'}"


def _shown(text: str) -> str:
    return text if len(text) <= SHOWN_CHARACTERS_MAX else text[: SHOWN_CHARACTERS_MAX - 1] + "…"
