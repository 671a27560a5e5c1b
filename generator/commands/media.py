"""`longwave media add`: records files in content/media.lock, so that a build needs the lock and not the file.

What lies in content/media is for everybody; what lies in the folder of paid files is a lecture's video.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from generator.commands import media_video
from generator.errors import BuildError, ContentError
from generator.read import locks
from generator.read.media import probe
from generator.write.files import replace_text

LOCK = "media.lock"


def add(file: Path, content: Path, *, private: Path) -> str:
    """Gives the lines that say what was recorded. Raises ContentError when the file is no audio or video we can publish."""
    folder, paid = (content / "media").absolute(), private.absolute()
    candidates = (path for path in (file.absolute(), folder / file, paid / file) if path.exists())
    path = next(candidates, None)
    places = f"{content / 'media'}, or of {private} for a lecture's video"
    if path is None:
        raise BuildError(f"{file} does not exist. Name a file of {places}.")
    if path.is_relative_to(paid):
        name, entry, told = media_video.add(path, content, private=paid)
        record(content, {name: entry})
        return "\n".join(told)
    if not path.is_relative_to(folder):
        raise BuildError(f"{file} is no file of {places}. Put it there first.")
    name = path.relative_to(folder).as_posix()
    entry = probe(path)
    record(content, {name: entry})
    return f"{name}: {entry.bytes:,} bytes, {entry.seconds:g} s, {entry.type}, {len(entry.chapters)} chapters"


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Waits until no other command writes the locks of this folder."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def record(content: Path, entries: dict[str, locks.MediaEntry]) -> None:
    """Adds to the lock, or takes the place of what it had; an unchanged lock is not written."""
    with locked(content):
        _record(content / LOCK, entries, file=f"{content.name}/{LOCK}")


def _record(path: Path, entries: dict[str, locks.MediaEntry], *, file: str) -> None:
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    known, problems = locks.read_media(text, file=file)
    if problems:
        raise ContentError(problems)
    if (new := locks.write_media(known | entries)) != text:
        replace_text(path, new)
