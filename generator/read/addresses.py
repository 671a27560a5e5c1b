"""The table of all public addresses: who answers each, and from when. Resolves the links editors write. Knows no page's content."""

import datetime as dt
import posixpath
import re
from collections.abc import Callable, Iterable
from urllib.parse import unquote

from msgspec import Struct

from generator import urls
from generator.read.fields import nearest
from generator.read.grammar import LOCAL_ADDRESS
from generator.read.visibility import ALWAYS, NEVER

PARTS = re.compile(r"([^?#]*)(.*)", re.S)
FIXED = (  # answered by files and by the service, whatever the content says
    "/",
    urls.EPISODES,
    urls.PEOPLE,
    urls.TOPICS,
    urls.POSTS,
    urls.FEED,
    urls.POSTS_FEED,
    "/404.html",
    "/sitemap.xml",
    "/robots.txt",
    "/llms.txt",
    "/manifest.webmanifest",
    "/feed.css",
    "/catalog.json",
    "/episodes.json",
)
RESERVED = re.compile(
    r"/(?:api|account|assets|media|search|subscriptions|index\.php|clientconfig\.json|\.[^/]*)(?:/.*)?"
    r"|/feed/.+|/courses/?|/courses/feed\.xml|/bundles/?"
    r"|/(?:.*/)?page/\d+/?"  # lists go on there
    r"|/(?:.*/)?index\.html/?"
    r"|/(?:favicon\.(?:ico|svg)|icon-\d+\.png|apple-touch-icon\.png)",
    re.I,
)
SHORT = re.compile(r"/episodes/\d+/?")

Report = Callable[[str, str], None]
"""Takes the problem and the remedy."""


class Address(Struct, frozen=True):
    owner: str
    since: dt.datetime


class Addresses:
    """Filled once, then asked. `since` is ALWAYS, a date, or NEVER for a draft.

    Links to `excused` sources, which could not be read, are not reported. `more` is called once, when an address
    is asked for that is not there: it puts those that are rarely linked to.
    """

    def __init__(self, more: Callable[[], None], excused: Iterable[str] = ()) -> None:
        self._excused = frozenset(excused)
        self._more: Callable[[], None] | None = more
        self._table = {path: Address("the site itself", ALWAYS) for path in FIXED}
        self._sources: dict[str, str] = {}
        self._pages: set[str] = set()  # casefolded, as nginx's maps know no case
        self._folded: dict[str, str] = {}

    def add(self, path: str, owner: str, since: dt.datetime, report: Report) -> None:
        """Gives a source the address of its page. A second owner, or a reserved place, is the later one's problem."""
        if path in self._table:
            report(f"the address {path} is already taken by {self._table[path].owner}", "Choose another")
        elif RESERVED.fullmatch(path):
            report(f"the address {path} belongs to the server", "Choose another")
        self._table.setdefault(path, Address(owner, since))
        self._sources[owner] = path

    def claim(self, path: str, owner: str, since: dt.datetime, report: Report) -> None:
        """Gives an old address, with and without a slash at the end, to who answers it now."""
        if not LOCAL_ADDRESS.fullmatch(path):
            return  # reported where it was read
        self._fill()
        held = self._folded.get(path.rstrip("/").casefold(), owner)
        if SHORT.fullmatch(path) and held == owner:
            return  # it leads there anyway
        forms = (path.rstrip("/"), path.rstrip("/") + "/")
        if held != owner or any(form.casefold() in self._pages for form in forms):
            report(f"the address {path} is already taken by {held}", "Choose another")
        elif any(RESERVED.fullmatch(form) for form in forms):
            report(f"the address {path} belongs to the server", "Choose another")
        self._folded.setdefault(path.rstrip("/").casefold(), owner)
        for form in forms:
            self._table.setdefault(form, Address(owner, since))

    def put(self, path: str, owner: str, since: dt.datetime, *, source: bool = False) -> None:
        """An address that several things share (a topic's page): it stands from the earliest on."""
        held = self._table.get(path)
        if held is None or since < held.since:
            self._table[path] = Address(owner, since)
        if source:
            self._sources[owner] = path

    def owner(self, path: str) -> str:
        return self._table[path].owner

    def resolve(self, written: str, source: str, own: dt.datetime, report: Report) -> tuple[str, str] | None:
        """Path and whole address of a link made by `source`, public from `own` on; None, after a report, when it is dead."""
        path, rest = PARTS.fullmatch(written).groups()  # type: ignore[union-attr]
        address = unquote(path) if path.startswith("/") else self._of_source(unquote(path), source)
        if address is not None and address not in self._table:
            self._fill()
        if address is not None and address not in self._table and f"{address}/" in self._table:
            address += "/"
        held = self._table.get(address) if address else None
        if held is None and self._is_excused(path, source):
            return None
        if address is None or held is None:
            report(f"the link to '{written}' leads to no page or file", self._remedy(path))
        elif held.since > own:
            when = "a draft" if held.since == NEVER else f"published on {held.since:%Y-%m-%d}, later"
            report(f"the link to '{written}' leads to {held.owner}, which is {when}", "Remove the link, or wait for it")
        else:
            return address, address + rest
        return None

    def _fill(self) -> None:
        if self._more is not None:
            more, self._more = self._more, None
            more()
            self._pages = {path.casefold() for path in self._table}
            self._folded = {path.rstrip("/").casefold(): address.owner for path, address in self._table.items()}

    def _is_excused(self, path: str, source: str) -> bool:
        """A source that could not be read, or an address that may be one's: every part of its name is in the address."""
        beside = posixpath.normpath(posixpath.join(posixpath.dirname(source), unquote(path)))
        parts = {part for part in path.split("/") if part}
        names = (re.sub(r"^0*(\d+)-|\.md$", r"\1/", posixpath.basename(excused)) for excused in self._excused)
        return beside in self._excused or any(parts & set(name.split("/")) - {""} for name in names)

    def _of_source(self, path: str, source: str) -> str | None:
        return self._sources.get(posixpath.normpath(posixpath.join(posixpath.dirname(source), path)))

    def _remedy(self, path: str) -> str:
        name = posixpath.basename(path.rstrip("/"))
        names = {posixpath.basename(known): known for known in self._sources}
        remedy = nearest(name, names) if name else ""
        return (
            remedy
            if remedy.startswith("Write")
            else "Name a source file, such as 0042-a-name.md, or an address of ours"
        )
