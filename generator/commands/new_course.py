"""`longwave new course`: a course with a chapter and a lecture, as a draft that is valid as it stands. Never overwrites."""

import datetime as dt
from pathlib import Path

from generator.commands.new import named, page, refuse_to_overwrite, write
from generator.errors import ContentError
from generator.read import locks
from generator.read.front_matter import Document
from generator.read.ids import LOCK
from generator.read.inventory import read_config
from generator.read.scan import kind, scan

ID_CHARACTERS_MAX = 48  # leaves room for the beginning and a number
PRICE = 4900
WITH_IDS = ("course", "lecture", "bundle")


def course(content: Path, title: str) -> Path:
    config, problems = read_config(content)
    if config is None:
        raise ContentError(problems)
    slug = named(title)
    folder = content / "courses" / slug
    refuse_to_overwrite(folder / "course.md")
    taken = _taken(content)
    fields = {
        "id": _id("crs_", slug, taken),
        "title": title,
        "summary": "What people can do after it, in one or two sentences.",
        "date": dt.datetime.now(dt.UTC).date().isoformat(),
        "price": {config.store.currency: PRICE},
        "authors": list(config.show.hosts),
        "status": "draft",
    }
    lecture = {"id": _id("lec_", f"{slug}-first", taken), "title": "The first lecture", "preview": True}
    write(folder / "01-beginning/chapter.md", page({"title": "Beginning"}, "").rstrip() + "\n")
    write(folder / "01-beginning/01-first.md", page(lecture, "Notes in Markdown."))
    return write(folder / "course.md", page(fields, "What the course teaches, and for whom, in Markdown."))


def _taken(content: Path) -> set[str]:
    """Ids that are in use, and those that were published once."""
    lock = content / LOCK
    known, _ = locks.read_ids(lock.read_text(encoding="utf-8") if lock.exists() else "", file=LOCK)
    paths = [path for path in scan(content).sources if kind(path) in WITH_IDS]
    return set(known) | {_written_id(content / path) for path in paths}


def _written_id(path: Path) -> str:
    document = Document(path.read_bytes(), file=path.name)
    return str(document.fields().get("id", ""))


def _id(prefix: str, slug: str, taken: set[str]) -> str:
    """
    >>> _id("crs_", "night-work", {"crs_night_work"})
    'crs_night_work_2'
    """
    stem = prefix + slug.replace("-", "_")[:ID_CHARACTERS_MAX].strip("_")
    candidates = [stem, *(f"{stem}_{k}" for k in range(2, len(taken) + 3))]
    return next(id for id in candidates if id not in taken)
