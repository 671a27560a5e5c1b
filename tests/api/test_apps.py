"""Our own apps: a code with PKCE becomes tokens, tokens turn over, and what comes back a second time ends them all."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from starlette.applications import Starlette

from api.store.database import Database
from api.usecases import cleaning
from api.usecases.devices import s256
from tests.api.conftest import FORM, ORIGIN, FakeClock
from tests.api.people import Browser, mails, newest_code

LOOPBACK, CLAIMED = "http://127.0.0.1:51004/callback", f"{ORIGIN}/app/signed-in"
VERIFIER = "v" * 43


class App:
    """An app on a phone: no cookies, no Origin."""

    def __init__(self, browser: Browser, *, redirect_uri: str = LOOPBACK, scope: str = "sync account") -> None:
        self.browser, self.redirect_uri, self.scope = browser, redirect_uri, scope

    def authorize(self, **changed: str) -> Any:
        query = {
            "response_type": "code",
            "client_id": "longwave",
            "redirect_uri": self.redirect_uri,
            "code_challenge": s256(VERIFIER),
            "code_challenge_method": "S256",
            "scope": self.scope,
            "state": "xyz",
        }
        return self.browser.get("/api/authorize", params={**query, **changed})

    def code(self) -> str:
        self.authorize()
        location = self.browser.post("/api/authorize", json={"decision": "allow"}, headers=JSON).json()["location"]
        return parse_qs(urlsplit(location).query)["code"][0]

    def post(self, path: str, **body: str) -> Any:
        bare = Browser(self.browser.app, email="")
        del bare.headers["Origin"]
        return bare.post(path, json=body)

    def exchange(self, spent: str, **changed: str) -> Any:
        body = {
            "grant_type": "authorization_code",
            "client_id": "longwave",
            "code": spent,
            "code_verifier": VERIFIER,
            "redirect_uri": self.redirect_uri,
            "device_name": "Adas phone",
        }
        return self.post("/api/token", **{**body, **changed})

    def tokens(self) -> dict[str, Any]:
        found: dict[str, Any] = self.exchange(self.code()).json()
        return found

    def refresh(self, token: str) -> Any:
        return self.post("/api/token", grant_type="refresh_token", client_id="longwave", refresh_token=token)

    def account(self, token: str, scheme: str = "Bearer") -> Any:
        bare = Browser(self.browser.app, email="")
        return bare.get("/api/v1/account", headers={"Authorization": f"{scheme} {token}"})


JSON = {"Accept": "application/json"}


@pytest.fixture
def ada(app: Starlette, database: Database) -> Browser:
    return Browser(app, email="ada@example.com").sign_in(database)


@pytest.fixture
def phone(ada: Browser) -> App:
    return App(ada)


def test_a_signed_in_person_says_yes_and_the_app_has_tokens(ada: Browser, phone: App) -> None:
    asked = phone.authorize()
    assert (asked.status_code, asked.headers["Location"]) == (303, "/account/authorize/")
    assert ada.get("/api/authorize/request").json() == {"client": "longwave", "scopes": ["account", "sync"]}
    tokens = phone.tokens()
    assert (tokens["token_type"], tokens["expires_in"], tokens["scope"]) == ("Bearer", 3600, "account sync")
    assert phone.account(tokens["access_token"]).json()["id"] == ada.account_id


def test_a_signed_out_person_signs_in_first_and_goes_on_to_the_app(app: Starlette, database: Database) -> None:
    bob = Browser(app, email="bob@example.com")
    assert App(bob).authorize().headers["Location"] == "/account/sign-in/#app"
    bob.ask_code()
    assert bob.enter(newest_code(database, bob.email)).json()["next"] == "/account/authorize/"


def test_the_form_goes_back_to_a_claimed_address(ada: Browser) -> None:
    App(ada, redirect_uri=CLAIMED).authorize()
    answer = ada.post("/api/authorize", content="decision=allow", headers=FORM)
    assert answer.status_code == 303
    said = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert answer.headers["Location"].startswith(CLAIMED + "?")
    assert (said["state"], said["iss"]) == (["xyz"], [ORIGIN])


def test_the_form_goes_back_to_this_machine_by_a_page(ada: Browser, phone: App) -> None:
    phone.authorize()
    answer = ada.post("/api/authorize", content="decision=allow", headers=FORM)
    assert answer.status_code == 200
    assert answer.headers["Refresh"].startswith(f"0; url={LOOPBACK}?code=lwcode_")
    assert answer.headers["Cache-Control"] == "no-store"


def test_no_is_told_to_the_app(ada: Browser, phone: App) -> None:
    phone.authorize()
    location = ada.post("/api/authorize", json={"decision": "deny"}, headers=JSON).json()["location"]
    assert parse_qs(urlsplit(location).query)["error"] == ["access_denied"]


@pytest.mark.parametrize(
    "changed",
    [{"client_id": "other"}, {"redirect_uri": "https://evil.example/callback"}, {"redirect_uri": f"{CLAIMED}/x"},
     {"redirect_uri": f"{CLAIMED}?x=1"}, {"redirect_uri": "http://127.0.0.1:1@evil.example/callback"},
     {"redirect_uri": "http://localhost:5000/callback"}, {"redirect_uri": "http://127.0.0.1:5000/other"},
     {"redirect_uri": "http://127.0.0.1:٣/callback"},
     {"redirect_uri": f"{LOOPBACK}\n"}, {"code_challenge_method": "plain"}, {"code_challenge": "short"},
     {"scope": "everything"}, {"scope": ""}, {"response_type": "token"}, {"state": "\r\nx: y"}],
)  # fmt: skip
def test_nothing_is_sent_where_it_does_not_belong(phone: App, changed: dict[str, str]) -> None:
    answer = phone.authorize(**changed)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert "Location" not in answer.headers


def test_a_yes_needs_somebody_who_asked(ada: Browser, app: Starlette, phone: App) -> None:
    assert ada.post("/api/authorize", json={"decision": "allow"}).status_code == 404
    phone.authorize()
    assert (
        ada.post("/api/authorize", json={"decision": "allow"}, headers={"Origin": "https://evil.example"}).status_code
        == 403
    )
    assert Browser(app, email="").post("/api/authorize", json={"decision": "allow"}).status_code == 401


def test_a_forged_cookie_sends_the_code_nowhere(ada: Browser) -> None:
    forged = "client_id%3Dlongwave%26redirect_uri%3Dhttps%253A%252F%252Fevil.example%26code_challenge%3D" + "a" * 43
    cookie = f"__Host-session={ada.cookies['__Host-session']}; __Host-app={forged}%26scope%3Dsync%26state%3D"
    ada.cookies.clear()
    assert ada.post("/api/authorize", json={"decision": "allow"}, headers={"Cookie": cookie}).status_code == 404


@pytest.mark.parametrize(
    "changed",
    [{"code_verifier": "w" * 43}, {"redirect_uri": CLAIMED}, {"client_id": "other"}, {"code": "lwcode_wrong"}],
)
def test_a_code_needs_all_that_belongs_to_it(phone: App, changed: dict[str, str]) -> None:
    answer = phone.exchange(phone.code(), **changed)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


def test_a_code_lives_a_minute(phone: App, clock: FakeClock) -> None:
    code = phone.code()
    clock.advance(minutes=1)
    assert phone.exchange(code).json()["error"] == "invalid_grant"


def test_a_code_that_comes_twice_ends_what_it_gave(phone: App) -> None:
    code = phone.code()
    tokens = phone.exchange(code).json()
    assert phone.exchange(code).status_code == 400
    assert phone.account(tokens["access_token"]).status_code == 401


def test_a_wrong_verifier_spends_the_code(phone: App) -> None:
    code = phone.code()
    phone.exchange(code, code_verifier="w" * 43)
    assert phone.exchange(code).status_code == 400


def test_tokens_are_kept_as_hashes_and_known_to_scanners(phone: App, database: Database) -> None:
    tokens = phone.tokens()
    assert tokens["access_token"].startswith("lwaccess_")
    assert tokens["refresh_token"].startswith("lwrefresh_")
    dump = "\n".join(database.reader.iterdump())
    assert tokens["access_token"] not in dump
    assert tokens["refresh_token"] not in dump


def test_an_access_token_lives_an_hour(phone: App, clock: FakeClock) -> None:
    tokens = phone.tokens()
    clock.advance(minutes=59)
    assert phone.account(tokens["access_token"]).status_code == 200
    clock.advance(minutes=1)
    assert phone.account(tokens["access_token"]).status_code == 401


def test_a_refresh_token_gives_the_next_pair(phone: App, clock: FakeClock) -> None:
    first = phone.tokens()
    clock.advance(hours=2)
    second = phone.refresh(first["refresh_token"]).json()
    assert second["refresh_token"] != first["refresh_token"]
    assert phone.account(second["access_token"]).status_code == 200


def test_an_answer_that_was_lost_is_said_again(phone: App, clock: FakeClock) -> None:
    first = phone.tokens()
    lost = phone.refresh(first["refresh_token"]).json()
    clock.advance(seconds=60)
    again = phone.refresh(first["refresh_token"]).json()
    assert (again["access_token"], again["refresh_token"]) == (lost["access_token"], lost["refresh_token"])
    assert phone.account(again["access_token"]).status_code == 200


def test_a_spent_token_that_comes_back_late_ends_the_family(phone: App, clock: FakeClock) -> None:
    first = phone.tokens()
    second = phone.refresh(first["refresh_token"]).json()
    clock.advance(seconds=61)
    assert phone.refresh(first["refresh_token"]).json()["error"] == "invalid_grant"
    assert phone.account(second["access_token"]).status_code == 401
    assert phone.refresh(second["refresh_token"]).status_code == 400


def test_the_grace_is_for_the_direct_predecessor_only(phone: App) -> None:
    first = phone.tokens()
    second = phone.refresh(first["refresh_token"]).json()
    third = phone.refresh(second["refresh_token"]).json()
    assert phone.refresh(first["refresh_token"]).status_code == 400
    assert phone.account(third["access_token"]).status_code == 401


def test_after_the_grace_the_database_cannot_say_the_answer_again(
    app: Any, phone: App, database: Database, clock: FakeClock
) -> None:
    phone.refresh(phone.tokens()["refresh_token"])
    clock.advance(minutes=5)
    with database.transaction() as db:
        cleaning.clean(db, now=clock())
    salts = database.reader.execute("SELECT count(*) FROM tokens WHERE successor_salt IS NOT NULL").fetchone()[0]
    assert salts == 0


def test_a_family_ends_after_a_year(phone: App, clock: FakeClock) -> None:
    tokens = phone.tokens()
    for _ in range(6):
        clock.advance(days=59)
        tokens = phone.refresh(tokens["refresh_token"]).json()
    clock.advance(days=11)
    assert phone.refresh(tokens["refresh_token"]).status_code == 400


def test_a_refresh_token_that_rests_for_sixty_days_ends(phone: App, clock: FakeClock) -> None:
    tokens = phone.tokens()
    clock.advance(days=60)
    assert phone.refresh(tokens["refresh_token"]).status_code == 400


def test_a_token_opens_only_what_it_was_given_for(ada: Browser) -> None:
    narrow = App(ada, scope="sync")
    answer = narrow.account(narrow.tokens()["access_token"])
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


def test_a_refresh_token_is_no_access_token(phone: App) -> None:
    tokens = phone.tokens()
    assert phone.account(tokens["refresh_token"]).status_code == 401
    assert phone.refresh(tokens["access_token"]).status_code == 400
    assert phone.account(tokens["access_token"], scheme="Basic").status_code == 401
    assert phone.account("").status_code == 401


def test_a_token_opens_no_page_of_the_account(phone: App) -> None:
    bare = Browser(phone.browser.app, email="")
    token = phone.tokens()["access_token"]
    assert bare.get("/api/account", headers={"Authorization": f"Bearer {token}"}).status_code == 401


def test_an_app_signs_itself_out(phone: App) -> None:
    tokens = phone.tokens()
    assert [phone.post("/api/token/revoke", token=tokens["refresh_token"]).status_code for _ in range(2)] == [200, 200]
    assert phone.post("/api/token/revoke", token="unknown").status_code == 200
    assert phone.account(tokens["access_token"]).status_code == 401


def test_the_owner_sees_apps_and_ends_them(ada: Browser, phone: App, database: Database) -> None:
    tokens = phone.tokens()
    assert mails(database, "ada@example.com")[-1] == "new_device"
    [device] = ada.get("/api/devices").json()["devices"]
    assert (device["name"], device["scopes"]) == ("Adas phone", ["account", "sync"])
    assert [ada.delete(f"/api/devices/{device['id']}").status_code for _ in range(2)] == [204, 404]
    assert phone.account(tokens["access_token"]).status_code == 401
    assert ada.get("/api/devices").json() == {"devices": []}


def test_a_strangers_device_does_not_exist(app: Starlette, database: Database, ada: Browser, phone: App) -> None:
    device = phone.tokens()["device_id"]
    eve = Browser(app, email="eve@example.com").sign_in(database)
    theirs, nobodys = eve.delete(f"/api/devices/{device}"), eve.delete("/api/devices/dev_" + "0" * 26)
    assert theirs.status_code == nobodys.status_code == 404
    assert {**theirs.json(), "request_id": ""} == {**nobodys.json(), "request_id": ""}
    assert len(ada.get("/api/devices").json()["devices"]) == 1


def test_signing_out_everywhere_ends_apps_too(ada: Browser, phone: App) -> None:
    tokens = phone.tokens()
    ada.post("/api/sign-out", json={"everywhere": True})
    assert phone.account(tokens["access_token"]).status_code == 401
    assert phone.refresh(tokens["refresh_token"]).status_code == 400


def test_signing_out_everywhere_ends_a_code_on_its_way(ada: Browser, phone: App) -> None:
    code = phone.code()
    ada.post("/api/sign-out", json={"everywhere": True})
    assert phone.exchange(code).json()["error"] == "invalid_grant"


def test_exchanging_too_often_has_to_wait(phone: App) -> None:
    assert [phone.refresh("lwrefresh_x").status_code for _ in range(61)] == [400] * 60 + [429]
