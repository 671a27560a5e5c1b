"""Notes which feeds a publish has changed, for deploy/server/websub.py to tell their hubs. Talks to nobody."""

import filecmp
import json
import time
from pathlib import Path

from deploy.server import content_places as places
from deploy.server import states

FEED = "feed.xml"


def changed_feeds(before: Path, after: Path) -> list[str]:
    """The paths of feeds in the web root `after` that are others, or new, since `before`."""
    feeds = sorted(path.relative_to(after).as_posix() for path in after.rglob(FEED))
    return [feed for feed in feeds if not _same(before / feed, after / feed)]


def feeds_changed(before: str, after: str) -> None:
    """A note for each publish; what is told is what is served when the telling is done."""
    sites = places.WWW / "releases"
    old, new = sites / (before or "none") / "public", sites / after / "public"
    feeds = changed_feeds(old, new)
    if feeds and places.WEBSUB.is_dir():
        states.write(places.WEBSUB / f"{time.time_ns()}.json", json.dumps(feeds).encode(), mode=0o644)


def _same(old: Path, new: Path) -> bool:
    return old.is_file() and (old.samefile(new) or filecmp.cmp(old, new, shallow=False))
