"""Finds every source of a content folder with its size and time. Opens none of them, and is quick to import."""

import difflib
import os
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from generator.read import course_paths

FOLDERS = {  # folder: suffixes and the kind of source they are
    "episodes": {".md": "episode", ".vtt": "transcript", ".srt": "transcript"},
    "people": {".md": "person"},
    "topics": {".md": "topic"},
    "sponsors": {".md": "sponsor"},
    "posts": {".md": "post"},
    "pages": {".md": "page"},
    "bundles": {".md": "bundle"},
}
FILES = {
    "site.toml": "site",
    "redirects.toml": "redirects",
    "media.lock": "media lock",
    "guids.lock": "guids lock",
    "ids.lock": "ids lock",
}

PICTURES = (".jpg", ".jpeg", ".png", ".gif", ".webp", ".avif")
MEDIA = frozenset((*PICTURES, ".mp3", ".m4a", ".mp4", ".m4v", ".pdf", ".zip", ".txt", ".vtt", ".srt"))
READ_FOLDERS = frozenset({*FOLDERS, "courses", "media"})
# The last three are looked at by others and by people.
NAMES = frozenset({*FILES, *READ_FOLDERS, "memberships", "videos", "README.md"})


class Stat(Struct, frozen=True, array_like=True):
    """What tells quickly that a file has not changed: bytes, and modification time in nanoseconds."""

    size: int
    mtime_ns: int


class Found(Struct, frozen=True):
    """What lies in a content folder, by paths inside it ('episodes/0001-x.md')."""

    sources: dict[str, Stat]
    """Every file we read."""
    strays: list[str]
    """Files that lie where sources do and that nobody reads: 'episodes/season-4/0099-x.md', 'person/x.md', 'redirect.toml'."""
    links: list[str]
    """What we would read if it were no symbolic link, which could lead to any file of the server."""
    strange: list[str]
    """Files and folders whose names are no UTF-8, as far as they can be printed."""


def scan(content: Path) -> Found:
    """One look at all of it."""
    found = Found({}, [], [], [])
    for entry in _entries(content):
        name = entry.name
        if name not in NAMES:
            if not entry.is_symlink() and difflib.get_close_matches(name, [*FILES, *READ_FOLDERS]):
                found.strays.append(name)
        elif entry.is_symlink():
            found.links.append(name)
        elif name in FILES and entry.is_file():
            found.sources[name] = _stat(entry)
        elif name in READ_FOLDERS and entry.is_dir():
            _sort(Path(entry.path), name, found)
    for paths in (found.strays, found.links, found.strange):
        paths.sort()
    return found


def _sort(folder: Path, name: str, found: Found) -> None:
    """Puts what lies below the folder `name` of the content where it belongs."""
    for path, entry in _below(folder):
        if not _is_text(entry.name):
            found.strange.append(os.fsencode(f"{name}/{path}").decode("utf-8", "replace"))
        elif entry.is_symlink():
            found.links.append(f"{name}/{path}")
        elif kind_in(name, path):
            found.sources[f"{name}/{path}"] = _stat(entry)
        else:
            found.strays.append(f"{name}/{path}")


def is_media(path: str) -> bool:
    """Whether a name in content/media is of a kind we publish: nothing that could run in a browser.

    >>> is_media("talks/PLAN.JPG"), is_media("x.html")
    (True, False)
    """
    return os.path.splitext(path)[1].lower() in MEDIA  # noqa: PTH122


def kind(path: str) -> str:
    """
    >>> kind("episodes/0001-x.md"), kind("media/plan.png"), kind("site.toml")
    ('episode', 'file', 'site')
    """
    return FILES.get(path) or kind_in(*path.split("/", 1))


def kind_in(folder: str, path: str) -> str:
    """What a file of that folder is to us; '' for one that we do not read.

    >>> kind_in("episodes", "0001-x.md"), kind_in("episodes", "season-4/0099-x.md")
    ('episode', '')
    """
    if folder == "courses":
        return course_paths.kind(path)
    if folder == "media":
        return "file" if is_media(path) else ""
    return FOLDERS[folder].get(path[path.rfind(".") :], "") if "/" not in path else ""


def walk(folder: Path) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """Every plain file below a folder, by its path inside it; hidden ones and symbolic links are left out."""
    return ((path, entry) for path, entry in _below(folder) if _is_text(entry.name) and not entry.is_symlink())


def _below(folder: Path) -> Iterator[tuple[str, os.DirEntry[str]]]:
    for entry in _listed(folder):
        if entry.is_dir(follow_symlinks=False) and _is_text(entry.name):
            yield from ((f"{entry.name}/{path}", below) for path, below in _below(Path(entry.path)))
        else:
            yield entry.name, entry


def _entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    """Names that are no UTF-8 are not sources."""
    return (entry for entry in _listed(folder) if _is_text(entry.name))


def _listed(folder: Path) -> Iterator[os.DirEntry[str]]:
    """Without hidden files and editors' leavings ('x~')."""
    if folder.is_dir():
        with os.scandir(folder) as entries:
            yield from (entry for entry in entries if not entry.name.startswith(".") and not entry.name.endswith("~"))


def _is_text(name: str) -> bool:
    return name.isascii() or not any("\ud800" <= character <= "\udfff" for character in name)


def _stat(entry: os.DirEntry[str]) -> Stat:
    stat = entry.stat(follow_symlinks=False)
    return Stat(stat.st_size, stat.st_mtime_ns)
