"""Tells WebSub hubs that a feed has changed, again and again until they have heard it. No publish waits for it.

Which hub, a feed says itself: <atom:link rel="hub">; and what it is called, rel="self". https://www.w3.org/TR/websub/#publishing
"""

import ipaddress
import json
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener
from xml.etree import ElementTree

from msgspec import Struct

LINK = "{http://www.w3.org/2005/Atom}link"
WAITS_SECONDS = (5, 30, 120, 600, 3600, 4 * 3600, 12 * 3600)
LOOK_SECONDS = 5
TIMEOUT_SECONDS = 20
FEED_BYTES_MAX = 50_000_000
FEEDS_MAX = 200
Say = Callable[[str], None]


class Topic(Struct, frozen=True):
    """A feed under the address that its subscribers know, and one of its hubs."""

    url: str
    hub: str


class Turn(Struct, frozen=True):
    """How often a hub was told in vain, and when its turn comes again, in seconds of the clock."""

    tries: int
    at: float


def tell_all(
    queue: Path,
    public: Path,
    *,
    say: Say,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.time,
) -> None:
    """Returns when the queue is empty: everybody has heard, or nobody will. A note stays until its hubs have heard it."""
    owed: dict[Path, list[Topic]] = {}
    turns: dict[Topic, Turn] = {}
    while notes := sorted(queue.glob("*.json")):
        for note in notes:
            if note not in owed:
                owed[note] = list(_topics(note, public))
                turns |= {topic: Turn(0, clock()) for topic in owed[note]}
        for topic in [topic for topic, turn in turns.items() if turn.at <= clock()]:
            turn = _told(topic, turns.pop(topic), say=say, now=clock())
            turns |= {topic: turn} if turn else {}
        for note in [note for note in notes if not any(topic in turns for topic in owed[note])]:
            note.unlink(missing_ok=True)
        if turns:
            sleep(LOOK_SECONDS)


def topics_of(feed: bytes) -> list[Topic]:
    """
    >>> topics_of(b'<feed xmlns="http://www.w3.org/2005/Atom"><link rel="hub" href="https://h.example/"/>'
    ...           b'<link rel="self" href="https://s.example/feed.xml"/></feed>')
    [Topic(url='https://s.example/feed.xml', hub='https://h.example/')]
    """
    try:
        links = [(link.get("rel"), link.get("href", "")) for link in _head(feed)]
    except ElementTree.ParseError:
        return []
    urls = [href for rel, href in links if rel == "self"]
    return [Topic(urls[0], href) for rel, href in links if rel == "hub"] if urls else []


def _head(feed: bytes) -> Iterator[ElementTree.Element]:
    root = ElementTree.fromstring(feed)  # noqa: S314 (our own feed, in a process that may do nothing else)
    yield from (link for parent in (root, *root.findall("channel")) for link in parent.findall(LINK))


def _topics(note: Path, public: Path) -> Iterator[Topic]:
    with suppress(OSError, ValueError):
        for name in json.loads(note.read_bytes())[:FEEDS_MAX]:
            feed = public / str(name)
            if ".." not in feed.parts and feed.stat().st_size <= FEED_BYTES_MAX:
                yield from topics_of(feed.read_bytes())


def _told(topic: Topic, turn: Turn, *, say: Say, now: float) -> Turn | None:
    """When to tell it again; None when it has heard, or is given up."""
    if _heard(topic, say=say):
        return None
    if turn.tries == len(WAITS_SECONDS):
        say(f"{topic.hub} has not taken {topic.url} for a day; it is told no more")
        return None
    return Turn(turn.tries + 1, now + WAITS_SECONDS[turn.tries])


def _heard(topic: Topic, *, say: Say) -> bool:
    """Also true when it never will: a hub that cannot be one, or that refuses for good."""
    if problem := _refusal(topic.hub):
        say(f"{topic.hub}: {problem}")
        return True
    request = Request(topic.hub, data=urlencode({"hub.mode": "publish", "hub.url": topic.url}).encode())  # noqa: S310
    try:
        with build_opener(_NoRedirects).open(request, timeout=TIMEOUT_SECONDS) as answer:
            say(f"{topic.hub} was told of {topic.url}: {answer.status}")
            return True
    except HTTPError as error:
        say(f"{topic.hub} answered {error.code} for {topic.url}")
        return 400 <= error.code < 500 and error.code not in {408, 425, 429}
    except (URLError, OSError) as error:
        say(f"{topic.hub} cannot be reached: {getattr(error, 'reason', error)}")
        return False


def _refusal(hub: str) -> str:
    """Editors name the hub: it may be no door into this machine."""
    parts = urlsplit(hub)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return "a hub's address begins with https://"
    try:
        found = socket.getaddrinfo(parts.hostname, parts.port or 443, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return ""  # the request will fail, and be made again
    addresses = [ipaddress.ip_address(str(address[4][0]).partition("%")[0]) for address in found]
    inside = any(one.is_loopback or one.is_link_local or one.is_unspecified or one.is_multicast for one in addresses)
    return "a hub is another machine than this one" if inside else ""


class _NoRedirects(HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None
