"""Where a redirect of the last build leads and who wants it, out of the map that nginx reads."""

import re
from pathlib import Path

from msgspec import Struct

from generator import urls
from generator.read.sources import DECODERS
from generator.render.site_files import REDIRECTS
from generator.write.ledger import Ledger

WRITTEN = "redirects.toml"
LINE = re.compile(r'"(?P<path>[^"]+)" "(?P<status>30[12]) (?P<to>[^"]+)";')
SHORT = re.compile(r"/episodes/(\d+)/?")


class Redirection(Struct, frozen=True, kw_only=True):
    path: str
    to: str
    permanent: bool
    reason: str

    def __str__(self) -> str:
        kind = "permanently (301)" if self.permanent else "for the time being (302)"
        return f"{self.path}\n  leads to  {self.to}, {kind}\n  because   {self.reason}"


def redirection(path: str, output: Path, ledger: Ledger) -> Redirection | None:
    """What `path` (from the root) leads to; None when it is no redirect."""
    place = output / REDIRECTS
    text = place.read_text(encoding="utf-8") if place.exists() else ""
    found = next((match for match in LINE.finditer(text) if match["path"] == path), None)
    if found is None:
        return None
    reason = _reason(path, found["to"], ledger)
    return Redirection(path=path, to=found["to"], permanent=found["status"] == "301", reason=reason)


def _reason(path: str, to: str, ledger: Ledger) -> str:
    content = ledger.meta("content")
    if path in _written(ledger):
        return f"{content}/{WRITTEN} says so"
    origin = ledger.origin(urls.output_path(to))
    source = origin.sources[0] if origin and origin.sources else "its source"
    if short := SHORT.fullmatch(path):
        return f"it is the short address of episode {short[1]}, {source}"
    return f"{source} has it among its aliases"


def _written(ledger: Ledger) -> set[str]:
    heads = [row[-1] for row in ledger.sources() if row[0] == WRITTEN]
    return {redirect.path for head in heads for redirect in DECODERS["redirects"].decode(head)}
