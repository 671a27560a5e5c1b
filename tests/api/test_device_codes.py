"""A television shows a code; who types it on our page and says yes lets it in, and nobody else is let in with it."""

from typing import Any

import pytest
from starlette.applications import Starlette

from api.settings import Settings
from api.store.database import Database
from api.usecases import cleaning
from tests.api.conftest import FORM, FakeClock
from tests.api.people import Browser, mails
from tests.api.syncing import signed_in

GRANT = "urn:ietf:params:oauth:grant-type:device_code"


class Television:
    """An app without a browser: no cookies, no Origin."""

    def __init__(self, app: Starlette) -> None:
        self.http = Browser(app, email="", host="203.0.113.99")
        del self.http.headers["Origin"]
        self.shown: dict[str, Any] = {}

    def begin(self, **changed: str) -> Any:
        body = {"client_id": "longwave", "scope": "sync media", "device_name": "Television", **changed}
        answer = self.http.post("/api/device-code", json=body)
        self.shown = answer.json()
        return answer

    def ask(self, code: str | None = None) -> Any:
        body = {"grant_type": GRANT, "client_id": "longwave", "device_code": code or self.shown["device_code"]}
        return self.http.post("/api/token", json=body)


@pytest.fixture
def ada(app: Starlette, database: Database) -> Browser:
    return signed_in(app, database)


@pytest.fixture
def television(app: Starlette, database: Database) -> Television:
    found = Television(app)
    assert found.begin().status_code == 200
    return found


def decide(browser: Browser, code: str, decision: str = "allow") -> Any:
    return browser.post("/api/device-code/decide", json={"user_code": code, "decision": decision})


def test_who_types_the_code_lets_the_device_in(ada: Browser, television: Television, database: Database) -> None:
    assert television.shown["verification_uri"].endswith("/account/device/")
    assert (television.shown["expires_in"], television.shown["interval"]) == (600, 5)
    assert television.ask().json()["error"] == "authorization_pending"
    assert decide(ada, television.shown["user_code"]).status_code == 204
    tokens = television.ask().json()
    assert (tokens["token_type"], tokens["scope"]) == ("Bearer", "media sync")
    asked = television.http.get("/api/v1/changes", headers={"Authorization": f"Bearer {tokens['access_token']}"})
    assert asked.status_code == 200
    assert [each["name"] for each in ada.get("/api/devices").json()["devices"]] == ["Television"]
    assert "new_device" in mails(database, ada.email)


def test_the_code_is_typed_as_people_type(ada: Browser, television: Television) -> None:
    code = television.shown["user_code"].lower().replace("-", " ")
    assert decide(ada, f" {code} ").status_code == 204


def test_a_page_without_script_shows_who_waits_and_leads_on(ada: Browser, television: Television) -> None:
    code = television.shown["user_code"]
    page = ada.post("/api/device-code/look", content=f"user_code={code}", headers=FORM)
    assert (page.status_code, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert "Television" in page.text
    assert "Play and download" in page.text
    assert "name and address" not in page.text
    done = ada.post("/api/device-code/decide", content=f"user_code={code}&decision=allow", headers=FORM)
    assert (done.status_code, done.headers["Location"]) == (303, "/api/devices/page#connected")


def test_what_a_device_calls_itself_is_only_words(ada: Browser, television: Television) -> None:
    television.begin(device_name="<script>alert(1)</script>")
    page = ada.post("/api/device-code/look", json={"user_code": television.shown["user_code"]})
    assert "<script>alert" not in page.text


def test_a_wrong_code_leads_back_to_the_page(ada: Browser) -> None:
    answer = ada.post("/api/device-code/look", content="user_code=BBBB-BBBB", headers=FORM)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account/device/#not_found")


def test_no_is_told_to_the_device(ada: Browser, television: Television) -> None:
    decide(ada, television.shown["user_code"], "deny")
    assert television.ask().json()["error"] == "access_denied"
    assert television.ask().json()["error"] == "invalid_grant"
    assert ada.get("/api/devices").json()["devices"] == []


def test_tokens_are_given_once(ada: Browser, television: Television) -> None:
    decide(ada, television.shown["user_code"])
    assert television.ask().status_code == 200
    assert television.ask().json()["error"] == "invalid_grant"


def test_who_asks_too_soon_is_told_to_slow_down(television: Television, clock: FakeClock) -> None:
    television.ask()
    clock.advance(seconds=2)
    assert television.ask().json()["error"] == "slow_down"
    clock.advance(seconds=6)
    assert television.ask().json()["error"] == "authorization_pending"


def test_a_code_lives_ten_minutes(ada: Browser, television: Television, clock: FakeClock) -> None:
    clock.advance(minutes=10)
    assert decide(ada, television.shown["user_code"]).status_code == 404
    assert television.ask().json()["error"] == "expired_token"


def test_a_second_person_cannot_take_a_code_over(
    app: Starlette, database: Database, ada: Browser, television: Television
) -> None:
    decide(ada, television.shown["user_code"])
    eve = signed_in(app, database, "eve@example.com")
    assert decide(eve, television.shown["user_code"], "deny").status_code == 404
    assert television.ask().status_code == 200
    assert eve.get("/api/devices").json()["devices"] == []


def test_signing_out_everywhere_takes_back_a_yes_not_used_yet(ada: Browser, television: Television) -> None:
    decide(ada, television.shown["user_code"])
    ada.post("/api/sign-out", json={"everywhere": True})
    assert television.ask().json()["error"] == "invalid_grant"


def test_codes_cannot_be_tried_out(ada: Browser, television: Television) -> None:
    for _ in range(20):
        decide(ada, "BBBB-BBBB")
    assert decide(ada, television.shown["user_code"]).json()["code"] == "rate_limited"


def test_only_signed_in_people_decide(app: Starlette, television: Television) -> None:
    assert decide(Browser(app, email=""), television.shown["user_code"]).json()["code"] == "signed_out"
    assert television.ask().json()["error"] == "authorization_pending"


@pytest.mark.parametrize(
    "changed", [{"scope": "everything"}, {"scope": ""}, {"client_id": "other"}, {"device_name": ""}]
)
def test_a_device_asks_for_what_there_is(television: Television, changed: dict[str, str]) -> None:
    assert (television.begin(**changed).status_code, television.shown["code"]) == (422, "invalid")


def test_an_invented_code_is_none(television: Television) -> None:
    assert television.ask("lwdevice_invented").json()["error"] == "invalid_grant"


def test_codes_lie_as_hashes_and_are_forgotten(
    ada: Browser, television: Television, database: Database, clock: FakeClock, settings: Settings
) -> None:
    kept = "\n".join(database.reader.iterdump())
    assert television.shown["device_code"] not in kept
    assert television.shown["user_code"].replace("-", "") not in kept
    clock.advance(days=2)
    with database.transaction() as db:
        cleaning.clean(db, now=clock())
    assert database.reader.execute("SELECT count(*) FROM device_codes").fetchone()[0] == 0
