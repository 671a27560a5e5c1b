"""Markdown to HTML, the same for notes, posts and pages; finds local links, and what the security policy would block."""

import re
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
IN_QUOTES = re.compile(r"""\s(?:href|src|poster)=(["'])(.*?)\1""", re.S)  # what can be led to a public address
ELSEWHERE = re.compile(r"(?:[a-zA-Z][a-zA-Z0-9+.-]*:|//|#)")
BLOCKED_TAGS = {
    *("script", "style", "iframe", "object", "embed", "base", "meta", "link", "frame", "frameset", "applet", "portal"),
    *("animate", "set"),  # they write other attributes
    *(
        "plaintext",
        "textarea",
        "title",
        "noscript",
        "noembed",
        "noframes",
        "xmp",
        "template",
    ),  # browsers read on otherwise
}
ADDRESS_ATTRIBUTES = ("href", "src", "poster")
WORDS_ATTRIBUTES = frozenset(
    ["alt", "title", "id", "class", "name", "value", "label", "placeholder", "summary", "content"]
)
BLOCKED_SCHEMES = ("javascript:", "vbscript:", "data:")
UNSEEN = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029]+")
INTRASITE = re.compile(r"\s*[{|](?:static|filename|attach|tag|category|author|index)[|}]", re.I)
# Browsers and parsers differ on what these are, and where they end.
MARKUP_TRICK = re.compile(r"<!(?!--)|<!---?>|--!>|<\?|</(?![a-zA-Z])")
QUOTED = re.compile(r"""(?<!=)=[ \t\n\f\r]*(?:"[^"<]*"|'[^'<]*')""")
MALFORMED = re.compile(r"""["'<]|==|[^\S \t\n\f\r]""")
PLAIN_TAG = re.compile(  # most are: nothing in them asks for a closer look
    r"</?(?:p|em|strong|li|ul|ol|h[2-6]|code|pre|blockquote|br|hr|t[dhr])>|</(?:a|div|span)>"
    r'|<h[2-6] id="[^"<>&]*">|<(?:span|div) class="[\w -]*">|<a href="(?:https?://|#)[^"<>&\s]*">'
)
OPENING = re.compile(r"<[a-zA-Z/]")
BRACKETS_MAX = 2000
DEPTH_MAX = 50
TOO_DEEP = re.compile(
    rf"^(?:(?:[ \t]*(?:>|[-*+](?=[ \t])|\d{{1,9}}\.(?=[ \t]))){{{DEPTH_MAX + 1}}}|(?:[ ]{{4}}|\t){{{DEPTH_MAX + 1}}})",
    re.M,
)


def to_text(source: str, *, file: str, first_line: int = 1) -> tuple[Text, list[Problem]]:
    """The HTML of `source` with its local links, and what may not stand in it.

    Raw HTML is allowed to editors; scripts, styles and frames are not: the Content-Security-Policy would block them.
    """
    if source.count("[") > BRACKETS_MAX or TOO_DEEP.search(source):
        return Text(html=""), [Problem(file, first_line, "the text nests too deep", "Simplify its lists and brackets")]
    html = converter().reset().convert(source)
    guard = inspect(html)
    written = sorted({link for link in guard.addresses if link and not ELSEWHERE.match(link)})
    problems = []
    if "" in guard.addresses:
        line = source.count("\n", 0, max(0, source.find("]()"))) + first_line
        problems.append(Problem(file, line, "a link leads nowhere", "Write its address between the brackets"))
    quoted = {unescape(match[2]) for match in IN_QUOTES.finditer(html)}
    for link in written:
        if link not in quoted:
            line = line_of(link, source) + first_line
            problems.append(Problem(file, line, f"the address '{link}' has no quotes", 'Write href="..." or src="..."'))
    for link in sorted(guard.intrasite):
        line = line_of(link, source) + first_line
        problems.append(Problem(file, line, f"'{link}' is no address", "Name the file itself"))
    for what in guard.found:
        line = line_of(what, source) + first_line
        problems.append(Problem(file, line, f"'{what}' is blocked on our pages", "Remove it, or link to it"))
    links = tuple((link, line_of(link, source) + first_line) for link in written if link in quoted)
    return Text(html=html, links=links), problems


@cache
def converter() -> markdown.Markdown:
    return markdown.Markdown(extensions=list(EXTENSIONS), extension_configs=EXTENSIONS, output_format="html")


def inspect(html: str) -> "Guard":
    guard = Guard()
    rest = PLAIN_TAG.sub("\n", html)
    if "<" in rest:
        guard.feed(rest)
    unread = guard.rawdata
    if "<" in unread:  # a tag without an end would swallow what our page says next
        guard.found.append(unread[unread.index("<") :][:40])
    guard.found += {match[0] for match in MARKUP_TRICK.finditer(html)}
    return guard


def line_of(what: str, source: str) -> int:
    """Lines before the first that holds `what`; 0 when it was put together and stands nowhere as such."""
    return source.count("\n", 0, max(0, source.lower().find(what.lower())))


class Guard(HTMLParser):
    """Finds tags and attributes that run or style something, tags that browsers may read otherwise, and addresses."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.found: list[str] = []
        self.addresses: set[str] = set()
        self.intrasite: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in BLOCKED_TAGS:
            self.found.append(f"<{tag}")
        if not attrs:
            return
        text = self.get_starttag_text() or ""
        if MALFORMED.search(QUOTED.sub("", text), 1):
            self.found.append(text[:40].partition("\n")[0])
        for name, value in attrs:
            self._attribute(name, value or "")

    def handle_data(self, data: str) -> None:
        if OPENING.search(data):  # a text's own '<' is written '&lt;': this tag was not understood
            self.found.append(data[:40].partition("\n")[0])

    def _attribute(self, name: str, value: str) -> None:
        if name == "style" or name.startswith("on"):
            self.found.append(f"{name}=")
        if name in WORDS_ATTRIBUTES or name.startswith(("aria-", "data-")):
            return
        scheme = UNSEEN.sub("", value).lower() if ":" in value else ""
        if scheme.startswith(BLOCKED_SCHEMES):
            self.found.append(scheme.partition(":")[0] + ":")
        elif INTRASITE.match(value):
            self.intrasite.add(value)
        elif name in ADDRESS_ATTRIBUTES:
            self.addresses.add(value)
