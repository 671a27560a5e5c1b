"""Podcast apps get a user name and a password of their own, come in with it and with nothing else, and are ended one by one."""

import base64

import pytest
from starlette.applications import Starlette

from api.store import devices
from api.store.database import Database
from api.usecases import app_passwords
from tests.api.conftest import FORM, FakeClock
from tests.api.people import Browser, mails
from tests.api.podcast_apps import PodcastApp, made


@pytest.fixture
def ada(app: Starlette, database: Database) -> Browser:
    return Browser(app, email="ada@example.com").sign_in(database)


@pytest.fixture
def eve(app: Starlette, database: Database) -> Browser:
    return Browser(app, email="eve@example.com", host="198.51.100.9").sign_in(database)


@pytest.fixture
def phone(app: Starlette, ada: Browser) -> PodcastApp:
    return PodcastApp(app, made(ada))


def test_it_is_random_and_shown_once(ada: Browser, database: Database) -> None:
    one, other = made(ada), made(ada, "Kasts")
    assert one["user_name"].startswith("sync-") and len(one["password"].replace("-", "")) == 26
    assert one["user_name"] != other["user_name"] and one["password"] != other["password"]
    listed = ada.get("/api/app-passwords").json()["app_passwords"]
    assert {(each["name"], each["user_name"]) for each in listed} == {
        ("AntennaPod", one["user_name"]),
        ("Kasts", other["user_name"]),
    }
    assert one["password"] not in "\n".join(database.reader.iterdump())


def test_its_owner_is_told_by_mail(ada: Browser, database: Database) -> None:
    made(ada)
    assert mails(database, ada.email)[-1] == "new_device"


def test_a_form_without_script_shows_it(ada: Browser) -> None:
    answer = ada.post("/api/app-passwords/page", content="name=Kasts+at+home", headers=FORM)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (201, "no-store")
    assert "<h2>Kasts at home</h2>" in answer.text and "<code>sync-" in answer.text


def test_the_app_logs_in_and_is_known_by_its_cookie_alone(phone: PodcastApp) -> None:
    answer = phone.log_in()
    assert (answer.status_code, answer.content) == (200, b"")
    assert "sessionid=" in answer.headers["Set-Cookie"] and "HttpOnly" in answer.headers["Set-Cookie"]
    assert phone.log_in(headers={}).status_code == 200
    assert phone.log_out().status_code == 200
    phone.cookies.clear()
    assert phone.log_in(headers={}).status_code == 401


def test_a_cookie_is_over_after_logging_out_and_after_a_day(phone: PodcastApp, clock: FakeClock) -> None:
    for over in ("out", "day"):
        phone.log_in()
        old = {"Cookie": f"sessionid={phone.cookies['sessionid']}"}
        phone.log_out() if over == "out" else clock.advance(days=1)
        phone.cookies.clear()
        assert phone.log_in(headers=old).status_code == 401


def test_who_shows_nothing_is_asked_for_a_password(phone: PodcastApp) -> None:
    for _ in range(40):
        answer = phone.log_in(headers={})
        assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith('Basic realm="')


def test_a_name_is_known_as_a_phone_writes_it(phone: PodcastApp) -> None:
    typed = phone.basic(user_name=phone.user_name.title() + " ", password=phone.password.upper().replace("-", " "))
    assert phone.log_in(headers=typed, user=phone.user_name.upper()).status_code == 200


@pytest.mark.parametrize(
    "header",
    [
        *("Basic", "Basic !!!", "Basic c3luYw==", "Bearer x", "Bearer", "Digest x", "x", "Basic " + "A" * 4000),
        "Basic " + base64.b64encode("sync-é\0:\udcff".encode("utf-8", "surrogateescape")).decode(),
    ],
)
def test_garbage_is_nobody(phone: PodcastApp, header: str) -> None:
    answer = phone.log_in(headers={"Authorization": header})
    assert (answer.status_code, answer.json()["code"]) == (401, "signed_out")


def test_a_wrong_password_is_nobodys_and_the_header_counts_before_the_cookie(phone: PodcastApp) -> None:
    phone.log_in()
    for wrong in ("", phone.password[:-1], phone.password + "0"):
        assert phone.log_in(headers=phone.basic(password=wrong)).status_code == 401


def test_the_user_in_the_path_is_the_one_who_asks(app: Starlette, phone: PodcastApp, eve: Browser) -> None:
    other = PodcastApp(app, made(eve))
    answer = phone.log_in(user=other.user_name)
    assert (answer.status_code, answer.json()["code"]) == (400, "other_user")
    assert "sessionid" not in phone.cookies


def test_a_cookie_of_another_user_is_refused(app: Starlette, phone: PodcastApp, eve: Browser) -> None:
    other = PodcastApp(app, made(eve))
    phone.log_in()
    other.cookies.set("sessionid", phone.cookies["sessionid"])
    assert [other.log_in().status_code, other.log_out(headers=other.basic()).status_code] == [400, 400]
    assert phone.log_in(headers={}).status_code == 200


def test_ending_the_app_ends_password_and_cookie(ada: Browser, phone: PodcastApp) -> None:
    phone.log_in()
    [known] = ada.get("/api/devices").json()["devices"]
    assert (known["name"], known["scopes"]) == ("AntennaPod", ["sync"])
    ada.delete(f"/api/devices/{known['id']}")
    assert [phone.log_in(headers={}).status_code, phone.log_in().status_code] == [401, 401]
    assert ada.get("/api/app-passwords").json() == {"app_passwords": []}


def test_an_app_is_ended_by_its_owner_only(ada: Browser, eve: Browser, phone: PodcastApp) -> None:
    [known] = ada.get("/api/app-passwords").json()["app_passwords"]
    assert eve.delete(f"/api/app-passwords/{known['device_id']}").status_code == 404
    assert phone.log_in().status_code == 200
    assert ada.delete(f"/api/app-passwords/{known['device_id']}").status_code == 204
    assert phone.log_in().status_code == 401


def test_signing_out_everywhere_ends_podcast_apps(ada: Browser, phone: PodcastApp) -> None:
    ada.post("/api/sign-out", json={"everywhere": True})
    assert phone.log_in().status_code == 401


def test_it_opens_nothing_of_the_account(phone: PodcastApp) -> None:
    phone.log_in()
    for path in ("/api/account", "/api/v1/account", "/api/devices", "/api/library"):
        assert phone.get(path, headers=phone.basic()).status_code == 401


def test_desktop_gpodder_comes_in_by_its_secret_name_alone(app: Starlette, ada: Browser) -> None:
    secret = made(ada, "gPodder", kind="secret_name")
    assert secret["password"] is None
    desktop = PodcastApp(app, secret)
    assert desktop.log_in(headers={}).status_code == 200
    desktop.cookies.clear()
    assert desktop.log_in(headers=desktop.basic(password="whatever")).status_code == 200
    desktop.cookies.clear()
    assert desktop.log_in(headers={}, user=secret["user_name"][:-1] + "!").status_code == 401


def test_a_secret_name_is_kept_and_listed_nowhere(ada: Browser, database: Database) -> None:
    secret = made(ada, "gPodder", kind="secret_name")["user_name"]
    assert secret not in "\n".join(database.reader.iterdump())
    assert secret not in ada.get("/api/app-passwords").text + ada.get("/api/account/export").text


def test_a_secret_name_is_in_no_log(app: Starlette, ada: Browser, capsys: pytest.CaptureFixture[str]) -> None:
    desktop = PodcastApp(app, made(ada, "gPodder", kind="secret_name"))
    desktop.log_in(headers={})
    for path in (
        f"/subscriptions/{desktop.user_name}.opml",
        f"/api/2/nothing/{desktop.user_name}",
        f"/{desktop.user_name}",
    ):
        desktop.get(path)
    logged = capsys.readouterr().out
    assert "/api/2/auth/{user}/login.json" in logged
    assert desktop.user_name not in logged


def test_a_name_without_its_password_opens_nothing(phone: PodcastApp, database: Database) -> None:
    assert phone.log_in(headers={}).status_code == 401
    assert app_passwords.with_secret_name(database.reader, phone.user_name) is None


def test_guessing_slows_the_guesser_alone(app: Starlette, phone: PodcastApp, database: Database) -> None:
    wrong = [phone.log_in(headers=phone.basic(password="x")) for _ in range(32)]
    assert [answer.status_code for answer in wrong] == [401] * 30 + [429] * 2
    assert int(wrong[-1].headers["Retry-After"]) <= 601
    assert phone.log_in().status_code == 200
    before = database.reader.execute("SELECT sum(count) FROM attempts").fetchone()[0]
    phone.log_in(headers=phone.basic(password="x"))
    assert database.reader.execute("SELECT sum(count) FROM attempts").fetchone()[0] == before


def test_a_page_of_another_site_changes_nothing(phone: PodcastApp) -> None:
    for header in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
        answer = phone.log_in(headers={**phone.basic(), **header})
        assert (answer.status_code, answer.json()["code"]) == (403, "foreign_origin")


def test_when_it_was_last_here_is_seen(ada: Browser, phone: PodcastApp, clock: FakeClock) -> None:
    clock.advance(hours=5)
    phone.log_in()
    [known] = ada.get("/api/app-passwords").json()["app_passwords"]
    assert known["seen_at"] == "2026-01-05T11:00:00.000Z"


def test_there_is_an_end_to_making_them(ada: Browser, clock: FakeClock) -> None:
    for _ in range(3):
        for _ in range(20):
            last = ada.post("/api/app-passwords", json={"name": "x"})
        clock.advance(minutes=10)
    assert (last.status_code, last.json()["code"]) == (409, "conflict")
    assert len(ada.get("/api/app-passwords").json()["app_passwords"]) == 50


def test_an_erased_account_leaves_none(ada: Browser, phone: PodcastApp, database: Database) -> None:
    phone.log_in()
    account_id = ada.account_id
    with database.transaction() as db:
        devices.delete_all(db, account_id)
    assert database.reader.execute("SELECT count(*) FROM app_passwords").fetchone()[0] == 0
    assert phone.log_in().status_code == 401
