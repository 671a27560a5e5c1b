"""Lets public audio be served from the moment that something published names it, and no sooner. Copies nothing.

What `longwave media push` has brought lies in places.MEDIA under its public name, which holds a hash of its bytes.
"""

import os
import re
from collections.abc import Iterable
from pathlib import Path

from deploy.server import content_places as places

LINK = re.compile(
    r"/media/((?:[A-Za-z0-9_-][A-Za-z0-9._-]*/)*[A-Za-z0-9_-][A-Za-z0-9._-]*\.[0-9a-f]{8}\.[a-z0-9]{1,8})"
)
MISSING_MAX = 10


def place(links: Iterable[str], *, media: Path = places.MEDIA, pool: Path = places.POOL) -> list[str]:
    """Makes every file of `links` served. Gives, in lines for an editor, those that are nowhere on this server."""
    names = [found[1] for link in links if (found := LINK.fullmatch(link))]
    missing = [name for name in names if not _serve(media / name, pool / "media" / name)]
    if not missing:
        return []
    lines = [f"content/media.lock: the file of /media/{name} is not on this server." for name in missing[:MISSING_MAX]]
    lines += [f"and {len(missing) - MISSING_MAX} more."] if len(missing) > MISSING_MAX else []
    return [*lines, "Send it, then push again: longwave media push"]


def _serve(source: Path, target: Path) -> bool:
    """A second name for the same file: the store and the pool are one file system."""
    if target.is_file():
        return True
    if source.is_symlink() or not source.is_file():
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    os.link(source, target, follow_symlinks=False)
    return True
