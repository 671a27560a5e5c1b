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
LATER = ("courses", "media", "memberships", "README.md")  # looked at elsewhere, or by people


class Stat(Struct, frozen=True, array_like=True):
    """What tells quickly that a file has not changed: bytes, and modification time in nanoseconds."""

    size: int
    mtime_ns: int


def scan(content: Path) -> dict[str, Stat]:
    """Every file we read, by its path inside the content folder ('episodes/0001-x.md')."""
    found: dict[str, Stat] = {}
    for entry in _files(content):
        if entry.name in FILES:
            found[entry.name] = _stat(entry)
    for folder, suffixes in FOLDERS.items():
        for entry in _files(content / folder):
            if os.path.splitext(entry.name)[1] in suffixes:  # noqa: PTH122 (quicker on thousands)
                found[f"{folder}/{entry.name}"] = _stat(entry)
    for path, entry in walk(content / "courses"):
        if course_paths.kind(path):
            found[f"courses/{path}"] = _stat(entry)
    for path, entry in walk(content / "media"):
        if is_media(path):
            found[f"media/{path}"] = _stat(entry)
    return found


def strays(content: Path) -> list[str]:
    """Files that lie where sources do and that nobody reads: 'episodes/season-4/0099-x.md', 'person/x.md', 'redirect.toml'."""
    found = []
    for folder, suffixes in FOLDERS.items():
        paths = (path for path, _ in walk(content / folder))
        found += [f"{folder}/{path}" for path in paths if "/" in path or os.path.splitext(path)[1] not in suffixes]  # noqa: PTH122
    found += [f"courses/{path}" for path, _ in walk(content / "courses") if not course_paths.kind(path)]
    found += [f"media/{path}" for path, _ in walk(content / "media") if not is_media(path)]
    names = {entry.name for entry in _entries(content) if not entry.is_symlink()} - {*FILES, *FOLDERS, *LATER}
    found += [name for name in names if difflib.get_close_matches(name, [*FILES, *FOLDERS, "courses", "media"])]
    return sorted(found)


def symbolic_links(content: Path) -> list[str]:
    """What we would read if it were no symbolic link, which could lead to any file of the server."""
    read = {*FILES, *FOLDERS, *LATER}
    found = [entry.name for entry in _entries(content) if entry.is_symlink() and entry.name in read]
    for folder in (*FOLDERS, "courses", "media"):
        found += [f"{folder}/{path}" for path in _links(content / folder)]
    return sorted(found)


def strange_names(content: Path) -> list[str]:
    """Files and folders whose names are no UTF-8, as far as they can be printed."""
    found = [f"{folder}/{path}" for folder in (*FOLDERS, "courses", "media") for path in _strange(content / folder)]
    return sorted(os.fsencode(name).decode("utf-8", "replace") for name in found)


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
    if path in FILES:
        return FILES[path]
    folder, _, name = path.partition("/")
    if folder == "courses":
        return course_paths.kind(name)
    return "file" if folder == "media" else FOLDERS[folder][f".{name.rpartition('.')[2]}"]


def walk(folder: Path) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """Every plain file below a folder, by its path inside it; hidden ones and symbolic links are left out."""
    for entry in _entries(folder):
        if entry.is_file(follow_symlinks=False):
            yield entry.name, entry
        elif entry.is_dir(follow_symlinks=False):
            for path, below in walk(Path(entry.path)):
                yield f"{entry.name}/{path}", below


def _links(folder: Path) -> Iterator[str]:
    for entry in _entries(folder):
        if entry.is_symlink():
            yield entry.name
        elif entry.is_dir():
            yield from (f"{entry.name}/{path}" for path in _links(Path(entry.path)))


def _strange(folder: Path) -> Iterator[str]:
    for entry in _listed(folder):
        if not _is_text(entry.name):
            yield entry.name
        elif entry.is_dir(follow_symlinks=False):
            yield from (f"{entry.name}/{path}" for path in _strange(Path(entry.path)))


def _files(folder: Path) -> Iterator[os.DirEntry[str]]:
    return (entry for entry in _entries(folder) if entry.is_file(follow_symlinks=False))


def _entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    """Hidden files, editors' leavings ('x~') and names that are no UTF-8 are not sources; nor what lies in a linked folder."""
    return (entry for entry in _listed(folder) if _is_text(entry.name))


def _listed(folder: Path) -> Iterator[os.DirEntry[str]]:
    if folder.is_dir() and not (folder.name in READ_FOLDERS and folder.is_symlink()):
        with os.scandir(folder) as entries:
            yield from (entry for entry in entries if not entry.name.startswith(".") and not entry.name.endswith("~"))


def _is_text(name: str) -> bool:
    return name.isascii() or not any("\ud800" <= character <= "\udfff" for character in name)


def _stat(entry: os.DirEntry[str]) -> Stat:
    stat = entry.stat(follow_symlinks=False)
    return Stat(stat.st_size, stat.st_mtime_ns)
