"""Puts public addresses in place of the local links an editor wrote ('0042-x.md', '../media/plan.png')."""

import re
from collections.abc import Mapping
from html import escape, unescape

TAG = re.compile(r"<[a-zA-Z][^<>]*>")
ATTRIBUTE = re.compile(r"""(\s(?:href|src|poster)=)(["'])(.*?)\2""", re.S)


def resolve(html: str, addresses: Mapping[str, str], *, origin: str = "") -> str:
    """`html` with every link found in `addresses` replaced, and with `origin` put before the public paths.

    >>> resolve('<a href="0042-x.md#end">', {"0042-x.md#end": "/episodes/42/x/#end"}, origin="https://s.example")
    '<a href="https://s.example/episodes/42/x/#end">'
    """

    def address(match: re.Match[str]) -> str:
        before, quote, written = match.groups()
        target = addresses.get(unescape(written), unescape(written))
        if target.startswith("/") and not target.startswith("//"):
            target = origin + target
        return f"{before}{quote}{escape(target)}{quote}"

    if not addresses and not origin:
        return html
    return TAG.sub(lambda tag: ATTRIBUTE.sub(address, tag[0]), html)
