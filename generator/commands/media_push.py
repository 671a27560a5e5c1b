"""`longwave media push`: which files of content/media.lock go where. How they get there, a store knows.

Public files go under their public name, which holds a hash: what is sent is not served before something published names it. Paid
ones keep the name that lectures know them by.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Literal, Protocol

from msgspec import Struct

from generator.commands.media import LOCK
from generator.errors import BuildError, ContentError, Problem
from generator.read import locks
from generator.read.locks import MediaEntry
from generator.read.names import public_name

Place = Literal["public", "private"]


class Wanted(Struct, frozen=True):
    """A file that is to be in a store. `path` is where it lies here, None for one that somebody else has sent."""

    place: Place
    name: str
    bytes: int
    sha256: str
    path: Path | None

    @property
    def told(self) -> str:
        return self.path.name if self.path else self.name


class Store(Protocol):
    def missing(self, wanted: Sequence[Wanted]) -> list[Wanted]:
        """Those that it does not hold whole."""

    def send(self, wanted: Wanted, *, sent: Callable[[int], None]) -> None:
        """Returns when the file is in its place with the right bytes. Tells how many bytes are there by now."""


class Pushed(Struct, frozen=True):
    sent: tuple[str, ...]
    bytes: int
    standing: int

    def __str__(self) -> str:
        return f"{len(self.sent)} sent ({self.bytes:,} bytes), {self.standing} were there"


def push(content: Path, store: Store, *, private: Path, watch: Callable[[Wanted], Callable[[int], None]]) -> Pushed:
    """Sends what the store lacks. Raises ContentError for files that differ from the lock and, at the end, for what is nowhere."""
    file = content / LOCK
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    entries, problems = locks.read_media(text, file=f"{content.name}/{LOCK}")
    wanted = [one for name, entry in entries.items() for one in _wanted(name, entry, content, private)]
    problems += _differing(wanted, content)
    if problems:
        raise ContentError(problems)
    missing = store.missing(wanted)
    sent = [one for one in missing if one.path]
    for one in sent:
        store.send(one, sent=watch(one))
    if nowhere := _nowhere(missing, wanted, content):
        raise ContentError(nowhere)
    standing = len({one.sha256 for one in wanted} - {one.sha256 for one in sent})
    return Pushed(tuple(one.told for one in sent), sum(one.bytes for one in sent), standing)


def _wanted(name: str, entry: MediaEntry, content: Path, private: Path) -> Iterable[Wanted]:
    public, paid = content / "media" / name, private / name
    as_public = public_name(name, entry.sha256)
    if public.is_file():
        yield Wanted("public", as_public, entry.bytes, entry.sha256, public)
    elif paid.is_file():
        yield Wanted("private", name, entry.bytes, entry.sha256, paid)
        if entry.poster and (private / entry.poster).is_file():
            yield _poster(entry.poster, private / entry.poster)
    else:  # whoever has it has sent it, and only the store knows as what
        yield Wanted("public", as_public, entry.bytes, entry.sha256, None)
        yield Wanted("private", name, entry.bytes, entry.sha256, None)


def _poster(name: str, path: Path) -> Wanted:
    content = path.read_bytes()
    return Wanted("private", name, len(content), hashlib.sha256(content).hexdigest(), path)


def _differing(wanted: Sequence[Wanted], content: Path) -> list[Problem]:
    """By size alone: reading everything at each push would take minutes, and a store looks at every byte anyway."""
    return [
        Problem(f"{content.name}/{LOCK}", 1, f"'{one.path}' is not the file that was recorded", f"Run {_add(one.path)}")
        for one in wanted
        if one.path and one.path.stat().st_size != one.bytes
    ]


def _nowhere(missing: Sequence[Wanted], wanted: Sequence[Wanted], content: Path) -> list[Problem]:
    lacking = {(one.place, one.sha256) for one in missing}
    lost = [one for one in wanted if one.path is None and one.place == "private"]
    return [
        Problem(f"{content.name}/{LOCK}", 1, f"'{one.name}' is neither here nor there", "Put it here and push again")
        for one in lost
        if {("public", one.sha256), ("private", one.sha256)} <= lacking
    ]


def _add(path: Path) -> str:
    return f"`longwave media add {path}`"


def refuse_target(target: str) -> BuildError:
    return BuildError(
        f"'{target}' is no place to send media to. Write USER@HOST for a server, or https://… for an object storage."
    )
