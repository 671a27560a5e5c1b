"""Sessions end: by idleness, by age, by their owner; and nobody else's can be seen or ended."""

import datetime as dt
from typing import Any

import pytest
from starlette.applications import Starlette

from api import times
from api.errors import AppError, Code
from api.store.database import Database
from tests.api.conftest import FakeClock
from tests.api.people import CHROME, Browser


@pytest.fixture
def ada(app: Starlette, database: Database) -> Browser:
    return Browser(app, email="ada@example.com").sign_in(database)


def sessions(browser: Browser) -> list[dict[str, object]]:
    found: list[dict[str, object]] = browser.get("/api/sessions").json()["sessions"]
    return found


def test_a_person_sees_who_is_signed_in(app: Starlette, database: Database, ada: Browser) -> None:
    Browser(app, email="ada@example.com", user_agent=CHROME, host="2001:db8:1:2::3").sign_in(database)
    assert {(each["name"], each["place"], each["this"]) for each in sessions(ada)} == {
        ("Firefox on Linux", "203.0.113.0/24", True),
        ("Chrome on Windows", "2001:db8:1::/48", False),
    }


def test_a_session_that_is_not_used_for_thirty_days_ends(ada: Browser, clock: FakeClock) -> None:
    clock.advance(days=29)
    assert ada.get("/api/account").status_code == 200
    clock.advance(days=29)
    assert ada.get("/api/account").status_code == 200
    clock.advance(days=30)
    assert ada.get("/api/account").status_code == 401


def test_no_session_lives_longer_than_half_a_year(ada: Browser, clock: FakeClock) -> None:
    for _ in range(8):
        clock.advance(days=20)
        assert ada.get("/api/account").status_code == 200
    clock.advance(days=20)
    assert ada.get("/api/account").status_code == 401


def test_a_session_in_use_ends_on_its_minute(ada: Browser, database: Database, clock: FakeClock) -> None:
    with database.transaction() as db:
        db.execute("UPDATE sessions SET expires_at = ?", (times.text(clock() + dt.timedelta(minutes=30)),))
    assert ada.get("/api/account").status_code == 200
    clock.advance(minutes=30)
    assert ada.get("/api/account").status_code == 401


def test_another_browser_can_be_signed_out(app: Starlette, database: Database, ada: Browser) -> None:
    other = Browser(app, email="ada@example.com", user_agent=CHROME).sign_in(database)
    [id] = [each["id"] for each in sessions(ada) if not each["this"]]
    assert [ada.delete(f"/api/sessions/{id}").status_code for _ in range(2)] == [204, 404]
    assert (other.get("/api/account").status_code, ada.get("/api/account").status_code) == (401, 200)


def test_all_other_browsers_can_be_signed_out(app: Starlette, database: Database, ada: Browser) -> None:
    others = [Browser(app, email="ada@example.com").sign_in(database) for _ in range(2)]
    assert ada.delete("/api/sessions").json() == {"ended": 2}
    assert ada.delete("/api/sessions").json() == {"ended": 0}
    assert [browser.get("/api/account").status_code for browser in (ada, *others)] == [200, 401, 401]


def test_a_strangers_session_does_not_exist(app: Starlette, database: Database, ada: Browser) -> None:
    eve = Browser(app, email="eve@example.com").sign_in(database)
    theirs = eve.delete(f"/api/sessions/{sessions(ada)[0]['id']}")
    nobodys = eve.delete("/api/sessions/ses_" + "0" * 26)
    assert theirs.status_code == nobodys.status_code == 404
    assert {**theirs.json(), "request_id": ""} == {**nobodys.json(), "request_id": ""}
    assert ada.get("/api/account").status_code == 200
    assert len(sessions(eve)) == 1


def test_a_session_cannot_be_opened_with_its_hash_or_id(app: Starlette, database: Database, ada: Browser) -> None:
    row = database.reader.execute("SELECT id, id_hash FROM sessions").fetchone()
    for guess in (row["id"], row["id_hash"], "", "x" * 5000):
        answer = Browser(app, email="").get("/api/account", headers={"Cookie": f"__Host-session={guess}"})
        assert answer.status_code == 401


def test_another_site_ends_no_session(ada: Browser) -> None:
    assert ada.delete("/api/sessions", headers={"Origin": "https://evil.example"}).status_code == 403


@pytest.mark.parametrize(("method", "path"), [("GET", "/api/sessions"), ("DELETE", "/api/sessions/ses_1")])
def test_signed_out_there_are_no_sessions(app: Starlette, database: Database, method: str, path: str) -> None:
    assert Browser(app, email="").request(method, path).status_code == 401


def test_the_list_is_kept_by_no_cache(ada: Browser) -> None:
    assert ada.get("/api/sessions").headers["Cache-Control"] == "no-store"


def test_a_full_disk_keeps_nobody_from_reading(
    app: Any, database: Database, ada: Browser, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(_function: Any) -> None:
        raise AppError(Code.STORAGE_FULL, "The disk is full.")

    clock.advance(days=1)
    monkeypatch.setattr(database, "write", full)
    assert ada.get("/api/account").status_code == 200
    assert ada.delete("/api/sessions").status_code == 507
