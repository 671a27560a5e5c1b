"""What feeds, lists, small files and the theme's assets are made of, which note no source: in words where it is much."""

import posixpath
import re
from pathlib import Path

from generator.write.assets import FOLDER, STYLESHEET
from generator.write.ledger import Ledger, Origin

WORDS = {
    "feed": "every published episode",
    "posts feed": "every published post",
    "courses feed": "every published course",
    "sitemap": "every page",
    "catalog": "every published course and bundle",
    "episodes": "every published episode",
    "llms": "the newest episodes and every page of text",
    "redirects": "the numbers and aliases of every episode, post and page",
    "index.html": "every published episode, and whom and what it names",
    "episodes.html": "every published episode",
    "posts.html": "every published post",
    "not_found.html": "the newest episodes",
}
FILES = {"robots": "site.toml", "manifest": "site.toml", "redirects": "redirects.toml"}
HASH = re.compile(r"\.[0-9a-f]{8}(?=\.[a-z0-9]+$)")


def gathered(path: str, origin: Origin, ledger: Ledger) -> tuple[tuple[str, ...], str]:
    """The sources of the output `path`, and what else it gathers."""
    if origin.sources:
        return tuple(dict.fromkeys(origin.sources)), ""
    if origin.kind == "bytes":
        return _of_theme(path, Path(ledger.meta("theme") or "theme"))
    file = FILES.get(origin.kind)
    return (f"{ledger.meta('content')}/{file}",) if file else (), WORDS.get(origin.kind, "")


def _of_theme(path: str, theme: Path) -> tuple[tuple[str, ...], str]:
    name = HASH.sub("", posixpath.basename(path)) if path.startswith(FOLDER) else path
    found = tuple(str(file) for file in sorted((theme / "static").rglob(name)))
    gathers = "the styles that it imports" if name == posixpath.basename(STYLESHEET) else ""
    return found or (f"{theme}/static/…/{name}",), gathers
