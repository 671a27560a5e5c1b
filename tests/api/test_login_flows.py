"""A podcast app opens a browser, its owner says yes there, and the app fetches a password of its own, once."""

from typing import Any

import pytest
from starlette.applications import Starlette

from api.store import accounts
from api.store.database import Database
from api.usecases import cleaning, deletion, sessions
from tests.api.conftest import FORM, ORIGIN, FakeClock
from tests.api.people import Browser, mails, newest_code
from tests.api.podcast_apps import PodcastApp

PAGE = {"Accept": "text/html,application/xhtml+xml"}


@pytest.fixture
def ada(app: Starlette, database: Database) -> Browser:
    return Browser(app, email="ada@example.com").sign_in(database)


class AskingApp(Browser):
    """An app that has begun to log in: `login` is what it opens in a browser."""

    def __init__(self, app: Starlette, *, user_agent: str = "AntennaPod/3.4.0") -> None:
        super().__init__(app, email="", user_agent=user_agent, host="203.0.113.50")
        del self.headers["Origin"]
        begun = self.post("/index.php/login/v2").json()
        self.login: str = begun["login"].removeprefix(ORIGIN)
        self.endpoint: str = begun["poll"]["endpoint"].removeprefix(ORIGIN)
        self.token: str = begun["poll"]["token"]

    def poll(self, token: str | None = None) -> Any:
        """As apps send it: a form."""
        return self.post(
            self.endpoint,
            content=f"token={token or self.token}",
            headers={"Content-Type": "application/x-www-form-urlencoded"},
        )


@pytest.fixture
def phone(app: Starlette, ada: Browser) -> AskingApp:
    return AskingApp(app)


def say(person: Browser, phone: AskingApp, decision: str = "allow") -> Any:
    person.get(phone.login, headers=PAGE)
    return person.post("/api/app-login", json={"decision": decision})


def test_the_app_gets_a_password_that_works(app: Starlette, ada: Browser, phone: AskingApp) -> None:
    assert phone.poll().status_code == 404
    led = ada.get(phone.login, headers=PAGE)
    assert (led.status_code, led.headers["Location"]) == (303, "/account/connect/")
    asking = ada.get("/api/app-login").json()
    assert asking == {"name": "AntennaPod", "place": "203.0.113.0/24", "asked_at": "2026-01-05T06:00:00.000Z"}
    assert ada.post("/api/app-login", json={"decision": "allow"}).status_code == 204
    got = phone.poll().json()
    assert (set(got), got["server"]) == ({"server", "loginName", "appPassword"}, ORIGIN)
    let_in = PodcastApp(app, {"user_name": got["loginName"], "password": got["appPassword"]})
    assert let_in.log_in().status_code == 200
    assert [each["name"] for each in ada.get("/api/devices").json()["devices"]] == ["AntennaPod"]


def test_it_is_fetched_once(ada: Browser, phone: AskingApp) -> None:
    say(ada, phone)
    assert [phone.poll().status_code for _ in range(3)] == [200, 404, 404]
    assert len(ada.get("/api/app-passwords").json()["app_passwords"]) == 1


def test_a_form_without_script_says_yes(ada: Browser, phone: AskingApp) -> None:
    ada.get(phone.login, headers=PAGE)
    answer = ada.post("/api/app-login", content="decision=allow", headers=FORM)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account/connect/#allowed")
    assert phone.poll().status_code == 200


def test_who_is_signed_out_signs_in_first(app: Starlette, database: Database, phone: AskingApp) -> None:
    bob = Browser(app, email="bob@example.com")
    assert bob.get(phone.login, headers=PAGE).headers["Location"] == "/account/sign-in/#app"
    bob.ask_code()
    assert bob.enter(newest_code(database, bob.email)).json()["next"] == "/account/connect/"
    assert bob.post("/api/app-login", json={"decision": "allow"}).status_code == 204
    assert phone.poll().status_code == 200


def test_no_gives_nothing(ada: Browser, phone: AskingApp) -> None:
    assert say(ada, phone, "deny").status_code == 204
    assert phone.poll().status_code == 404
    assert say(ada, phone).status_code == 404


def test_a_yes_is_said_once(app: Starlette, database: Database, ada: Browser, phone: AskingApp) -> None:
    say(ada, phone)
    eve = Browser(app, email="eve@example.com").sign_in(database)
    assert say(eve, phone).status_code == 404
    assert phone.poll().status_code == 200
    assert eve.get("/api/app-passwords").json() == {"app_passwords": []}


def test_what_the_browser_holds_fetches_nothing(ada: Browser, phone: AskingApp) -> None:
    say(ada, phone)
    assert phone.poll(phone.login.rpartition("/")[2]).status_code == 404
    assert ada.get(f"/index.php/login/v2/flow/{phone.token}").status_code == 404


def test_it_waits_for_twenty_minutes(ada: Browser, phone: AskingApp, clock: FakeClock, database: Database) -> None:
    ada.get(phone.login, headers=PAGE)
    clock.advance(minutes=20)
    over = ada.get(phone.login, headers=PAGE)
    assert (over.status_code, over.headers["Location"]) == (303, "/account/connect/#not_found")
    assert ada.post("/api/app-login", json={"decision": "allow"}).status_code == 404
    with database.transaction() as db:
        cleaning.clean(db, now=clock() + sessions.FRESH)
    assert database.reader.execute("SELECT count(*) FROM login_flows").fetchone()[0] == 0


def test_a_yes_that_is_fetched_too_late_is_worth_nothing(ada: Browser, phone: AskingApp, clock: FakeClock) -> None:
    say(ada, phone)
    clock.advance(minutes=20)
    assert phone.poll().status_code == 404


def test_signing_out_everywhere_takes_back_a_yes(ada: Browser, phone: AskingApp) -> None:
    say(ada, phone)
    ada.post("/api/sign-out", json={"everywhere": True})
    assert phone.poll().status_code == 404


def test_an_erased_account_leaves_no_yes(ada: Browser, phone: AskingApp, database: Database, clock: FakeClock) -> None:
    say(ada, phone)
    account = accounts.find(database.reader, ada.account_id)
    assert account is not None
    with database.transaction() as db:
        deletion.erase(db, account, tell=False, now=clock())
    assert phone.poll().status_code == 404
    assert database.reader.execute("SELECT count(*) FROM login_flows").fetchone()[0] == 0


def test_a_yes_needs_a_person_on_a_page_of_ours(app: Starlette, ada: Browser, phone: AskingApp) -> None:
    ada.get(phone.login, headers=PAGE)
    foreign = ada.post("/api/app-login", json={"decision": "allow"}, headers={"Origin": "https://evil.example"})
    assert (foreign.status_code, foreign.json()["code"]) == (403, "foreign_origin")
    assert Browser(app, email="").post("/api/app-login", json={"decision": "allow"}).status_code == 401
    assert phone.poll().status_code == 404


def test_its_owner_is_told_by_mail(ada: Browser, phone: AskingApp, database: Database) -> None:
    say(ada, phone)
    phone.poll()
    assert mails(database, ada.email)[-1] == "new_device"


def test_polling_writes_nothing_before_the_yes(phone: AskingApp, database: Database) -> None:
    before = database.reader.execute("PRAGMA data_version").fetchone()[0]
    assert {phone.poll().status_code for _ in range(20)} == {404}
    assert database.reader.execute("PRAGMA data_version").fetchone()[0] == before


def test_no_secret_lies_in_the_database(ada: Browser, phone: AskingApp, database: Database) -> None:
    say(ada, phone)
    word = phone.poll().json()["appPassword"]
    dump = "\n".join(database.reader.iterdump())
    assert not [secret for secret in (word, phone.token, phone.login.rpartition("/")[2]) if secret in dump]


def test_beginning_too_often_has_to_wait(phone: AskingApp) -> None:
    assert [phone.post("/index.php/login/v2").status_code for _ in range(60)] == [200] * 59 + [429]


@pytest.mark.parametrize("body", ["", "token=", "{", "token=x&token=y", '{"token": 5}', "\xff"])
def test_a_poll_of_garbage_is_a_refusal(phone: AskingApp, body: str) -> None:
    assert phone.post(phone.endpoint, content=body.encode("latin-1")).status_code in (400, 404, 422)
