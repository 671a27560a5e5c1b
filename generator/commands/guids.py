"""Writes guids down in content/guids.lock: what stands there stays, what is new is added."""

from collections.abc import Mapping
from pathlib import Path

from generator.errors import ContentError
from generator.read import locks
from generator.write.files import replace_text

LOCK = "guids.lock"


def freeze(content: Path, guids: Mapping[int, str]) -> None:
    """Adds the guids of episode numbers that the lock does not know. Raises ContentError when it cannot be read."""
    path = content / LOCK
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    known, problems = locks.read_guids(text, file=f"{content.name}/{LOCK}")
    if problems:
        raise ContentError(problems)
    if guids.keys() - known.keys():
        replace_text(path, locks.write_guids({**guids, **known}))
