"""A person sees what their podcast apps did and which report won, undoes it within a day, and takes an app's part out again."""

import json
import re
from typing import Any
from urllib.parse import quote

import pytest
from starlette.applications import Starlette

from api.settings import Settings
from api.store.database import Database
from tests.api.conftest import FORM, FakeClock
from tests.api.people import Browser
from tests.api.podcast_apps import AUDIO, FEED, Phone, made, play

PAGE = {"Accept": "text/html"}
OTHER_FEED = "https://feeds.example.com/other"
SECOND = "https://cdn.example.com/talks/two%20hours.mp3"
BUTTON = re.compile(r'<form method="post" action="([^"]+)"')


@pytest.fixture
def ada(app: Starlette, database: Database) -> Browser:
    return Browser(app, email="ada@example.com").sign_in(database)


@pytest.fixture
def eve(app: Starlette, database: Database) -> Browser:
    return Browser(app, email="eve@example.com", host="198.51.100.9").sign_in(database)


@pytest.fixture
def phone(app: Starlette, ada: Browser) -> Phone:
    return Phone(app, made(ada, "AntennaPod on my phone"))


@pytest.fixture
def tablet(app: Starlette, ada: Browser) -> Phone:
    return Phone(app, made(ada, "Kasts"), host="203.0.113.51")


def changes(person: Browser) -> list[dict[str, Any]]:
    answer = person.get("/api/sync")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["changes"]
    return found


def undo(person: Browser, change: dict[str, Any]) -> Any:
    return person.post(f"/api/sync/changes/{quote(change['id'])}/undo")


def device_id(person: Browser, name: str) -> str:
    [found] = [each["id"] for each in person.get("/api/sync").json()["devices"] if each["name"] == name]
    return str(found)


def take_out(person: Browser, name: str) -> Any:
    return person.post(f"/api/sync/devices/{device_id(person, name)}/removal")


def subscribe(phone: Phone, *, add: tuple[str, ...] = (), remove: tuple[str, ...] = ()) -> None:
    path = f"/api/2/subscriptions/{phone.user_name}/pocket.json"
    answer = phone.post(path, content=json.dumps({"add": add, "remove": remove}), headers=phone.basic())
    assert answer.status_code == 200


def place(phone: Phone, episode: str = AUDIO) -> int | str | None:
    """Where a new phone would go on, or the word for it."""
    for action in phone.pull(0):
        if action["episode"] == episode:
            found: int | str = action["position"] if action["action"] == "play" else action["action"]
            return found
    return None


def test_apps_are_listed_with_what_they_call_themselves(
    ada: Browser, phone: Phone, tablet: Phone, clock: FakeClock
) -> None:
    clock.advance(hours=2)
    phone.push(play(device="pocket"))
    shown = {each["name"]: each for each in ada.get("/api/sync").json()["devices"]}
    assert shown["AntennaPod on my phone"]["calls_itself"] == ["pocket"]
    assert shown["AntennaPod on my phone"]["seen_at"] == "2026-01-05T08:00:00Z"
    assert shown["Kasts"] == {
        "id": device_id(ada, "Kasts"),
        "name": "Kasts",
        "user_name": tablet.user_name,
        "calls_itself": [],
        "created_at": "2026-01-05T06:00:00Z",
        "seen_at": "2026-01-05T06:00:00Z",
        "ended": False,
    }


def test_a_change_says_who_did_what_when(ada: Browser, phone: Phone) -> None:
    phone.push(play(750, episode=SECOND, device="pocket"))
    [change] = changes(ada)
    assert (change["who"], change["episode"], change["podcast"]) == (
        "AntennaPod on my phone (pocket)",
        "two hours.mp3",
        "feeds.example.com",
    )
    assert (change["said"], change["at"]) == ("played to 12:30 of 1:00:00", "2026-01-05T05:00:00Z")
    assert (change["outcome"], change["why"], change["undo"]) == ("applied", "", "Back to not played")


def test_one_that_lost_says_to_whom_and_why(ada: Browser, phone: Phone, tablet: Phone, clock: FakeClock) -> None:
    tablet.push(play(2700, "2026-01-05T05:30:00"))
    clock.advance(minutes=5)
    phone.push(play(750))
    lost, won = changes(ada)
    assert (lost["outcome"], won["outcome"]) == ("lost", "applied")
    assert lost["why"] == (
        "Kasts reported a later moment, 5 January 2026, 05:30 UTC: played to 45:00 of 1:00:00. That stands."
    )
    assert lost["undo"] == ""


def test_only_the_last_fifty_are_shown_the_newest_first(ada: Browser, phone: Phone, clock: FakeClock) -> None:
    for number in range(60):
        phone.push(play(number, episode=f"{AUDIO}?{number % 3}", at=f"2026-01-05T05:{number:02}:00"))
        clock.advance(seconds=1)
    assert [change["said"] for change in changes(ada)] == [
        f"played to 0:{number:02} of 1:00:00" for number in range(59, 9, -1)
    ]


def test_words_for_all_that_apps_report(ada: Browser, phone: Phone) -> None:
    others = [
        {**play(), "action": word, "timestamp": f"2026-01-05T05:00:0{at}"}
        for at, word in enumerate(("download", "delete", "new"), 1)
    ]
    phone.push(*others, play(3600, "2026-01-05T05:00:09"))
    assert [change["said"] for change in changes(ada)] == [
        "played to the end", "marked as new", "deleted from the device", "downloaded"
    ]  # fmt: skip


def test_a_change_is_undone_and_every_app_learns_of_it(
    ada: Browser, phone: Phone, tablet: Phone, clock: FakeClock
) -> None:
    phone.push(play(2700))
    clock.advance(minutes=1)
    tablet.push(play(5, "2026-01-05T05:59:00"))
    phone.pull()
    newest, _ = changes(ada)
    assert newest["undo"] == "Back to 45:00"
    clock.advance(minutes=1)
    assert undo(ada, newest).status_code == 204
    assert [(each["position"], each["started"]) for each in phone.pull() if each["position"] != 5] == [(2700, 0)]
    assert (place(tablet), changes(ada)[0]["who"]) == (2700, "You, on this site")


def test_undoing_an_undo_goes_back_again(ada: Browser, phone: Phone, clock: FakeClock) -> None:
    phone.push(play(2700))
    clock.advance(minutes=1)
    phone.push(play(5, "2026-01-05T05:59:00"))
    clock.advance(minutes=1)
    undo(ada, changes(ada)[0])
    clock.advance(minutes=1)
    assert changes(ada)[0]["undo"] == "Back to 0:05"
    undo(ada, changes(ada)[0])
    assert place(phone) == 5


def test_undoing_twice_is_harmless(ada: Browser, phone: Phone) -> None:
    phone.push(play(2700))
    [change] = changes(ada)
    assert [undo(ada, change).status_code for _ in range(2)] == [204, 204]
    assert place(phone) == "new"
    assert len(changes(ada)) == 2


def test_an_undone_end_is_not_played_any_more(ada: Browser, phone: Phone, clock: FakeClock) -> None:
    phone.push(play(100, "2026-01-05T05:00:00"))
    clock.advance(minutes=1)
    phone.push(play(3600, "2026-01-05T05:30:00"))
    clock.advance(minutes=1)
    assert changes(ada)[0]["undo"] == "Back to 1:40"
    undo(ada, changes(ada)[0])
    assert place(phone) == 100


def test_an_undo_wins_over_a_clock_that_ran_ahead(ada: Browser, phone: Phone, clock: FakeClock) -> None:
    phone.push(play(100))
    clock.advance(minutes=1)
    phone.push(play(5, "2031-01-05T05:00:00"))
    undo(ada, changes(ada)[0])
    assert place(phone) == 100


def test_a_day_later_it_is_too_late(ada: Browser, phone: Phone, clock: FakeClock) -> None:
    phone.push(play(2700))
    [change] = changes(ada)
    clock.advance(days=1, seconds=1)
    assert changes(ada)[0]["undo"] == ""
    answer = undo(ada, change)
    assert (answer.status_code, answer.json()["code"]) == (410, "gone")
    assert place(phone) == 2700


def test_feeds_are_listed_and_put_back(ada: Browser, phone: Phone, clock: FakeClock) -> None:
    subscribe(phone, add=(FEED,))
    clock.advance(minutes=1)
    subscribe(phone, remove=(FEED,))
    [change] = changes(ada)
    assert (change["said"], change["podcast"], change["undo"]) == (
        "unsubscribed",
        "feeds.example.com",
        "Subscribe again",
    )
    assert undo(ada, change).status_code == 204
    path = f"/api/2/subscriptions/{phone.user_name}/other.json"
    assert phone.get(path, headers=phone.basic()).json()["add"] == [FEED]
    assert undo(ada, change).status_code == 404


@pytest.mark.parametrize(
    "id",
    ["x", "feed.1", "feed.x.1", "1.play.1.1.1", "99999999999999999999.play.1.1.1", "feed." + "9" * 30, "-1", "٣.play"],
)
def test_a_change_that_is_none_is_not_found(ada: Browser, phone: Phone, id: str) -> None:
    phone.push(play())
    assert ada.post(f"/api/sync/changes/{quote(id)}/undo").json()["code"] == "not_found"


def test_anothers_changes_are_not_shown_and_not_undone(ada: Browser, eve: Browser, phone: Phone) -> None:
    phone.push(play(2700))
    subscribe(phone, add=(FEED,))
    assert changes(eve) == []
    for change in changes(ada):
        assert undo(eve, change).json()["code"] == "not_found"
    mine = device_id(ada, "AntennaPod on my phone")
    assert eve.post(f"/api/sync/devices/{mine}/removal").json()["code"] == "not_found"
    assert place(phone) == 2700


def test_an_app_is_taken_out_with_all_that_it_brought(
    ada: Browser, phone: Phone, tablet: Phone, clock: FakeClock
) -> None:
    phone.push(play(2700))
    subscribe(phone, add=(FEED,))
    clock.advance(minutes=1)
    tablet.push(play(5, "2026-01-05T05:59:00", device="thief"), play(50, episode=SECOND))
    subscribe(tablet, add=("https://spam.example/feed",))
    answer = take_out(ada, "Kasts")
    assert answer.json() == {"episodes": 2, "feeds": 1}
    assert (place(phone), place(phone, SECOND)) == (2700, "new")
    path = f"/api/2/subscriptions/{phone.user_name}/new.json"
    assert phone.get(path, headers=phone.basic()).json()["add"] == [FEED]
    assert tablet.get(f"/api/2/episodes/{tablet.user_name}.json", headers=tablet.basic()).status_code == 401
    assert "Kasts" not in {each["name"] for each in ada.get("/api/sync").json()["devices"]}
    assert {change["who"].partition(" (")[0] for change in changes(ada)} <= {
        "AntennaPod on my phone",
        "You, on this site",
    }


def test_feeds_that_it_gave_up_come_back_within_a_day(
    ada: Browser, phone: Phone, tablet: Phone, clock: FakeClock
) -> None:
    subscribe(phone, add=(FEED, OTHER_FEED))
    subscribe(tablet, remove=(OTHER_FEED,))  # meant, and long ago
    clock.advance(days=2)
    subscribe(tablet, remove=(FEED,))
    assert take_out(ada, "Kasts").json() == {"episodes": 0, "feeds": 1}
    path = f"/api/2/subscriptions/{phone.user_name}/new.json"
    assert phone.get(path, headers=phone.basic()).json()["add"] == [FEED]


def test_taking_out_leaves_what_others_said_later(ada: Browser, phone: Phone, tablet: Phone, clock: FakeClock) -> None:
    tablet.push(play(5))
    clock.advance(minutes=1)
    phone.push(play(900, "2026-01-05T05:59:00"))
    assert take_out(ada, "Kasts").json() == {"episodes": 0, "feeds": 0}
    assert place(phone) == 900
    assert ada.get("/api/sync").json()["changes"][0]["said"] == "played to 15:00 of 1:00:00"


def test_an_ended_app_that_left_something_can_still_be_taken_out(ada: Browser, tablet: Phone) -> None:
    tablet.push(play(5))
    ada.delete(f"/api/devices/{device_id(ada, 'Kasts')}")
    [left] = ada.get("/api/sync").json()["devices"]
    assert (left["name"], left["ended"]) == ("Kasts", True)
    assert take_out(ada, "Kasts").status_code == 200
    assert ada.get("/api/sync").json()["devices"] == []


def test_without_script_everything_can_be_read_and_pressed(ada: Browser, phone: Phone, clock: FakeClock) -> None:
    phone.push(play(2700))
    clock.advance(minutes=1)
    phone.push(play(5, "2026-01-05T05:59:00"), play(9, "2026-01-05T04:00:00"))
    page = ada.get("/api/sync/page", headers=PAGE).text
    assert "AntennaPod on my phone: played to 0:05 of 1:00:00, 5 January 2026, 05:59 UTC" in page
    assert "<b>It lost.</b> AntennaPod on my phone reported a later moment" in page
    end, removal, first, second = BUTTON.findall(page)
    answer = ada.post(first, headers=FORM)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/api/sync/page#undone")
    assert place(phone) == 2700
    assert ada.post(removal, headers=FORM).headers["Location"] == "/api/sync/page#removed"
    assert ada.post(second, headers=FORM).headers["Location"] == "/account/sync/#not_found"
    assert "No podcast app is let in yet." in ada.get("/api/sync/page", headers=PAGE).text
    assert end.endswith("/end")


def test_an_app_with_a_name_like_a_tag_is_only_text(ada: Browser) -> None:
    made(ada, "<script>x</script>")
    page = ada.get("/api/sync/page", headers=PAGE).text
    assert "<script>x" not in page and "&lt;script&gt;x" in page


def test_feeds_are_taken_away_as_opml(ada: Browser, phone: Phone, clock: FakeClock) -> None:
    subscribe(phone, add=(FEED, "https://other.example/feed?a=1&b=2"))
    answer = ada.get("/api/sync/podcasts.opml")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="podcasts-2026-01-05.opml"'
    assert f'xmlUrl="{FEED}"' in answer.text and "feed?a=1&amp;b=2" in answer.text
    clock.advance(minutes=10)
    assert ada.get("/api/sync/podcasts.opml").json()["code"] == "stale_sign_in"


def test_everything_is_taken_away_as_json(ada: Browser, eve: Browser, phone: Phone, clock: FakeClock) -> None:
    phone.push(play(2700, device="pocket", mood="good"), play(9, "2026-01-05T04:00:00"))
    subscribe(phone, add=(FEED,))
    answer = ada.get("/api/sync/export")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="listening-2026-01-05.json"'
    taken = answer.json()
    assert [(each["position"], each["won"]) for each in taken["reports"]] == [(9, 0), (2700, 1)]
    assert [each["url"] for each in taken["podcasts"]] == [FEED]
    assert [each["name"] for each in taken["podcast_devices"]] == ["pocket"]
    assert ada.get("/api/account/export").json()["episodes"] == taken["episodes"]
    assert eve.get("/api/sync/export").json()["reports"] == []
    clock.advance(minutes=10)
    assert ada.get("/api/sync/export").json()["code"] == "stale_sign_in"


def test_an_episode_of_ours_has_its_title(app: Starlette, ada: Browser, phone: Phone, settings: Settings) -> None:
    ours = {
        "number": 7,
        "guid": "g-7",
        "url": "https://ours.example/7/",
        "title": "Seven",
        "enclosure": AUDIO,
        "seconds": 600,
    }
    settings.episodes.write_text(
        json.dumps({"version": 1, "title": "Night Shift", "feeds": [FEED], "episodes": [ours]})
    )
    phone.push(play(60))
    [change] = changes(ada)
    assert (change["episode"], change["podcast"]) == ("Seven", "Night Shift")
    undo(ada, change)
    assert place(phone) == "new"
