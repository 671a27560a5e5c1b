"""How far a learner is: reports of all devices become one state, in whatever order they come."""

import datetime as dt
import itertools
from typing import Any

import hypothesis
import pytest
from hypothesis import strategies as st
from starlette.applications import Starlette

from api.store.database import Database
from api.store.progress import Progress
from api.usecases import incoming, progress, spans
from tests.api.conftest import FakeClock
from tests.api.people import Browser
from tests.api.syncing import COURSE, LECTURE, OTHER, Phone, change, change_id, signed_in
from tests.api.syncing import progress as report

pytestmark = pytest.mark.usefixtures("catalog")


@pytest.fixture
def ada(app: Starlette, database: Database) -> Browser:
    return signed_in(app, database)


@pytest.fixture
def phone(ada: Browser) -> Phone:
    return Phone(ada)


def course(browser: Browser) -> dict[str, Any]:
    answer = browser.get(f"/api/v1/courses/{COURSE}/progress")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_course_not_begun_is_at_nothing(ada: Browser) -> None:
    found = course(ada)
    assert (found["percent"], found["completed"], found["next"], found["at"]) == (0, False, LECTURE, None)
    assert [lecture["id"] for lecture in found["lectures"]][:2] == [LECTURE, OTHER]
    assert found["lectures"][0] == {
        "id": LECTURE, "position_seconds": 0.0, "total_seconds": 0.0, "watched": [], "completed": False, "at": None
    }  # fmt: skip


def test_each_lecture_that_is_completed_counts(ada: Browser, phone: Phone) -> None:
    phone.push(report(44, completed=True), report(3, lecture=OTHER))
    found = course(ada)
    assert (found["percent"], found["completed"], found["next"]) == (10, False, OTHER)
    assert found["next_url"] == "/courses/first-thursday/why-cp-is-not-enough/"


def test_a_course_is_complete_with_its_last_lecture(ada: Browser, phone: Phone) -> None:
    ids = [lecture["id"] for lecture in course(ada)["lectures"]]
    phone.push(*(change("progress", id, {"completed": True}) for id in ids[1:]))
    assert (course(ada)["percent"], course(ada)["completed"]) == (90, False)
    phone.push(change("progress", ids[0], {"completed": True}))
    found = course(ada)
    assert (found["percent"], found["completed"], found["next"], found["next_url"]) == (100, True, None, None)


def test_the_courses_begun_come_by_when_they_were_watched(ada: Browser, phone: Phone, clock: FakeClock) -> None:
    phone.push(report(1, at=clock()), report(2, lecture="lec_light", at=clock() + dt.timedelta(minutes=1)))
    found = ada.get("/api/v1/progress").json()["courses"]
    assert [each["course"] for each in found] == ["crs_first_week", COURSE]


def test_an_unknown_course_is_not_found(ada: Browser) -> None:
    assert ada.get("/api/v1/courses/crs_invented/progress").json()["code"] == "not_found"


def test_the_later_position_wins_whenever_it_comes(phone: Phone, clock: FakeClock) -> None:
    phone.push(report(30, at=clock()))
    [result] = phone.push(report(10, at=clock() - dt.timedelta(minutes=1)))
    assert (result["outcome"], result["value"]["position_seconds"]) == ("merged", 30)
    [back] = phone.push(report(5, at=clock() + dt.timedelta(minutes=1)))
    assert (back["outcome"], back["value"]["position_seconds"]) == ("applied", 5)


def test_what_was_watched_is_united_and_never_lost(phone: Phone, clock: FakeClock) -> None:
    phone.push(report(20, watched=[[0, 20]], at=clock()))
    [result] = phone.push(report(5, watched=[[15, 30], [40, 44]], at=clock() - dt.timedelta(days=20)))
    assert result["value"]["watched"] == [[0, 30], [40, 44]]


def test_completed_stays_until_it_is_reset_by_hand(phone: Phone, clock: FakeClock) -> None:
    phone.push(report(44, completed=True, watched=[[0, 44]], at=clock()))
    clock.advance(minutes=1)
    [result] = phone.push(report(2, completed=False, at=clock()))
    assert (result["outcome"], result["value"]["completed"]) == ("merged", True)
    clock.advance(minutes=1)
    [reset] = phone.push(change("progress", LECTURE, {"reset": True}, at=clock()))
    assert reset["value"] == {"position_seconds": 0.0, "total_seconds": 0.0, "watched": [], "completed": False}


def test_a_reset_takes_back_nothing_that_came_after_it(phone: Phone, clock: FakeClock) -> None:
    phone.push(report(20, completed=True, watched=[[0, 20]], at=clock()))
    phone.push(report(44, completed=True, watched=[[30, 44]], at=clock() + dt.timedelta(minutes=2)))
    [late] = phone.push(change("progress", LECTURE, {"reset": True}, at=clock() + dt.timedelta(minutes=1)))
    assert late["value"]["completed"]
    assert (late["value"]["watched"], late["value"]["position_seconds"]) == ([[30, 44]], 44)


def test_a_little_beyond_the_end_is_the_end(phone: Phone) -> None:
    [result] = phone.push(report(44.4, total_seconds=44))
    assert result["value"]["position_seconds"] == 44


seconds = st.integers(0, 40).map(float)
reports = st.builds(
    lambda number, at, position, ends, completed, reset: (number, at, position, ends, completed, reset),
    st.integers(1, 10**6),
    st.integers(1, 6),
    st.none() | seconds,
    st.lists(st.tuples(seconds, seconds).map(sorted), max_size=4),
    st.sampled_from([None, True, False]),
    st.sampled_from([False, False, False, True]),
)


@hypothesis.settings(max_examples=150, deadline=None, database=None)
@hypothesis.given(st.lists(reports, min_size=1, max_size=5, unique_by=lambda each: each[0]))
def test_any_order_of_the_same_reports_ends_in_the_same_state(sent: list[Any]) -> None:
    states = set()
    for order in itertools.islice(itertools.permutations(sent), 24):
        known = Progress(lecture_id=LECTURE)
        for number, at, position, watched, completed, reset in (*order, order[0]):
            data = {"position_seconds": position, "watched": watched, "completed": completed, "reset": reset}
            said = incoming.read({"id": change_id(number), "kind": "progress", "entity": LECTURE, "data": data})
            assert isinstance(said, incoming.ProgressChange)
            known = progress.merge(known, said, at=at)
        states.add(known)
    assert len(states) == 1


@hypothesis.settings(max_examples=150, deadline=None, database=None)
@hypothesis.given(st.lists(st.tuples(st.lists(st.tuples(seconds, seconds), max_size=5), st.integers(1, 4)), max_size=4))
def test_united_spans_cover_what_was_watched_with_its_latest_time(sent: list[Any]) -> None:
    found: tuple[spans.Span, ...] = ()
    for ranges, at in sent:
        found = spans.united(found, spans.laid((sorted(each) for each in ranges), at=at))  # type: ignore[misc]
    for moment in range(40):
        latest = max((at for ranges, at in sent for each in ranges if min(each) <= moment < max(each)), default=0)
        assert [at for start, end, at in found if start <= moment < end] == ([latest] if latest else [])
    assert list(found) == sorted(found)


def test_a_lecture_watched_in_endless_pieces_stays_small() -> None:
    found: tuple[spans.Span, ...] = ()
    for piece in range(3000):
        found = spans.united(found, spans.laid([(piece * 2, piece * 2 + 1)], at=piece + 1))
    assert len(found) <= spans.SPANS_MAX
    assert (found[0][0], found[-1][1]) == (0, 5999)
