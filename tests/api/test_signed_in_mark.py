"""The mark that tells scripts of our pages, without a request, whether somebody is signed in: no secret, never wrong for long."""

from starlette.applications import Starlette

from api.store.database import Database
from tests.api.people import Browser, newest_code

MARK = "__Host-signed-in"


def test_signing_in_leaves_a_mark_that_scripts_can_read(app: Starlette, database: Database) -> None:
    ada = Browser(app, email="ada@example.com")
    ada.ask_code()
    entered = ada.enter(newest_code(database, ada.email))
    [cookie] = [line for line in entered.headers.get_list("Set-Cookie") if line.startswith(MARK)]
    assert "HttpOnly" not in cookie
    assert {"Path=/", "Secure", "SameSite=Lax"} <= set(cookie.split("; "))


def test_the_mark_is_the_accounts_and_opens_nothing(app: Starlette, database: Database) -> None:
    ada = Browser(app, email="ada@example.com").sign_in(database)
    again = Browser(app, email="ada@example.com", host="198.51.100.9").sign_in(database)
    bob = Browser(app, email="bob@example.com").sign_in(database)
    assert ada.cookies[MARK] == again.cookies[MARK] != bob.cookies[MARK]
    assert ada.account_id not in ada.cookies[MARK]
    del ada.cookies["__Host-session"]
    assert ada.get("/api/account").status_code == 401


def test_signing_out_takes_the_mark_away(app: Starlette, database: Database) -> None:
    ada = Browser(app, email="ada@example.com").sign_in(database)
    ada.post("/api/sign-out", json={})
    assert MARK not in ada.cookies


def test_asking_for_deletion_takes_the_mark_away(app: Starlette, database: Database) -> None:
    ada = Browser(app, email="ada@example.com").sign_in(database)
    ada.post("/api/account/deletion")
    assert MARK not in ada.cookies


def test_a_mark_that_outlived_its_session_goes_when_the_browser_asks(app: Starlette, database: Database) -> None:
    ada = Browser(app, email="ada@example.com").sign_in(database)
    other = Browser(app, email="ada@example.com", host="198.51.100.9").sign_in(database)
    other.delete("/api/sessions")
    assert ada.get("/api/sign-in").json()["signed_in"] is False
    assert MARK not in ada.cookies


def test_a_session_from_before_there_were_marks_gets_one(app: Starlette, database: Database) -> None:
    ada = Browser(app, email="ada@example.com").sign_in(database)
    mark = ada.cookies[MARK]
    del ada.cookies[MARK]
    ada.get("/api/sign-in")
    assert ada.cookies[MARK] == mark


def test_a_stranger_who_asks_gets_no_cookie(app: Starlette) -> None:
    assert "Set-Cookie" not in Browser(app, email="nobody@example.com").get("/api/sign-in").headers
