"""Writes ids down in content/ids.lock with the address they were last published at; no id ever leaves it."""

from collections.abc import Mapping
from pathlib import Path

from generator.errors import ContentError
from generator.read import locks
from generator.read.ids import LOCK
from generator.write.files import replace_text


def freeze(content: Path, places: Mapping[str, str]) -> None:
    """Raises ContentError when the lock cannot be read."""
    path = content / LOCK
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    known, problems = locks.read_ids(text, file=f"{content.name}/{LOCK}")
    if problems:
        raise ContentError(problems)
    if {**known, **places} != known:
        replace_text(path, locks.write_ids({**known, **places}))
