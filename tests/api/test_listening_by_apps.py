"""Our own apps and pages report of episodes, and go on where another stopped, whatever that other one is."""

import datetime as dt

import pytest
from starlette.applications import Starlette

from api.settings import Settings
from api.store.database import Database
from tests.api.conftest import FakeClock
from tests.api.people import Browser
from tests.api.syncing import Phone, change, signed_in, write_show

AT = "/api/v1/episodes/7/listening"


@pytest.fixture
def ada(app: Starlette, database: Database, settings: Settings) -> Browser:
    write_show(settings, 7, 8)
    return signed_in(app, database)


@pytest.fixture
def phone(ada: Browser) -> Phone:
    return Phone(ada)


def test_a_page_goes_on_where_the_phone_stopped(ada: Browser, phone: Phone) -> None:
    assert ada.get(AT).status_code == 204
    [result] = phone.push(change("listening", "7", {"position_seconds": 90.7, "total_seconds": 600}))
    assert (result["outcome"], result["value"]) == (
        "applied", {"position_seconds": 90, "total_seconds": 600, "played": False}
    )  # fmt: skip
    found = ada.get(AT).json()
    assert (found["episode"], found["position_seconds"], found["played"]) == (7, 90, False)
    assert found["version"] == result["version"]


def test_an_episode_that_is_none_has_no_state(ada: Browser, phone: Phone) -> None:
    for number in ("9", "0", "-1", "x", "٣", "1" * 40):
        assert ada.get(f"/api/v1/episodes/{number}/listening").status_code == 404
    [result] = phone.push(change("listening", "9", {"position_seconds": 1}))
    assert (result["outcome"], result["problem"]) == ("rejected", "There is no episode 9 of this show.")


def test_the_later_report_stands(phone: Phone, ada: Browser, clock: FakeClock) -> None:
    phone.push(change("listening", "7", {"position_seconds": 90}, at=clock()))
    earlier = change("listening", "7", {"position_seconds": 30}, at=clock() - dt.timedelta(minutes=1))
    [result] = ada.post("/api/v1/changes", json={"changes": [earlier]}).json()["results"]
    assert (result["outcome"], result["value"]["position_seconds"]) == ("merged", 90)


def test_heard_to_the_end_is_played_and_can_be_marked_unheard(phone: Phone, clock: FakeClock) -> None:
    phone.push(change("listening", "7", {"position_seconds": 595, "total_seconds": 600}, at=clock()))
    assert phone.state()["listening", "7"]["played"]
    clock.advance(minutes=1)
    phone.push(change("listening", "7", {"played": False}, at=clock()))
    assert not phone.state()["listening", "7"]["played"]


def test_a_report_that_says_nothing_is_told_so(phone: Phone) -> None:
    [result] = phone.push(change("listening", "7", {"total_seconds": 600}))
    assert (result["outcome"], result["problem"]) == ("rejected", "data: Say position_seconds or played.")


def test_done_twice_is_done_once(phone: Phone, clock: FakeClock) -> None:
    batch = [change("listening", "7", {"position_seconds": 90}, at=clock())]
    first = phone.push(*batch)
    assert phone.push(*batch) == first
    cursor = phone.pull()["cursor"]
    phone.push(*batch)
    assert phone.pull(cursor)["changes"] == []


def test_a_clock_of_another_century_is_not_believed(phone: Phone) -> None:
    for said in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"):
        [result] = phone.push({**change("listening", "7", {"position_seconds": 1}), "at": said})
        assert result["outcome"] in ("applied", "merged")


def test_nobody_hears_of_anybody_else(app: Starlette, database: Database, phone: Phone) -> None:
    phone.push(change("listening", "7", {"position_seconds": 90}))
    assert signed_in(app, database, "eve@example.com").get(AT).status_code == 204
