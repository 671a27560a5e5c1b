"""What an app shows first, decided here so that no app has to be changed for it: sections in order, each with its items.

Every item can be shown from what stands in it alone; an app that does not know a section's id shows it as any other.
"""

import datetime as dt
from sqlite3 import Connection
from typing import Literal

from msgspec import Struct

from api.gateways import show as shows
from api.gateways.catalog import Catalog, Course
from api.gateways.show import Show
from api.usecases import listening, progress
from api.usecases.access import OwnedCourse
from api.usecases.catalogue import course_address, lecture_address
from api.usecases.listening import EpisodeState
from api.usecases.progress import CourseState

ITEMS_MAX = 12


class Item(Struct, frozen=True, kw_only=True):
    """`id` is a lecture's, a course's, or an episode's number as text; `url` its page. `percent` of it is done."""

    kind: Literal["lecture", "course", "episode"]
    id: str
    title: str
    subtitle: str
    url: str
    position_seconds: float = 0.0
    total_seconds: float = 0.0
    percent: int = 0


class Section(Struct, frozen=True, kw_only=True):
    id: str
    title: str
    items: list[Item]


class Home(Struct, frozen=True):
    """Sections with nothing in them are left out."""

    sections: list[Section]


def of(
    db: Connection, account_id: str, owned: list[OwnedCourse], catalog: Catalog, show: Show, *, now: dt.datetime
) -> Home:
    """For the account with these courses; `db` is what is listened to and watched."""
    mine = {course.id for course in owned}
    states = {state.course: state for state in progress.begun(db, account_id, catalog)}
    heard = {state.number: state for state in listening.states(db, account_id, after=0) if state.number is not None}
    sections = (
        Section(id="continue", title="Continue", items=_going_on(states, heard, mine, catalog, show)),
        Section(id="new_episodes", title="New episodes", items=_new(heard, show, now=now)),
        Section(id="your_courses", title="Your courses", items=_courses(owned, states, catalog)),
        Section(id="free_courses", title="Free courses", items=_free(mine, catalog)),
        Section(id="more_courses", title="More courses", items=_more(mine, catalog)),
    )
    return Home([section for section in sections if section.items])


def _going_on(
    states: dict[str, CourseState], heard: dict[int, EpisodeState], mine: set[str], catalog: Catalog, show: Show
) -> list[Item]:
    """Lectures and episodes that were begun, the one last touched first."""
    found: list[tuple[dt.datetime, Item]] = []
    for state in states.values():
        course = catalog.course(state.course)
        if course and course.id in mine and state.next and state.at:
            found.append((state.at, _lecture(course, state)))
    for number, known in heard.items():
        episode = show.episode(number)
        if episode and known.position_seconds and not known.played and known.position_at:
            found.append((known.position_at, _episode(episode, known)))
    return [item for _, item in sorted(found, key=lambda pair: pair[0], reverse=True)][:ITEMS_MAX]


def _new(heard: dict[int, EpisodeState], show: Show, *, now: dt.datetime) -> list[Item]:
    """The newest that were not begun."""
    begun = {number for number, state in heard.items() if state.played or state.position_seconds}
    fresh = [each for each in show.episodes if each.number not in begun and _is_out(each, now=now)]
    return [_episode(each, None) for each in sorted(fresh, key=lambda each: -each.number)[:ITEMS_MAX]]


def _courses(owned: list[OwnedCourse], states: dict[str, CourseState], catalog: Catalog) -> list[Item]:
    known = [course for each in owned if (course := catalog.course(each.id))]
    return [_course(course, states.get(course.id)) for course in known]


def _free(mine: set[str], catalog: Catalog) -> list[Item]:
    return [_course(each, None) for each in catalog.courses if each.free and each.id not in mine][:ITEMS_MAX]


def _more(mine: set[str], catalog: Catalog) -> list[Item]:
    return [_course(each, None) for each in catalog.courses if each.prices and each.id not in mine][:ITEMS_MAX]


def _is_out(episode: shows.Episode, *, now: dt.datetime) -> bool:
    """A show may be built with episodes of tomorrow in it."""
    return not episode.published or dt.datetime.fromisoformat(episode.published) <= now


def _lecture(course: Course, state: CourseState) -> Item:
    lecture = next(each for each in course.lectures if each.id == state.next)
    known = next(each for each in state.lectures if each.id == state.next)
    total = known.total_seconds or float(lecture.seconds)
    return Item(
        kind="lecture",
        id=lecture.id,
        title=lecture.title,
        subtitle=course.title,
        url=lecture_address(course, lecture),
        position_seconds=known.position_seconds,
        total_seconds=total,
        percent=_percent(known.position_seconds, total),
    )


def _course(course: Course, state: CourseState | None) -> Item:
    count = len(course.lectures)
    return Item(
        kind="course",
        id=course.id,
        title=course.title,
        subtitle=f"{count} lecture{'' if count == 1 else 's'}",
        url=course_address(course),
        total_seconds=float(course.seconds),
        percent=state.percent if state else 0,
    )


def _episode(episode: shows.Episode, known: EpisodeState | None) -> Item:
    position = float((known.position_seconds or 0) if known else 0)
    total = float((known.total_seconds if known else None) or episode.seconds)
    return Item(
        kind="episode",
        id=str(episode.number),
        title=episode.title,
        subtitle=episode.published[:10],
        url=episode.url,
        position_seconds=position,
        total_seconds=total,
        percent=_percent(position, total),
    )


def _percent(position: float, total: float) -> int:
    return min(100, int(100 * position / total)) if total else 0
