"""Podcast apps keep one list of feeds: nothing comes back or is there twice, and no device gives up what it never saw."""

import json
from typing import Any

import pytest
from starlette.applications import Starlette

from api.store.database import Database
from tests.api.conftest import FakeClock
from tests.api.people import Browser
from tests.api.podcast_apps import PodcastApp, made

ONE, TWO, THREE = (f"https://{name}.example/feed" for name in ("one", "two", "three"))


class Phone(PodcastApp):
    """A podcast app with a list of its own that it keeps as it is told."""

    device = "phone"
    since: Any = 0

    @property
    def path(self) -> str:
        return f"/api/2/subscriptions/{self.user_name}/{self.device}.json"

    def change(self, *, add: Any = (), remove: Any = (), keep: bool = False) -> dict[str, Any]:
        answer = self.post(self.path, content=json.dumps({"add": add, "remove": remove}), headers=self.basic())
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        self.since = found["timestamp"] if keep else self.since
        return found

    def changes(self, since: Any = None) -> tuple[list[str], list[str]]:
        query = {"since": str(self.since if since is None else since)}
        answer = self.get(self.path, params=query, headers=self.basic())
        assert answer.status_code == 200, answer.text
        self.since = answer.json()["timestamp"]
        return answer.json()["add"], answer.json()["remove"]

    def ask(self, method: str, path: str, **more: Any) -> Any:
        return self.request(method, path.replace("USER", self.user_name), headers=self.basic(), **more)


@pytest.fixture
def ada(app: Starlette, database: Database) -> Browser:
    return Browser(app, email="ada@example.com").sign_in(database)


@pytest.fixture
def phone(app: Starlette, ada: Browser) -> Phone:
    return Phone(app, made(ada))


@pytest.fixture
def tablet(app: Starlette, ada: Browser) -> Phone:
    return Phone(app, made(ada, "Kasts"), host="203.0.113.51")


def test_what_one_adds_and_removes_the_other_is_told(phone: Phone, tablet: Phone) -> None:
    answer = phone.change(add=[ONE, TWO])
    assert answer == {"timestamp": 1767592800, "update_urls": []}
    assert tablet.changes() == ([ONE, TWO], [])
    tablet.change(remove=[ONE])
    assert phone.changes(answer["timestamp"]) == ([], [ONE])


def test_what_was_given_up_is_told_to_whoever_comes_new_and_can_be_added_again(phone: Phone, tablet: Phone) -> None:
    phone.change(add=[ONE, TWO])
    phone.change(remove=[ONE])
    assert tablet.changes(0) == ([TWO], [ONE])
    phone.change(add=[ONE])
    assert tablet.changes() == ([ONE], [])


def test_the_same_again_changes_nothing(phone: Phone, tablet: Phone) -> None:
    for _ in range(10):
        phone.change(add=[ONE, ONE], remove=[THREE])
    assert tablet.changes(0) == ([ONE], [])
    assert tablet.changes(tablet.since + 1) == ([], [])


def test_a_feed_in_both_lists_is_refused_whole(phone: Phone) -> None:
    body = json.dumps({"add": [ONE, TWO], "remove": [TWO.replace("https", "http")]})
    answer = phone.post(phone.path, content=body, headers=phone.basic())
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")
    assert phone.changes(0) == ([], [])


def test_another_address_of_a_known_feed_is_told_and_no_second_subscription(phone: Phone, tablet: Phone) -> None:
    phone.change(add=[ONE])
    other = "http://ONE.example/feed "
    assert tablet.change(add=[other, "nonsense"])["update_urls"] == [[other, ONE], ["nonsense", ""]]
    assert phone.changes(0) == ([ONE], [])
    assert tablet.changes(0) == ([other.strip()], [])
    tablet.change(remove=[other])
    assert phone.changes(0) == ([], [ONE])


def test_an_app_is_not_told_what_it_did_itself(phone: Phone, tablet: Phone) -> None:
    since = phone.change(add=[ONE])["timestamp"]
    assert phone.changes(since) == ([], [])
    assert phone.changes(0) == ([ONE], [])


def test_a_change_never_leads_past_what_others_changed(phone: Phone, tablet: Phone, clock: FakeClock) -> None:
    tablet.change(add=["https://zero.example/feed"])
    phone.changes()
    tablet.change(add=[TWO])
    clock.advance(seconds=9)
    since = phone.change(add=[ONE])["timestamp"]
    assert phone.changes(since + 1) == ([TWO], [])
    assert phone.changes(phone.change(add=[THREE])["timestamp"] + 1) == ([], [])


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"add": 7}', b'{"add": {"a": 1}}', b"add=x"])
def test_a_body_that_is_none_is_told(phone: Phone, body: bytes) -> None:
    answer = phone.post(phone.path, content=body, headers=phone.basic())
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")


def test_too_many_feeds_are_refused_whole(phone: Phone) -> None:
    answer = phone.ask("POST", phone.path, content=json.dumps({"add": [f"https://{n}.example/" for n in range(5_001)]}))
    assert answer.status_code == 413
    assert phone.changes(0) == ([], [])


@pytest.mark.parametrize("device", ["a b", "ä", "x" * 201, "a%2Fb", "%00"])
def test_a_device_with_a_name_that_is_none_is_told(phone: Phone, device: str) -> None:
    assert phone.ask("GET", f"/api/2/subscriptions/USER/{device}.json").status_code in (400, 404)


def test_a_list_is_written_and_read_in_three_forms(phone: Phone) -> None:
    written = f"{ONE}\n{TWO}\n"
    answer = phone.ask("PUT", "/subscriptions/USER/desk.top.txt", content=written)
    assert (answer.status_code, answer.content) == (200, b"")
    assert phone.ask("GET", "/subscriptions/USER/desk.top.txt").text == written
    assert phone.ask("GET", "/subscriptions/USER.json").json() == [ONE, TWO]
    opml = phone.ask("GET", "/subscriptions/USER/desk.top.opml")
    assert opml.headers["Content-Type"] == "text/x-opml; charset=utf-8"
    phone.change(remove=[ONE, TWO])
    assert phone.ask("PUT", "/subscriptions/USER/other.txt", content=opml.content).status_code == 200
    assert phone.ask("GET", "/subscriptions/USER/other.json").json() == [ONE, TWO]
    assert phone.ask("PUT", "/subscriptions/USER/other.opml", content=json.dumps([THREE])).status_code == 200
    assert phone.ask("GET", "/subscriptions/USER/other.xml").status_code == 404


def test_a_list_gives_up_only_what_its_device_knew_of(phone: Phone, tablet: Phone) -> None:
    phone.change(add=[ONE, TWO])
    tablet.ask("PUT", "/subscriptions/USER/tablet.json", content=json.dumps([THREE]))
    assert phone.ask("GET", "/subscriptions/USER.json").json() == [ONE, TWO, THREE]
    tablet.ask("GET", "/subscriptions/USER/tablet.json")
    tablet.ask("PUT", "/subscriptions/USER/tablet.json", content=json.dumps([ONE]))
    assert phone.ask("GET", "/subscriptions/USER.json").json() == [ONE]


BOMB = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><opml><body><outline xmlUrl="https://x.example/&a;"/></body></opml>'


@pytest.mark.parametrize("body", [b"<opml", BOMB, b"\xff\xfe", b"{", b"[7]", b"[" * 100_000])
def test_a_list_that_is_none_changes_nothing(phone: Phone, body: bytes) -> None:
    phone.change(add=[ONE])
    answer = phone.ask("PUT", f"/subscriptions/USER/{phone.device}.opml", content=body)
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")
    assert phone.changes(0) == ([ONE], [])


def test_devices_come_by_their_first_use_and_are_described(phone: Phone) -> None:
    phone.change(add=[ONE])
    phone.ask("POST", "/api/2/episodes/USER.json", content=json.dumps([
        {"podcast": ONE, "episode": "https://one.example/1.mp3", "action": "download", "device": "car"}]))  # fmt: skip
    answer = phone.ask("POST", "/api/2/devices/USER/phone.json", content='{"caption": "Pocket", "type": "mobile"}')
    assert (answer.status_code, answer.content) == (200, b"")
    assert phone.ask("PUT", "/api/2/devices/USER/desk.json", content='{"type": "toaster"}').status_code == 200
    phone.ask("POST", "/api/2/devices/USER/phone.json", content='{"caption": "Coat"}')
    assert phone.ask("GET", "/api/2/devices/USER.json").json() == [
        {"id": "car", "caption": "", "type": "other", "subscriptions": 1},
        {"id": "desk", "caption": "", "type": "other", "subscriptions": 1},
        {"id": "phone", "caption": "Coat", "type": "mobile", "subscriptions": 1},
    ]


def test_devices_join_and_part(phone: Phone) -> None:
    for name in ("a", "b", "c", "d"):
        phone.ask("POST", f"/api/2/devices/USER/{name}.json", content="{}")

    def regroup(**said: Any) -> Any:
        body = json.dumps({name.replace("_", "-"): value for name, value in said.items()})
        return phone.ask("POST", "/api/2/sync-devices/USER.json", content=body)

    assert regroup(synchronize=[["a", "b"]]).json() == {"synchronized": [["a", "b"]], "not-synchronized": ["c", "d"]}
    assert regroup(synchronize=[["b", "c"]]).json()["synchronized"] == [["a", "b", "c"]]
    assert regroup(stop_synchronize=["a"]).json() == {"synchronized": [["b", "c"]], "not-synchronized": ["a", "d"]}
    assert regroup(stop_synchronize=["b"]).json()["synchronized"] == []
    assert regroup(synchronize=[["a", "x"]]).status_code == 404
    assert regroup(synchronize=["a"]).status_code == 400
    assert phone.ask("GET", "/api/2/sync-devices/USER.json").json()["not-synchronized"] == ["a", "b", "c", "d"]


def test_settings_are_kept_by_what_they_are_about(phone: Phone) -> None:
    podcast = f"/api/2/settings/USER/podcast.json?podcast={ONE}"
    answer = phone.ask("POST", podcast, content='{"set": {"speed": 1.5, "skip": [1, 2]}}')
    assert answer.json() == {"speed": 1.5, "skip": [1, 2]}
    assert phone.ask("POST", podcast, content='{"set": {"speed": 2}, "remove": ["skip"]}').json() == {"speed": 2}
    assert phone.ask("GET", podcast.replace("https", "http")).json() == {"speed": 2}
    for other in (
        "account.json",
        "device.json?device=a",
        f"podcast.json?podcast={TWO}",
        f"episode.json?podcast={ONE}&episode={ONE}",
    ):
        assert phone.ask("GET", f"/api/2/settings/USER/{other}").json() == {}
    assert phone.ask("GET", "/api/2/settings/USER/podcast.json").status_code == 400
    assert phone.ask("GET", "/api/2/settings/USER/planet.json").status_code == 404


@pytest.mark.parametrize("body", [b"", b"[]", b'{"set": [1]}', b'{"remove": {"a": 1}}', b'{"set": {"a": "\\ud800"}}',
                                  json.dumps({"set": {"a": "x" * 5_000}}).encode(), b'{"set": {"a\\u0000": 1}}'])  # fmt: skip
def test_settings_that_cannot_be_kept_change_nothing(phone: Phone, body: bytes) -> None:
    account = "/api/2/settings/USER/account.json"
    assert phone.ask("POST", account, content=body).status_code == 400
    assert phone.ask("GET", account).json() == {}


def test_an_app_learns_where_to_ask(phone: Phone) -> None:
    config = phone.get("/clientconfig.json").json()
    assert config["mygpo"] == {"baseurl": "http://localhost:8000/"}
    assert config["update_timeout"] == 604800
