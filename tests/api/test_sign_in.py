"""Signing in by mail: who asked in this browser and knows the code is in; nobody learns who has an account."""

import datetime as dt
import statistics
import time
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from api.store.database import Database
from api.usecases import secret_words
from tests.api.conftest import FORM, FakeClock
from tests.api.people import CHROME, Browser, mails, newest_code


def test_a_code_by_mail_signs_a_new_person_in(app: Starlette, database: Database) -> None:
    ada = Browser(app, email="Ada@Example.com")
    asked = ada.ask_code()
    assert (asked.status_code, asked.headers["Cache-Control"]) == (202, "no-store")
    entered = ada.enter(newest_code(database, "Ada@Example.com"))
    assert (entered.status_code, entered.json()["next"]) == (200, "/account/")
    assert ada.get("/api/account").json()["email"] == "Ada@Example.com"


def test_the_session_cookie_is_for_this_host_and_no_script(app: Starlette, database: Database) -> None:
    ada = Browser(app, email="ada@example.com")
    ada.ask_code()
    entered = ada.enter(newest_code(database, ada.email))
    [cookie] = [line for line in entered.headers.get_list("Set-Cookie") if line.startswith("__Host-session=")]
    assert {"Path=/", "Secure", "HttpOnly", "SameSite=Lax"} <= set(cookie.split("; "))
    assert "Domain" not in cookie
    assert len(ada.cookies["__Host-session"]) == 43  # 256 bits


def test_only_hashes_are_kept(app: Starlette, database: Database) -> None:
    ada = Browser(app, email="ada@example.com")
    ada.ask_code()
    code = newest_code(database, ada.email)
    ada.enter(code)
    row = database.reader.execute("SELECT * FROM sign_in_codes").fetchone()
    assert secret_words.typed(code) not in str(tuple(row))
    assert row["code_hash"] == secret_words.slow_hash(secret_words.typed(code), salt=row["salt"], pepper="pepper" * 8)
    session = database.reader.execute("SELECT * FROM sessions").fetchone()
    assert ada.cookies["__Host-session"] not in str(tuple(session))


def test_a_form_without_script_is_sent_from_page_to_page(app: Starlette, database: Database) -> None:
    ada = Browser(app, email="ada@example.com")
    asked = ada.post("/api/sign-in", content="email=ada%40example.com", headers=FORM)
    assert (asked.status_code, asked.headers["Location"]) == (303, "/account/code/")
    wrong = ada.post("/api/sign-in/code", content="code=00000000", headers=FORM)
    assert (wrong.status_code, wrong.headers["Location"]) == (303, "/account/code/#wrong_code")
    right = ada.post("/api/sign-in/code", content=f"code={newest_code(database, ada.email)}", headers=FORM)
    assert (right.status_code, right.headers["Location"]) == (303, "/account/")


def test_known_and_unknown_addresses_are_answered_alike(app: Starlette, database: Database) -> None:
    Browser(app, email="ada@example.com").sign_in(database)
    answers = [Browser(app, email=email).ask_code() for email in ("ada@example.com", "nobody@example.com")]
    assert answers[0].json() == answers[1].json()
    assert answers[0].status_code == answers[1].status_code
    names = [{name for name in answer.headers if name != "x-request-id"} for answer in answers]
    assert names[0] == names[1]


def test_known_and_unknown_addresses_take_the_same_time(app: Starlette, database: Database, clock: FakeClock) -> None:
    Browser(app, email="ada@example.com").sign_in(database)
    took: dict[str, list[float]] = {"ada@example.com": [], "nobody@example.com": []}
    for _ in range(7):
        clock.advance(minutes=20)
        for email, times in took.items():
            began = time.perf_counter()
            Browser(app, email=email).ask_code()
            times.append(time.perf_counter() - began)
    known, unknown = (statistics.median(times) for times in took.values())
    assert 0.5 < known / unknown < 2


def test_a_code_is_good_once(app: Starlette, database: Database) -> None:
    ada = Browser(app, email="ada@example.com")
    ada.ask_code()
    code, asking = newest_code(database, ada.email), ada.cookies["__Host-asking"]
    ada.enter(code)
    other = Browser(app, email=ada.email)
    other.cookies.set("__Host-asking", asking, domain="localhost.local")
    again = other.post("/api/sign-in/code", json={"code": code}, headers={"Cookie": f"__Host-asking={asking}"})
    assert (again.status_code, again.json()["code"]) == (410, "gone")


def test_a_code_is_good_in_the_browser_that_asked_only(app: Starlette, database: Database) -> None:
    Browser(app, email="ada@example.com").ask_code()
    thief = Browser(app, email="ada@example.com")
    stolen = thief.enter(newest_code(database, thief.email))
    assert (stolen.status_code, stolen.json()["code"]) == (409, "other_browser")
    thief.email = "thief@example.com"
    thief.ask_code()
    assert thief.enter(newest_code(database, "ada@example.com")).json()["code"] == "wrong_code"


def test_a_code_ends_after_ten_minutes(app: Starlette, database: Database, clock: FakeClock) -> None:
    ada = Browser(app, email="ada@example.com")
    ada.ask_code()
    clock.advance(minutes=10)
    assert ada.enter(newest_code(database, ada.email)).json()["code"] == "gone"


def test_a_code_can_be_mistyped_four_times(app: Starlette, database: Database) -> None:
    ada = Browser(app, email="ada@example.com")
    ada.ask_code()
    for _ in range(4):
        assert ada.enter("00000000").json()["code"] == "wrong_code"
    assert ada.enter(newest_code(database, ada.email)).status_code == 200


def test_a_code_dies_of_the_fifth_mistake(app: Starlette, database: Database) -> None:
    ada = Browser(app, email="ada@example.com")
    ada.ask_code()
    for _ in range(5):
        ada.enter("00000000")
    assert ada.enter(newest_code(database, ada.email)).json()["code"] == "gone"


def test_only_the_newest_code_counts(app: Starlette, database: Database) -> None:
    ada = Browser(app, email="ada@example.com")
    ada.ask_code()
    first = newest_code(database, ada.email)
    ada.ask_code()
    assert ada.enter(first).json()["code"] == "wrong_code"


def test_a_code_may_be_typed_as_people_do(app: Starlette, database: Database) -> None:
    ada = Browser(app, email="ada@example.com")
    ada.ask_code()
    code = newest_code(database, ada.email).lower().replace("0", "o").replace("1", "l").replace("-", " ")
    assert ada.enter(f" {code} ").status_code == 200


def test_codes_have_forty_bits_of_chance() -> None:
    codes = {secret_words.new_code() for _ in range(2000)}
    assert len(codes) == 2000
    assert {len(code) for code in codes} == {8}
    assert len(set(secret_words.ALPHABET)) == 32
    assert set("".join(codes)) == set(secret_words.ALPHABET)


def test_opening_the_mails_link_uses_nothing_up(app: Starlette, database: Database) -> None:
    ada = Browser(app, email="ada@example.com")
    ada.ask_code()
    assert ada.get("/api/sign-in/code").status_code == 405
    assert ada.get("/api/sign-in").json() == {"signed_in": False, "code_asked": True}
    assert Browser(app, email=ada.email).get("/api/sign-in").json()["code_asked"] is False
    assert ada.enter(newest_code(database, ada.email)).status_code == 200
    assert ada.get("/api/sign-in").json() == {"signed_in": True, "code_asked": False}


def test_signing_in_again_ends_the_session_before(app: Starlette, database: Database) -> None:
    ada = Browser(app, email="ada@example.com").sign_in(database)
    old = ada.cookies["__Host-session"]
    ada.sign_in(database)
    assert ada.cookies["__Host-session"] != old
    thief = Browser(app, email="")
    assert thief.get("/api/account", headers={"Cookie": f"__Host-session={old}"}).status_code == 401


def test_a_guests_purchase_opens_to_a_code_to_its_address(app: Starlette, database: Database, clock: FakeClock) -> None:
    with database.transaction() as db:
        db.execute(
            "INSERT INTO accounts (id, email, email_canonical, created_at) VALUES (?, ?, ?, ?)",
            ("acc_guest", "Guest@example.com", "guest@example.com", "2026-01-01T00:00:00.000Z"),
        )
    guest = Browser(app, email="guest@example.com").sign_in(database)
    assert guest.account_id == "acc_guest"
    row = database.reader.execute("SELECT confirmed_at FROM accounts").fetchone()
    assert dt.datetime.fromisoformat(row["confirmed_at"]) == clock()


def test_a_new_device_is_told_and_a_known_one_is_not(app: Starlette, database: Database) -> None:
    Browser(app, email="ada@example.com").sign_in(database)
    Browser(app, email="ada@example.com").sign_in(database)
    assert "new_device" not in mails(database, "ada@example.com")
    Browser(app, email="ada@example.com", user_agent=CHROME).sign_in(database)
    Browser(app, email="ada@example.com", host="198.51.100.9").sign_in(database)
    assert mails(database, "ada@example.com").count("new_device") == 2


@pytest.mark.parametrize(
    "email",
    ["", "ada", "ada@", "@example.com", "ada@localhost", "a b@example.com", "ada@example.com\nBcc: x@example.com",
     "a" * 65 + "@example.com", "ada@" + "a" * 250 + ".com", "ada@ex_ample.com", "a\u202eda@example.com", ".a@example.com",
     "=?utf-8?b??=@example.com", "=?utf-8?q?eve=40evil.example?=@example.com"],
)  # fmt: skip
def test_what_no_mail_can_reach_is_refused(app: Starlette, database: Database, email: str) -> None:
    answer = Browser(app, email=email).ask_code()
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert list(answer.json()["fields"]) == ["email"]
    assert mails(database, email) == []


@pytest.mark.parametrize(
    ("own", "lookalike"),
    [("fiona@example.com", "ﬁona@example.com"), ("strasse@example.com", "straße@example.com")],
)
def test_a_code_to_an_address_that_looks_alike_opens_another_account(
    app: Starlette, database: Database, own: str, lookalike: str
) -> None:
    ada = Browser(app, email=own).sign_in(database)
    eve = Browser(app, email=lookalike, host="198.51.100.9").sign_in(database)
    assert eve.account_id != ada.account_id


def test_a_code_goes_to_the_domain_whose_account_it_opens(app: Starlette, database: Database) -> None:
    """`straße.example` is `strasse.example` to us, and to some who deliver mail another's domain."""
    Browser(app, email="ada@straße.example").ask_code()
    assert mails(database, "ada@strasse.example") == ["sign_in_code"]


def test_an_address_as_long_as_a_body_is_refused_at_once(app: Starlette, client: TestClient) -> None:
    began = time.perf_counter()
    answer = Browser(app, email="a" + "\u0301" * 15_000 + "\u0327" * 15_000 + "@example.com").ask_code()
    assert answer.status_code == 422
    assert time.perf_counter() - began < 2


@pytest.mark.parametrize("body", ["", "{", "[]", "null", '{"email": 5}', '{"email": null}', "email", "%ff=%ff"])
@pytest.mark.parametrize("path", ["/api/sign-in", "/api/sign-in/code"])
def test_a_body_without_sense_is_a_problem(app: Starlette, client: TestClient, path: str, body: str) -> None:
    answer = Browser(app, email="").post(path, content=body, headers={"Accept": "application/json"})
    assert answer.status_code in (400, 422)
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/api/sign-in", "/api/sign-in/code", "/api/sign-out"])
@pytest.mark.parametrize(
    "headers",
    [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Origin": ""}, {"Sec-Fetch-Site": "cross-site"},
     {"Sec-Fetch-Site": "same-site"}, {"Sec-Fetch-Site": "none"}],
)  # fmt: skip
def test_another_site_signs_nobody_in_or_out(
    app: Starlette, database: Database, path: str, headers: dict[str, str]
) -> None:
    ada = Browser(app, email="ada@example.com").sign_in(database)
    answer = ada.post(path, json={"email": "ada@example.com", "code": "00000000"}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "foreign_origin")
    assert ada.get("/api/account").status_code == 200


def test_asking_too_often_from_one_place_has_to_wait(app: Starlette, database: Database, clock: FakeClock) -> None:
    ada = Browser(app, email="ada@example.com")
    answers = [ada.ask_code() for _ in range(6)]
    assert [answer.status_code for answer in answers] == [202] * 5 + [429]
    wait = int(answers[-1].headers["Retry-After"])
    assert 0 < wait <= 601
    clock.advance(seconds=wait)
    assert ada.ask_code().status_code == 202


def test_one_place_cannot_ask_for_everybody(app: Starlette, database: Database) -> None:
    answers = [Browser(app, email=f"person{n}@example.com").ask_code().status_code for n in range(31)]
    assert answers == [202] * 30 + [429]


def test_strangers_slow_the_owner_down_and_never_lock_them_out(app: Starlette, database: Database) -> None:
    for n in range(40):
        Browser(app, email="ada@example.com", host=f"198.51.{n}.1").ask_code()
    ada = Browser(app, email="ada@example.com")
    assert ada.ask_code().status_code == 202
    row = database.reader.execute("SELECT * FROM outbox ORDER BY rowid DESC LIMIT 1").fetchone()
    waits = dt.datetime.fromisoformat(row["next_try_at"]) - dt.datetime.fromisoformat(row["created_at"])
    assert waits == dt.timedelta(seconds=60)
    assert ada.enter(newest_code(database, ada.email)).status_code == 200


def test_guessing_from_one_place_has_to_wait(app: Starlette, database: Database) -> None:
    statuses = []
    for n in range(7):
        guesser = Browser(app, email=f"person{n}@example.com")
        guesser.ask_code()
        statuses += [guesser.enter("00000000").status_code for _ in range(5)]
    assert statuses.count(429) == 5
    assert Browser(app, email="x@example.com", host="198.51.100.9").enter("00000000").status_code == 409


def test_limits_keep_no_address_in_the_clear(app: Starlette, database: Database) -> None:
    Browser(app, email="ada@example.com").ask_code()
    rows: list[Any] = [tuple(row) for row in database.reader.execute("SELECT * FROM attempts")]
    assert rows
    assert "ada" not in str(rows)
    assert "203.0.113" not in str(rows)


def test_signing_out_ends_the_session_on_the_server(app: Starlette, database: Database) -> None:
    ada = Browser(app, email="ada@example.com").sign_in(database)
    token = ada.cookies["__Host-session"]
    left = ada.post("/api/sign-out", content="everywhere=false", headers=FORM)
    assert (left.status_code, left.headers["Location"]) == (303, "/account/sign-in/#signed_out")
    assert "__Host-session" not in ada.cookies
    thief = Browser(app, email="")
    assert thief.get("/api/account", headers={"Cookie": f"__Host-session={token}"}).status_code == 401


def test_signing_out_twice_is_signed_out(app: Starlette, database: Database) -> None:
    ada = Browser(app, email="ada@example.com").sign_in(database)
    assert [ada.post("/api/sign-out").status_code for _ in range(2)] == [204, 204]


def test_signing_out_everywhere_ends_every_browser(app: Starlette, database: Database) -> None:
    here, there = (Browser(app, email="ada@example.com").sign_in(database) for _ in range(2))
    assert here.post("/api/sign-out", content="everywhere=true", headers=FORM).status_code == 303
    assert there.get("/api/account").status_code == 401
