"""A person's own account: shown to nobody else, renamed, moved to another address only by who holds both."""

import pytest
from starlette.applications import Starlette

from api.store.database import Database
from tests.api.conftest import FORM, FakeClock
from tests.api.people import Browser, mails, newest_code

OLD, NEW = "ada@example.com", "ada@new.example"


@pytest.fixture
def ada(app: Starlette, database: Database) -> Browser:
    return Browser(app, email=OLD).sign_in(database)


def ask(browser: Browser, email: str = NEW) -> int:
    return browser.post("/api/account/address", json={"email": email}).status_code


def confirm(browser: Browser, code: str) -> tuple[int, str]:
    answer = browser.post("/api/account/address/code", json={"code": code})
    return answer.status_code, answer.json().get("code", "")


def test_an_account_is_shown_to_its_owner_only(app: Starlette, ada: Browser) -> None:
    shown = ada.get("/api/account")
    assert (shown.json()["email"], shown.headers["Cache-Control"]) == (OLD, "no-store")
    assert Browser(app, email="").get("/api/account").json()["code"] == "signed_out"


def test_a_name_can_be_changed(ada: Browser) -> None:
    assert ada.patch("/api/account", json={"name": "  Ada L. "}).status_code == 204
    assert ada.get("/api/account").json()["name"] == "Ada L."


@pytest.mark.parametrize("body", ['{"name": 5}', '{"name": "' + "x" * 121 + '"}', "["])
def test_a_name_without_sense_changes_nothing(ada: Browser, body: str) -> None:
    answer = ada.patch("/api/account", content=body, headers={"Accept": "application/json"})
    assert answer.status_code in (400, 422)
    assert ada.get("/api/account").json()["name"] == ""


def test_a_code_to_the_new_address_changes_it(database: Database, ada: Browser) -> None:
    assert ask(ada) == 202
    assert ada.get("/api/account").json()["email"] == OLD
    assert confirm(ada, newest_code(database, NEW)) == (200, "")
    assert ada.get("/api/account").json()["email"] == NEW


def test_both_addresses_are_told(database: Database, ada: Browser) -> None:
    ask(ada)
    confirm(ada, newest_code(database, NEW))
    assert "address_changed" in mails(database, OLD)
    assert "address_changed" in mails(database, NEW)


def test_a_change_ends_every_other_browser(app: Starlette, database: Database, ada: Browser) -> None:
    other = Browser(app, email=OLD).sign_in(database)
    ask(ada)
    confirm(ada, newest_code(database, NEW))
    assert (ada.get("/api/account").status_code, other.get("/api/account").status_code) == (200, 401)


def test_afterwards_the_new_address_signs_in_and_the_old_is_a_strangers(
    app: Starlette, database: Database, ada: Browser
) -> None:
    ask(ada)
    confirm(ada, newest_code(database, NEW))
    assert Browser(app, email=NEW).sign_in(database).account_id == ada.account_id
    assert Browser(app, email=OLD).sign_in(database).account_id != ada.account_id


def test_it_works_as_forms_without_script(database: Database, ada: Browser) -> None:
    asked = ada.post("/api/account/address", content="email=ada%40new.example", headers=FORM)
    assert asked.headers["Location"] == "/account/address/#code_sent"
    done = ada.post("/api/account/address/code", content=f"code={newest_code(database, NEW)}", headers=FORM)
    assert done.headers["Location"] == "/account/address/#changed"


def test_a_code_for_signing_in_changes_no_address_and_the_other_way_round(
    app: Starlette, database: Database, ada: Browser
) -> None:
    ask(ada)
    code = newest_code(database, NEW)
    thief = Browser(app, email=NEW)
    assert thief.enter(code).json()["code"] == "other_browser"
    assert ada.enter(code).json()["code"] == "other_browser"
    thief.ask_code()
    assert confirm(ada, newest_code(database, NEW)) == (422, "wrong_code")


def test_another_account_in_the_same_browser_cannot_use_the_code(
    app: Starlette, database: Database, ada: Browser
) -> None:
    ask(ada)
    code = newest_code(database, NEW)
    ada.email = "eve@example.com"
    ada.sign_in(database)
    assert confirm(ada, code) == (409, "other_browser")


def test_an_address_of_another_account_is_not_taken_over(app: Starlette, database: Database, ada: Browser) -> None:
    eve = Browser(app, email="eve@example.com").sign_in(database)
    assert ask(ada, "Eve@example.com") == ask(ada, "nobody@example.com") == 202
    ask(ada, "Eve@example.com")
    assert confirm(ada, newest_code(database, "Eve@example.com")) == (409, "conflict")
    assert (ada.get("/api/account").json()["email"], eve.get("/api/account").json()["email"]) == (
        OLD,
        "eve@example.com",
    )


def test_a_change_needs_a_fresh_sign_in(database: Database, ada: Browser, clock: FakeClock) -> None:
    ask(ada)
    clock.advance(minutes=10)
    assert ask(ada) == 403
    assert confirm(ada, newest_code(database, NEW)) == (403, "stale_sign_in")
    ada.sign_in(database)
    assert ask(ada) == 202


def test_a_code_changes_an_address_once(database: Database, ada: Browser) -> None:
    ask(ada)
    code = newest_code(database, NEW)
    assert [confirm(ada, code)[0] for _ in range(2)] == [200, 409]


def test_asking_too_often_has_to_wait(ada: Browser) -> None:
    assert [ask(ada) for _ in range(6)] == [202] * 5 + [429]


@pytest.mark.parametrize("path", ["/api/account/address", "/api/account/address/code", "/api/account/deletion"])
def test_another_site_changes_nothing(ada: Browser, path: str) -> None:
    answer = ada.post(path, json={"email": NEW, "code": "x"}, headers={"Origin": "https://evil.example"})
    assert (answer.status_code, answer.json()["code"]) == (403, "foreign_origin")


@pytest.mark.parametrize("path", ["/api/account/address", "/api/account/address/code", "/api/account/deletion"])
def test_signed_out_nothing_changes(app: Starlette, database: Database, path: str) -> None:
    assert Browser(app, email="").post(path, json={"email": NEW, "code": "x"}).status_code == 401
