"""Reads content/courses: course.md, its chapters and their lectures, each file on its own. Does not know what belongs together."""

import datetime as dt
import re
from typing import Any

from msgspec import Struct, field

from generator import model
from generator.errors import Problem
from generator.read import grammar, markdown, prices
from generator.read.checks import TITLE_CHARACTERS_MAX, aliases, ids, one_of, reporter, title_and_summary, when
from generator.read.course_paths import numbered
from generator.read.fields import Whole
from generator.read.front_matter import Document

UNKNOWN = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
ID = re.compile(r"[a-z]{3}_[a-z0-9]+(?:_[a-z0-9]+)*")
ID_CHARACTERS_MAX = 64
LEVELS = ("beginner", "intermediate", "advanced")
STAND_IN = 1.0
SECONDS_MAX = 100_000  # more than a day: no lecture
SEATS_MAX = 10_000
COURSE_STAND_INS: dict[str, object] = {"id": "crs_missing_id", "title": "-", "summary": "-", "date": "2000-01-01"}
LECTURE_STAND_INS: dict[str, object] = {"id": "lec_missing_id", "title": "-"}


class SeatsFields(Struct, forbid_unknown_fields=True):
    first: Whole = field(name="from")
    percent_off: Whole


class CourseFields(Struct, forbid_unknown_fields=True):
    id: str
    title: str
    summary: str
    date: Any
    updated: Any = None
    price: Any = None
    free: bool = False
    authors: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    level: str = ""
    image: str = ""
    repository: str = ""
    trailer: str = ""
    seats: tuple[SeatsFields, ...] = ()
    notify: bool = False
    status: str = "published"
    aliases: tuple[str, ...] = ()


class ChapterFields(Struct, forbid_unknown_fields=True):
    title: str
    summary: str = ""


class LectureFields(Struct, forbid_unknown_fields=True):
    id: str
    title: str
    video: str = ""
    seconds: float | None = None
    preview: bool = False
    downloads: tuple[str, ...] = ()
    status: str = "published"
    aliases: tuple[str, ...] = ()


def parse_course(raw: bytes, *, file: str, zone: dt.tzinfo) -> tuple[model.Course | None, list[Problem]]:
    """The course without its chapters; its slug is its folder's name."""
    document = Document(raw, file=file)
    slug = file.split("/")[-2]
    grammar.slug(slug, reporter(document))
    front = document.front(CourseFields, stand_ins=COURSE_STAND_INS)
    text, problems = markdown.to_text(document.body, file=file, first_line=document.body_line)
    document.problems += problems
    if front is None:
        return None, document.problems
    _check_course(document, front)
    date = when(document, "date", front.date, zone) or UNKNOWN
    updated = when(document, "updated", front.updated, zone) if front.updated is not None else None
    course = model.Course(
        source=file,
        id=front.id,
        slug=slug,
        title=front.title.strip(),
        date=date,
        updated=updated or date,
        summary=front.summary.strip(),
        text=text,
        prices=prices.parse(document, front.price, needed=not (front.free or front.notify)),
        free=front.free,
        authors=front.authors,
        topics=front.topics,
        level=front.level,
        image=model.Picture(url=front.image) if front.image else None,
        repository=front.repository,
        trailer=front.trailer,
        seats=tuple(model.Seats(first=seats.first, percent_off=seats.percent_off) for seats in front.seats),
        notify=front.notify,
        status=front.status,
        aliases=front.aliases,
    )
    return course, document.problems


def parse_chapter(raw: bytes, *, file: str) -> tuple[model.CourseChapter | None, list[Problem]]:
    """A chapter's title and summary, without its lectures."""
    document = Document(raw, file=file)
    front = document.front(ChapterFields, stand_ins={"title": "-"})
    if document.body.strip():
        document.problem((), "a chapter has no text of its own", "Write a 'summary', or put the text into a lecture")
    if front is None:
        return None, document.problems
    title_and_summary(document, front.title, front.summary or front.title)
    chapter = model.CourseChapter(source=file, title=front.title.strip(), summary=front.summary.strip())
    return chapter, document.problems


def parse_lecture(raw: bytes, *, file: str) -> tuple[model.Lecture | None, list[Problem]]:
    """A lecture as its file tells it: its length may stand elsewhere, of its downloads only the names are known."""
    document = Document(raw, file=file)
    name = numbered(file.rpartition("/")[2].removesuffix(".md"))
    front = document.front(LectureFields, stand_ins=LECTURE_STAND_INS)
    if name is None or not grammar.is_slug(name[1]):
        what = "the file's name is not NUMBER-slug.md"
        document.problem((), what, "Rename it like '02-a-short-name.md'")
        return None, document.problems
    text, problems = markdown.to_text(document.body, file=file, first_line=document.body_line)
    document.problems += problems
    if front is None:
        return None, document.problems
    _check_lecture(document, front, text)
    lecture = model.Lecture(
        source=file,
        id=front.id,
        slug=name[1],
        title=front.title.strip(),
        text=text,
        date=UNKNOWN,
        video=front.video,
        seconds=0 if front.seconds is None else front.seconds or STAND_IN,
        preview=front.preview,
        downloads=tuple(model.Download(file=name, bytes=0) for name in front.downloads),
        status=front.status,
        aliases=front.aliases,
    )
    return lecture, document.problems


def check_id(document: Document, id: str, *, prefix: str) -> None:
    """Ids stand in purchases and in people's progress: they are plain, and say what they are the id of."""
    if not ID.fullmatch(id) or not id.startswith(prefix) or len(id) > ID_CHARACTERS_MAX:
        what = f"'{id[:ID_CHARACTERS_MAX]}' is not an id"
        document.problem(("id",), what, f"Write '{prefix}' and a short name in small letters: '{prefix}night_work'")


def check_path(document: Document, field: tuple[str | int, ...], path: str, *, folder: str) -> None:
    if not grammar.FILE_NAME.fullmatch(path):
        what = f"'{path}' is not the name of a file in {folder}"
        document.problem(field, what, "Use letters, digits, '.', '_', '-', and '/' between folders")


def _check_course(document: Document, front: CourseFields) -> None:
    check_id(document, front.id, prefix="crs_")
    title_and_summary(document, front.title, front.summary)
    if front.free and front.price is not None:
        document.problem(("price",), "the course is free and has a price", "Remove 'price' or 'free'")
    if front.level:
        one_of(document, "level", front.level, LEVELS)
    one_of(document, "status", front.status, model.STATUSES)
    ids(document, "authors", front.authors)
    ids(document, "topics", front.topics)
    for name in ("repository", "trailer"):
        if address := getattr(front, name):
            grammar.web_url(address, reporter(document, name))
    _check_seats(document, front.seats, sold=front.price is not None)
    aliases(document, front.aliases)


def _check_seats(document: Document, steps: tuple[SeatsFields, ...], *, sold: bool) -> None:
    if steps and not sold:
        document.problem(("seats",), "there are prices for teams and none for one person", "Add 'price', or remove it")
    first, off = 1, 0
    for k, step in enumerate(steps):
        if not 2 <= step.first <= SEATS_MAX:
            document.problem(("seats", k), f"a team has 2 to {SEATS_MAX} seats, not {step.first}", "Correct 'from'")
        elif not 1 <= step.percent_off <= 99:
            document.problem(("seats", k), f"{step.percent_off} % off is no price", "Write 1 to 99")
        elif step.first <= first or step.percent_off <= off:
            what = f"{step.first} seats with {step.percent_off} % off stand after {first} with {off} %"
            document.problem(("seats", k), what, "Sort them: more seats, more off")
        first, off = max(first, step.first), max(off, step.percent_off)


def _check_lecture(document: Document, front: LectureFields, text: model.Text) -> None:
    check_id(document, front.id, prefix="lec_")
    grammar.plain(front.title, reporter(document, "title"), characters_max=TITLE_CHARACTERS_MAX)
    one_of(document, "status", front.status, model.STATUSES)
    aliases(document, front.aliases)
    if front.video:
        check_path(document, ("video",), front.video, folder="the private media folder")
    elif not text.html.strip() and front.status != "draft":
        document.problem((), "the lecture has neither a video nor notes", "Add 'video: COURSE/02-name.mp4', or notes")
    if front.seconds is not None and not (front.video and 0 < front.seconds < SECONDS_MAX):
        remedy = "Write the length of its video in seconds" if front.video else "Add 'video', or remove it"
        document.problem(("seconds",), f"{front.seconds:g} is not the length of a lecture", remedy)
    for k, name in enumerate(front.downloads):
        if "/" in name or not grammar.FILE_NAME.fullmatch(name):
            what = f"'{name}' is not the name of a file beside the lecture"
            document.problem(("downloads", k), what, "Use letters, digits, '.', '_' and '-'")
        elif name in front.downloads[:k]:
            document.problem(("downloads", k), f"'{name}' stands twice", "Remove one")
