"""Reads content/bundles: several courses at one price. Does not know the courses."""

import datetime as dt
from typing import Any

from msgspec import Struct

from generator.errors import Problem
from generator.model import STATUSES, Bundle, Picture
from generator.read import grammar, markdown, prices
from generator.read.checks import SUMMARY_CHARACTERS_MAX, TITLE_CHARACTERS_MAX, aliases, one_of, reporter, when
from generator.read.courses import UNKNOWN, check_id
from generator.read.front_matter import Document
from generator.read.people import stem

ALL = "all"
STAND_INS: dict[str, object] = {"id": "bdl_missing_id", "title": "-", "courses": ALL}
DAY_CHARACTERS = len("2026-12-31")
DAY = dt.timedelta(days=1)


class BundleFields(Struct, forbid_unknown_fields=True):
    id: str
    title: str
    courses: str | tuple[str, ...]
    price: Any = None
    include_future: bool = False
    until: Any = None
    summary: str = ""
    date: Any = None
    image: str = ""
    status: str = "published"
    aliases: tuple[str, ...] = ()


def parse(raw: bytes, *, file: str, zone: dt.tzinfo) -> tuple[Bundle | None, list[Problem]]:
    document = Document(raw, file=file)
    slug = stem(document)
    front = document.front(BundleFields, stand_ins=STAND_INS)
    text, problems = markdown.to_text(document.body, file=file, first_line=document.body_line)
    document.problems += problems
    if front is None:
        return None, document.problems
    _check(document, front)
    date = when(document, "date", front.date, zone) if front.date is not None else None
    bundle = Bundle(
        source=file,
        id=front.id,
        slug=slug,
        title=front.title.strip(),
        text=text,
        date=date or UNKNOWN,
        summary=front.summary.strip(),
        courses=() if isinstance(front.courses, str) else front.courses,
        all=front.courses == ALL,
        include_future=front.include_future,
        prices=prices.parse(document, front.price, needed=True),
        until=_end(document, front.until, zone),
        image=Picture(url=front.image) if front.image else None,
        status=front.status,
        aliases=front.aliases,
    )
    return bundle, document.problems


def _check(document: Document, front: BundleFields) -> None:
    check_id(document, front.id, prefix="bdl_")
    grammar.plain(front.title, reporter(document, "title"), characters_max=TITLE_CHARACTERS_MAX)
    if front.summary:
        grammar.plain(front.summary, reporter(document, "summary"), characters_max=SUMMARY_CHARACTERS_MAX)
    one_of(document, "status", front.status, STATUSES)
    aliases(document, front.aliases)
    if not front.courses or (isinstance(front.courses, str) and front.courses != ALL):
        document.problem(("courses",), "the bundle names no courses", "Write 'courses: all', or a list of their ids")
    elif isinstance(front.courses, tuple):
        for k, id in enumerate(front.courses):
            if id in front.courses[:k]:
                document.problem(("courses", k), f"'{id}' stands twice", "Remove one")


def _end(document: Document, until: object, zone: dt.tzinfo) -> dt.datetime | None:
    """The moment the offer ends; a day without a time belongs to the offer until midnight."""
    if until is None:
        return None
    end = when(document, "until", until, zone)
    return end + DAY if end and _is_day(until) else end


def _is_day(until: object) -> bool:
    """Whether it has no time: as YAML reads it, or put in quotes.

    >>> _is_day(dt.date(2026, 12, 31)), _is_day("2026-12-31"), _is_day("2026-12-31T12:00:00Z")
    (True, True, False)
    """
    if isinstance(until, str):
        return len(until) == DAY_CHARACTERS
    return isinstance(until, dt.date) and not isinstance(until, dt.datetime)
