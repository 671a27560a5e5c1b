"""Podcast apps ask for all that is new at once, and for favourites: of our own show by name, of others by address."""

import json
from typing import Any

import pytest
from starlette.applications import Starlette

from api.settings import Settings
from api.store.database import Database
from tests.api.people import Browser
from tests.api.podcast_apps import made
from tests.api.syncing import change
from tests.api.test_podcast_subscriptions import ONE, Phone
from tests.api.test_show import write

OURS = "https://ours.example/feed.xml"


@pytest.fixture
def ada(app: Starlette, database: Database, settings: Settings) -> Browser:
    write(settings.episodes, 7, 8)
    return Browser(app, email="ada@example.com").sign_in(database)


@pytest.fixture
def phone(app: Starlette, ada: Browser) -> Phone:
    return Phone(app, made(ada))


def updates(phone: Phone, **query: str) -> dict[str, Any]:
    answer = phone.ask("GET", "/api/2/updates/USER/phone.json", params=query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_feeds_and_episodes_come_in_one_answer(app: Starlette, ada: Browser, phone: Phone) -> None:
    Phone(app, made(ada, "Tablet")).change(add=[OURS, ONE])
    told = updates(phone, since="0")
    assert {podcast["url"]: podcast["title"] for podcast in told["add"]} == {OURS: "Ours", ONE: ONE}
    assert [(episode["title"], episode["status"]) for episode in told["updates"]] == [
        ("Seven", "new"),
        ("Seven", "new"),
    ]
    assert told["remove"] == [] and told["timestamp"] > 0


def test_a_report_is_told_with_its_episode(phone: Phone) -> None:
    phone.change(add=[OURS])
    report = {"podcast": OURS, "episode": "https://ours.example/x.mp3", "guid": "g-7", "action": "play", "position": 9}
    phone.ask("POST", "/api/2/episodes/USER.json", content=json.dumps([report]))
    told = {each["status"]: each for each in updates(phone, since="0", include_actions="true")["updates"]}
    assert told.keys() == {"play", "new"}
    assert told["play"]["url"].endswith("/0007-seven.0123abcd.mp3")
    assert told["play"]["action"]["position"] == 9
    assert all("action" not in each for each in updates(phone, since="0")["updates"])


def test_asking_for_updates_does_not_hide_reports_from_the_phone(app: Starlette, ada: Browser, phone: Phone) -> None:
    tablet = Phone(app, made(ada, "Tablet"))
    report = {"podcast": ONE, "episode": "https://one.example/1.mp3", "action": "play", "position": 9}
    tablet.ask("POST", "/api/2/episodes/USER.json", content=json.dumps([report]))
    since = updates(phone)["timestamp"]
    answer = phone.ask("GET", "/api/2/episodes/USER.json", params={"since": str(since + 1)})
    assert [action["position"] for action in answer.json()["actions"]] == [9]


@pytest.mark.parametrize("since", ["", "x", "NaN", "99999999999999", "-1"])
def test_garbage_for_a_cursor_is_answered(phone: Phone, since: str) -> None:
    assert updates(phone, since=since)["remove"] == []


def test_favourites_of_our_own_apps_are_told(ada: Browser, phone: Phone) -> None:
    assert phone.ask("GET", "/api/2/favorites/USER.json").json() == []
    answer = ada.post(
        "/api/v1/changes", json={"changes": [change("favourite", "7", {}), change("favourite", "99", {})]}
    )
    assert answer.status_code == 200, answer.text
    [episode] = phone.ask("GET", "/api/2/favorites/USER.json").json()
    assert (episode["title"], episode["podcast_url"], episode["podcast_title"]) == ("Seven", OURS, "Ours")
    assert {"url", "description", "website", "released", "mygpo_link"} <= set(episode)
