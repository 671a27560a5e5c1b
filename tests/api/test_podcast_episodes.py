"""Podcast apps bring and fetch what happened to episodes: nothing is lost between two phones, and no mistake of one is a 500."""

import datetime as dt
import json
from typing import Any

import pytest
from starlette.applications import Starlette

from api.store.database import Database
from tests.api.conftest import FakeClock
from tests.api.people import Browser
from tests.api.podcast_apps import AUDIO, FEED, Phone, made, play, positions


@pytest.fixture
def ada(app: Starlette, database: Database) -> Browser:
    return Browser(app, email="ada@example.com").sign_in(database)


@pytest.fixture
def phone(app: Starlette, ada: Browser) -> Phone:
    return Phone(app, made(ada))


@pytest.fixture
def tablet(app: Starlette, ada: Browser) -> Phone:
    return Phone(app, made(ada, "Kasts"), host="203.0.113.51")


def test_another_phone_is_told(phone: Phone, tablet: Phone) -> None:
    answer = phone.push(play(device="pocket"))
    assert answer == {"timestamp": 1767592800, "update_urls": [], "skipped": 0}
    assert tablet.pull() == [play(device="pocket")]
    assert tablet.pull(tablet.since + 1) == []


def test_a_pull_with_nothing_new_is_empty_and_its_cursor_follows_the_clock(phone: Phone, clock: FakeClock) -> None:
    phone.push(play())
    phone.pull()
    clock.advance(minutes=1)
    assert positions(phone.pull()) == [100]  # the last batch once more, for who never got that answer
    assert phone.pull() == []
    assert phone.since == int(clock().timestamp()) - 1


def test_everything_is_one_row_an_episode_and_what_is_new_is_every_report(phone: Phone, tablet: Phone) -> None:
    tablet.push(play(1, episode=f"{AUDIO}?2"))
    since = phone.pull() and phone.since
    tablet.push(play(1), play(2, "2026-01-05T05:01:00"))
    assert positions(phone.pull(since)) == [1, 1, 2]
    assert positions(phone.pull(since, aggregated="true")) == [1, 2]
    assert positions(phone.pull(0)) == [1, 2]


def test_a_restored_phone_learns_what_was_played(phone: Phone, tablet: Phone) -> None:
    phone.push(play(3580), play(5, episode=f"{AUDIO}?2"), {**play(), "action": "download", "episode": f"{AUDIO}?3"})
    phone.push({**play(at="2026-01-05T05:30:00"), "action": "new", "episode": f"{AUDIO}?2"})
    told = {action["episode"]: (action["action"], action.get("position")) for action in tablet.pull(0)}
    assert told == {AUDIO: ("play", 3580), f"{AUDIO}?2": ("new", None), f"{AUDIO}?3": ("download", None)}


def test_a_report_that_comes_too_late_tells_the_others_what_stands(phone: Phone, tablet: Phone) -> None:
    phone.push(play(500))
    tablet.pull()
    tablet.push(play(20, "2025-12-05T05:00:00"))
    assert positions(phone.pull()) == [500]


def test_a_push_never_leads_past_what_others_wrote(phone: Phone, tablet: Phone, clock: FakeClock) -> None:
    phone.pull()
    tablet.push(play(7))
    clock.advance(seconds=5)
    cursor = phone.push(play(8, episode=f"{AUDIO}?2"))["timestamp"]
    for client_adds in (0, 1):
        assert AUDIO in {action["episode"] for action in phone.pull(cursor + client_adds)}
    assert phone.push(play(9, episode=f"{AUDIO}?2"))["timestamp"] > cursor + 1


def test_who_takes_over_the_last_word_is_still_told_what_others_wrote(phone: Phone, tablet: Phone) -> None:
    phone.push(play(5))
    tablet.push(play(3590, "2026-01-05T05:10:00"))
    begun_again = play(10, "2026-01-05T05:20:00")
    lost, told = (phone.push(begun_again)["timestamp"] for _ in range(2))
    assert told == lost
    assert 3590 in positions(phone.pull(told))
    fetched, then = (phone.push(play(position, "2026-01-05T05:30:00"))["timestamp"] for position in (11, 12))
    assert told < fetched < then


def test_a_guid_that_is_said_later_is_told(phone: Phone, tablet: Phone) -> None:
    phone.push(play(5))
    phone.push({**play(6, "2026-01-05T05:10:00"), "guid": "urn:talk:1"})
    [told] = tablet.pull(0)
    assert (told["guid"], told["position"]) == ("urn:talk:1", 6)


def test_a_clock_that_runs_ahead_misses_nothing(phone: Phone, tablet: Phone, clock: FakeClock) -> None:
    phone.pull()
    tablet.push(play(7))
    ahead = clock().timestamp() + 300.25
    assert positions(phone.pull(ahead)) == [7]
    assert positions(phone.pull(ahead)) == [7]  # who asks for the same again never got the answer
    assert phone.pull(ahead + 60) == []


@pytest.mark.parametrize(
    "garbage", ["", "x", "-5", "NaN", "1e999", "0.5", "99999999999999999999999", "٣", "None", "1;DROP"]
)
def test_a_cursor_that_is_none_gives_everything(phone: Phone, tablet: Phone, garbage: str) -> None:
    phone.push(play(7))
    assert positions(tablet.pull(garbage)) == [7]


def test_each_phone_reads_the_addresses_it_uses(phone: Phone, tablet: Phone) -> None:
    phone.push(play(7))
    plain = {"podcast": FEED.replace("https", "http"), "episode": f"https://op3.dev/e/{AUDIO}"}
    tablet.push(play(9, "2026-01-05T05:01:00", **plain))
    assert {action["episode"] for action in phone.pull(0)} == {AUDIO}
    [told] = tablet.pull(0)
    assert (told["podcast"], told["episode"], told["position"]) == (plain["podcast"], plain["episode"], 9)


def test_only_one_podcast_or_one_device(phone: Phone, tablet: Phone) -> None:
    other = {"podcast": "https://other.example/feed", "episode": "https://other.example/1.mp3"}
    phone.push(play(1, device="pocket"), play(2, **other, device="car"))
    assert positions(tablet.pull(0, podcast="http://feeds.example.com/talks")) == [1]
    assert positions(tablet.pull(0, device="car")) == [2]
    assert tablet.pull(0, podcast="https://unknown.example/") == []
    assert positions(tablet.pull(1)) == [1, 2]


def test_bad_items_are_counted_and_the_rest_is_kept(phone: Phone) -> None:
    bad = [
        *("x", None, 7, [], {}, {"action": "play"}),
        *(play(episode=7), play(action="dance"), play(float("nan")), play(position=[]), play(podcast="ftp:")),
        *(play(device="x" * 201), play(guid="\ud800"), play(episode=f"{AUDIO}\0")),
    ]
    assert phone.push(play(1), *bad, play(2, "2026-01-05T05:01:00"))["skipped"] == len(bad)
    assert positions(phone.pull(0)) == [2]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"action": "PLAY", "position": "12.7", "total": 3600.0}, {"action": "play", "position": 12}),
        ({"timestamp": "2026-01-05T06:00:00+01:00"}, {"timestamp": "2026-01-05T05:00:00"}),
        ({"timestamp": "2026-01-05T05:00:00.123Z"}, {"timestamp": "2026-01-05T05:00:00"}),
        ({"timestamp": 1767589200}, {"timestamp": "2026-01-05T05:00:00"}),
        ({"timestamp": 1767589200000}, {"timestamp": "2026-01-05T05:00:00"}),
        ({"timestamp": "yesterday"}, {"timestamp": "2026-01-05T06:00:00"}),
        ({"timestamp": None}, {"timestamp": "2026-01-05T06:00:00"}),
        ({"timestamp": "1970-01-01T00:00:00"}, {"timestamp": "2026-01-05T06:00:00"}),
        ({"timestamp": "2031-01-01T00:00:00"}, {"timestamp": "2026-01-05T06:05:00"}),
        ({"started": -1, "total": -1}, {"started": 0}),
        ({"action": "download", "position": "half"}, {"action": "download"}),
        ({"mood": "good", "nested": {"a": [1]}}, {"mood": "good", "nested": {"a": [1]}}),
        ({"guid": "g-1 "}, {"guid": "g-1"}),
    ],
    ids=str,
)
def test_what_apps_write_is_read_leniently(
    phone: Phone, tablet: Phone, said: dict[str, Any], told: dict[str, Any]
) -> None:
    tablet.push(play(episode=f"{AUDIO}?0"))
    phone.pull()
    assert tablet.push({**play(), **said})["skipped"] == 0
    found = next(action for action in phone.pull() if action["episode"] == AUDIO)
    assert {name: found[name] for name in told} == told


@pytest.mark.parametrize("label", ["application/x-www-form-urlencoded", "text/plain; charset=latin-1", "image/png"])
def test_the_label_of_a_body_does_not_matter(phone: Phone, label: str) -> None:
    answer = phone.deliver(json.dumps([play()]), **{"Content-Type": label})
    assert (answer.status_code, answer.json()["skipped"]) == (200, 0)


@pytest.mark.parametrize("body", [b"", b"{", b"{}", b"null", b"\xff\xfe[", b"[" * 100_000, b"a=1&b=2", b'"x"'])
def test_a_body_that_is_no_list_is_told(phone: Phone, body: bytes) -> None:
    answer = phone.deliver(body)
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")


def test_too_much_at_once_is_refused_whole(phone: Phone) -> None:
    assert phone.deliver(json.dumps([play()] * 5_001)).status_code == 413
    assert phone.deliver(b"[" + b" " * (4 * 1024 * 1024)).status_code == 413
    assert phone.pull(0) == []
    many = [play(n, f"2026-01-05T05:{n // 60 % 60:02}:{n % 60:02}") for n in range(5_000)]
    assert phone.deliver(json.dumps(many)).status_code == 200


def test_the_same_batch_ten_times_changes_nothing(phone: Phone, tablet: Phone) -> None:
    batch = [play(n, f"2026-01-05T05:00:{n:02}") for n in range(30)]
    phone.push(*batch)
    tablet.pull()
    before = tablet.pull()
    assert [phone.push(*batch)["skipped"] for _ in range(10)] == [0] * 10
    assert tablet.pull() == before
    assert tablet.pull(tablet.since + 1) == []


def test_another_account_learns_nothing(app: Starlette, database: Database, phone: Phone) -> None:
    eve = Phone(app, made(Browser(app, email="eve@example.com").sign_in(database)))
    phone.push(play())
    assert eve.pull(0) == []
    stranger = eve.get(f"/api/2/episodes/{phone.user_name}.json", headers=eve.basic())
    assert (stranger.status_code, stranger.json()["code"]) == (400, "other_user")
    assert eve.get(f"/api/2/episodes/{eve.user_name}.json").headers["WWW-Authenticate"].startswith("Basic ")


def test_times_are_told_without_a_zone(phone: Phone) -> None:
    phone.push(play())
    [told] = phone.pull(0)
    assert dt.datetime.fromisoformat(told["timestamp"]).tzinfo is None
