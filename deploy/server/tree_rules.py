"""What a pushed tree may hold: pure rules over its entries. Runs no git and reads no file."""

import re
from collections.abc import Iterable, Mapping

from msgspec import Struct

EDITORS = ("content", "theme")
FILES_MAX = 100_000
FILE_BYTES_MAX = 100_000_000
TREE_BYTES_MAX = 2_000_000_000
PATH_BYTES_MAX = 400
DEPTH_MAX = 20
PROBLEMS_MAX = 50
PLAIN = {"100644", "100755"}
FOLDER = "040000"
NAME = re.compile(r"[^\x00-\x1f\x7f\\]+")
KINDS = {"120000": "a symbolic link", "160000": "a submodule"}
POINTER = b"version https://git-lfs.github.com/spec/"
MOVED_REMEDY = "Only content/ and theme/ can be pushed; the server itself is changed by `longwave deploy`"


class Entry(Struct, frozen=True):
    """A file of a tree as `git ls-tree -r -l` tells it; `size` is 0 for what is no file."""

    mode: str
    id: str
    size: int
    path: str


def outside_problems(new: Mapping[str, str], accepted: Iterable[Mapping[str, str]]) -> list[str]:
    """What a push changes that it may not: entries of the top folder by name ('MODE ID'), against what was accepted before.

    An entry may be as it was in any of `accepted`, or be missing in both.
    """
    known = list(accepted)
    names = {*new, *(name for tree in known for name in tree)} - set(EDITORS)
    return [
        f"{name}: this is not yours to change. {MOVED_REMEDY}."
        for name in sorted(names)
        if known and all(new.get(name) != tree.get(name) for tree in known)
    ]


def problems(entries: Iterable[Entry]) -> list[str]:
    """Everything in the two folders that cannot be taken, as lines for the editor; [] when all can."""
    found: list[str] = []
    count = total = 0
    for entry in entries:
        count, total = count + 1, total + entry.size
        found += [f"{_shown(entry.path)}:1: {problem}" for problem in _problems(entry)]
    if count > FILES_MAX:
        found.append(f"content: {count:,} files are more than the {FILES_MAX:,} that can be pushed. Remove some.")
    if total > TREE_BYTES_MAX:
        found.append(f"content: {total:,} bytes are more than {TREE_BYTES_MAX:,}. {_MEDIA_REMEDY}")
    return found[:PROBLEMS_MAX] + ([f"and {len(found) - PROBLEMS_MAX} more."] if len(found) > PROBLEMS_MAX else [])


_MEDIA_REMEDY = "Audio and video go by `longwave media add` and `longwave media push`, not by git."


def _problems(entry: Entry) -> list[str]:
    parts = entry.path.split("/")
    found = []
    if entry.mode not in PLAIN:
        found.append(f"this is {KINDS.get(entry.mode, 'no file')}. Put a copy of the file there.")
    if any(part.lower().startswith(".git") for part in parts):
        found.append("files of git's own have no meaning here. Remove it.")
    if not all(NAME.fullmatch(part) and part not in {".", ".."} for part in parts):
        found.append("the name holds a character that no address can have. Rename it.")
    if len(entry.path.encode("utf-8", "surrogateescape")) > PATH_BYTES_MAX or len(parts) > DEPTH_MAX:
        found.append("the path is too long. Rename it, or put it into fewer folders.")
    if entry.size > FILE_BYTES_MAX:
        found.append(f"{entry.size:,} bytes are more than {FILE_BYTES_MAX:,}. {_MEDIA_REMEDY}")
    return found


def is_pointer(content: bytes) -> bool:
    """Whether these bytes stand for a file that Git LFS keeps elsewhere."""
    return content.startswith(POINTER)


def pointer_problem(path: str) -> str:
    return f"{_shown(path)}:1: this is a pointer of Git LFS, and the file is not here. {_MEDIA_REMEDY}"


def _shown(path: str) -> str:
    """A path that cannot speak to the terminal it is shown on."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "replace").translate(_CONTROL)


_CONTROL = dict.fromkeys((*range(0x20), *range(0x7F, 0xA0)), "\ufffd")
