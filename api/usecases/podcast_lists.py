"""Lists of feeds as files: JSON, OPML and plain text, told apart by what they are and not by their name. Knows no account."""

import json
from collections.abc import Callable, Sequence
from typing import Any
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

from api.errors import AppError, Code
from api.gateways.show import Show

OPML, JSON, TEXT = "opml", "json", "txt"
MEDIA_TYPES = {OPML: "text/x-opml; charset=utf-8", JSON: "application/json", TEXT: "text/plain; charset=utf-8"}
READ_MAX = 10_000


def read(raw: bytes) -> list[str]:
    """The feeds' addresses. Raises MALFORMED for what is none of the three."""
    text = raw.removeprefix(b"\xef\xbb\xbf").strip()
    if text.startswith(b"<"):
        return _of_opml(text)
    try:
        if text.startswith((b"[", b"{")):
            return _of_json(json.loads(text.decode()))
        return [line.strip() for line in text.decode().splitlines() if line.strip()]
    except (ValueError, RecursionError) as error:
        raise _unreadable() from error


def write(feeds: Sequence[str], form: str, *, show: Show) -> bytes:
    """`form` is one of MEDIA_TYPES."""
    writers: dict[str, Callable[[], str]] = {
        JSON: lambda: json.dumps(list(feeds)),
        TEXT: lambda: "".join(f"{feed}\n" for feed in feeds),
        OPML: lambda: _opml(feeds, show),
    }
    return writers[form]().encode()


def _of_json(value: Any) -> list[str]:
    if not isinstance(value, list):
        raise _unreadable()
    found = [each.get("url") if isinstance(each, dict) else each for each in value]
    addresses = [each for each in found if isinstance(each, str)]
    if len(addresses) < len(found):
        raise _unreadable()
    return addresses


def _of_opml(raw: bytes) -> list[str]:
    """Its outlines' xmlUrl. A document that declares types or entities is refused: they could grow without end."""
    found: list[str] = []
    parser = expat.ParserCreate()

    def outline(name: str, attributes: dict[str, str]) -> None:
        address = attributes.get("xmlUrl") or attributes.get("xmlurl") or attributes.get("url")
        if name.lower() == "outline" and address and len(found) < READ_MAX:
            found.append(address.strip())

    def refused(*_: Any) -> None:
        raise _unreadable()

    parser.StartElementHandler = outline
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = refused
    try:
        parser.Parse(raw, True)
    except expat.ExpatError as error:
        raise _unreadable() from error
    return found


def _opml(feeds: Sequence[str], show: Show) -> str:
    outlines = "".join(
        f'<outline type="rss" text={quoteattr(title)} title={quoteattr(title)} xmlUrl={quoteattr(feed)}/>\n'
        for feed in feeds
        for title in (show.title if show.is_feed(feed) and show.title else feed,)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<opml version="2.0">\n<head><title>Subscriptions</title></head>\n'
        f"<body>\n{outlines}</body>\n</opml>\n"
    )


def _unreadable() -> AppError:
    return AppError(Code.MALFORMED, "The body is no list of feeds: neither JSON, OPML nor one address a line.")
