"""Markdown to HTML, the same for notes, posts and pages; finds local links, and what the security policy would block."""

import re
from collections.abc import Iterator
from functools import cache
from html import unescape
from html.parser import HTMLParser

import markdown

from generator.errors import Problem
from generator.model import Text

EXTENSIONS = {
    "markdown.extensions.abbr": {},
    "markdown.extensions.attr_list": {},
    "markdown.extensions.codehilite": {"guess_lang": False},
    "markdown.extensions.def_list": {},
    "markdown.extensions.fenced_code": {},
    "markdown.extensions.footnotes": {},
    "markdown.extensions.md_in_html": {},
    "markdown.extensions.sane_lists": {},
    "markdown.extensions.tables": {"use_align_attribute": True},  # a style attribute would be blocked
    "markdown.extensions.toc": {},
}
ADDRESS = re.compile(r"""\s(?:href|src|poster)=(?:"([^"]*)"|'([^']*)')""")
ELSEWHERE = re.compile(r"(?:[a-zA-Z][a-zA-Z0-9+.-]*:|//|#)")
SUSPICIOUS = re.compile(
    r"<\s*(?:script|style|iframe|object|embed|base|meta|link)\b|\sstyle\s*=|\son\w+\s*=|javascript:", re.I
)
BLOCKED_TAGS = {"script", "style", "iframe", "object", "embed", "base", "meta", "link"}


def to_text(source: str, *, file: str, first_line: int = 1) -> tuple[Text, list[Problem]]:
    """The HTML of `source` with its local links, and what may not stand in it.

    Raw HTML is allowed to editors; scripts, styles and frames are not: the Content-Security-Policy would block them.
    """
    html = converter().reset().convert(source)
    written = sorted({link for link in addresses(html) if link and not ELSEWHERE.match(link)})
    problems = []
    if "" in addresses(html):
        line = source.count("\n", 0, max(0, source.find("]()"))) + first_line
        problems.append(Problem(file, line, "a link leads nowhere", "Write its address between the brackets"))
    links = tuple((link, line_of(link, source) + first_line) for link in written)
    if SUSPICIOUS.search(html):
        guard = Guard()
        guard.feed(html)
        for what in guard.found:
            line = line_of(what, source) + first_line
            problems.append(Problem(file, line, f"'{what}' is blocked on our pages", "Remove it, or link to it"))
    return Text(html=html, links=links), problems


@cache
def converter() -> markdown.Markdown:
    return markdown.Markdown(extensions=list(EXTENSIONS), extension_configs=EXTENSIONS, output_format="html")


def addresses(html: str) -> Iterator[str]:
    for match in ADDRESS.finditer(html):
        yield unescape(match[1] or match[2] or "")


def line_of(what: str, source: str) -> int:
    """Lines before the first that holds `what`; 0 when it was put together and stands nowhere as such."""
    return source.count("\n", 0, max(0, source.lower().find(what.lower())))


class Guard(HTMLParser):
    """Finds tags and attributes that run or style something."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in BLOCKED_TAGS:
            self.found.append(f"<{tag}")
        for name, value in attrs:
            if name == "style" or name.startswith("on"):
                self.found.append(f"{name}=")
            elif value and value.strip().lower().startswith("javascript:"):
                self.found.append("javascript:")
