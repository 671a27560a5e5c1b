"""How reports about a lecture become one state, on whatever device and in whatever order they come; and how far a course is.

Position and length: the later report wins, of one moment that with the greater id. What was watched is united and never lost,
completion stays. Only a reset takes both back, as far as they are older than it.
"""

import datetime as dt
from sqlite3 import Connection
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from api import times
from api.gateways.catalog import Catalog, Course
from api.store import progress as rows
from api.store.progress import Progress
from api.usecases import spans
from api.usecases.catalogue import lecture_address
from api.usecases.incoming import ProgressChange
from api.usecases.spans import Range

BEFORE_ALL = dt.datetime.min.replace(tzinfo=dt.UTC)


class LectureState(Struct, frozen=True, kw_only=True):
    """`at`: when anything was last reported, None for a lecture not begun."""

    id: str
    position_seconds: float
    total_seconds: float
    watched: tuple[Range, ...]
    completed: bool
    at: dt.datetime | None


class CourseState(Struct, frozen=True, kw_only=True):
    """`percent` of the lectures are completed; 100 means all of them. `next` is the lecture to go on with, at `next_url`."""

    course: str
    percent: int
    completed: bool
    next: str | None
    next_url: str | None
    at: dt.datetime | None
    lectures: list[LectureState]


def merge(known: Progress, change: ProgressChange, *, at: int) -> Progress:
    """`known` after `change`, which happened `at` (ms since 1970)."""
    data, key = change.data, (at, change.id)
    found = known
    position = 0.0 if data.reset and data.position_seconds is None else data.position_seconds
    if position is not None and key > (known.position_at, known.position_by):
        seconds = round(min(position, data.total_seconds or position), spans.DECIMALS)
        found = replace(found, position_seconds=seconds, position_at=at, position_by=change.id)
    if data.total_seconds is not None and key > (known.total_at, known.total_by):
        found = replace(found, total_seconds=data.total_seconds, total_at=at, total_by=change.id)
    reset_at = max(known.reset_at, at if data.reset else 0)
    watched = spans.united(known.watched, spans.laid(data.watched, at=at))
    return replace(
        found,
        reset_at=reset_at,
        watched=spans.after(watched, reset_at),
        completed_at=max(known.completed_at, at if data.completed else 0),
    )


def combined(one: Progress, other: Progress) -> Progress:
    """Two people's states of a lecture as one person's: of each field the later report."""
    position = max(one, other, key=lambda each: (each.position_at, each.position_by))
    total = max(one, other, key=lambda each: (each.total_at, each.total_by))
    reset_at = max(one.reset_at, other.reset_at)
    return replace(
        position,
        total_seconds=total.total_seconds,
        total_at=total.total_at,
        total_by=total.total_by,
        watched=spans.after(spans.united(one.watched, other.watched), reset_at),
        completed_at=max(one.completed_at, other.completed_at),
        reset_at=reset_at,
    )


def store(db: Connection, account_id: str, change: ProgressChange, *, at: int, stamp: int) -> str:
    """'applied', or 'merged' when what is stored now is not just what was sent."""
    known = rows.find(db, account_id, change.entity) or Progress(lecture_id=change.entity)
    found = merge(known, change, at=at)
    if found != known:
        rows.put(db, account_id, replace(found, stamp=stamp))
    return "applied" if _is_as_sent(found, change) else "merged"


def value(progress: Progress) -> dict[str, Any]:
    """As clients read it."""
    return {
        "position_seconds": progress.position_seconds,
        "total_seconds": progress.total_seconds,
        "watched": watched(progress),
        "completed": progress.completed,
    }


def watched(progress: Progress) -> tuple[Range, ...]:
    return tuple(spans.joined((start, end) for start, end, _ in progress.watched))


def of_course(db: Connection, account_id: str, course: Course) -> CourseState:
    begun = rows.of_lectures(db, account_id, (lecture.id for lecture in course.lectures))
    lectures = [_lecture(begun.get(lecture.id) or Progress(lecture_id=lecture.id)) for lecture in course.lectures]
    done = sum(lecture.completed for lecture in lectures)
    following = _next(lectures)
    return CourseState(
        course=course.id,
        percent=100 * done // len(lectures) if lectures else 0,
        completed=bool(lectures) and done == len(lectures),
        next=following,
        next_url=next((lecture_address(course, each) for each in course.lectures if each.id == following), None),
        at=max((lecture.at for lecture in lectures if lecture.at), default=None),
        lectures=lectures,
    )


def begun(db: Connection, account_id: str, catalog: Catalog) -> list[CourseState]:
    """Of every course of the catalogue that has been begun, the one last watched first."""
    known = {progress.lecture_id for progress in rows.of(db, account_id)}
    courses = [course for course in catalog.courses if not known.isdisjoint(lecture.id for lecture in course.lectures)]
    return sorted((of_course(db, account_id, course) for course in courses), key=_last, reverse=True)


def _last(course: CourseState) -> dt.datetime:
    return course.at or BEFORE_ALL


def _next(lectures: list[LectureState]) -> str | None:
    """The one that was last begun and not completed; else the first that is not completed after the last that was seen."""
    last = max(range(len(lectures)), key=lambda at: (lectures[at].at or BEFORE_ALL, -at), default=0)
    around = (*lectures[last:], *lectures[:last])
    return next((lecture.id for lecture in around if not lecture.completed), None)


def _lecture(progress: Progress) -> LectureState:
    return LectureState(
        id=progress.lecture_id,
        position_seconds=progress.position_seconds,
        total_seconds=progress.total_seconds,
        watched=watched(progress),
        completed=progress.completed,
        at=times.of_milliseconds(progress.at) if progress.at else None,
    )


def _is_as_sent(found: Progress, change: ProgressChange) -> bool:
    data = change.data
    sent = {
        "position_seconds": data.position_seconds,
        "total_seconds": data.total_seconds,
        "watched": tuple(spans.joined(data.watched)) or None,
        "completed": data.completed,
    }
    now = value(found)
    return all(now[name] == said for name, said in sent.items() if said is not None)
