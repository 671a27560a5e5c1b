"""A person takes away everything that is known about them, and nothing of anybody else's."""

import csv
import io
import json
import zipfile

import pytest
from starlette.applications import Starlette

from api.store.database import Database
from tests.api.authenticator import Authenticator
from tests.api.conftest import ORIGIN, FakeClock
from tests.api.people import Browser
from tests.api.podcast_apps import FEED, PodcastApp, made
from tests.api.test_deletion import buy
from tests.api.test_passkeys import add


@pytest.fixture
def ada(app: Starlette, database: Database) -> Browser:
    return Browser(app, email="ada@example.com").sign_in(database)


def test_the_file_holds_everything(database: Database, ada: Browser) -> None:
    add(ada, Authenticator(ORIGIN), "Laptop")
    buy(database, ada.account_id)
    answer = ada.get("/api/account/export")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="account-2026-01-05.json"'
    assert answer.headers["Cache-Control"] == "no-store"
    taken = answer.json()
    assert taken["profile"][0]["email"] == "ada@example.com"
    assert taken["orders"][0]["total_cents"] == 4900
    assert [each["name"] for each in taken["passkeys"]] == ["Laptop"]
    assert taken["sessions"][0]["user_agent_label"] == "Firefox on Linux"
    assert {mail["kind"] for mail in taken["mails"]} == {"sign_in_code", "factor_changed"}
    assert {"account.made", "session.opened", "passkey.added"} <= {row["action"] for row in taken["audit"]}
    assert {"grants", "payments", "refunds", "order_lines", "devices"} <= set(taken)


def test_the_archive_holds_the_same_with_tables_and_podcasts(app: Starlette, database: Database, ada: Browser) -> None:
    buy(database, ada.account_id)
    phone = PodcastApp(app, made(ada, "=HYPERLINK(1)"))
    path = f"/api/2/subscriptions/{phone.user_name}/pocket.json"
    assert phone.post(path, json={"add": [FEED], "remove": []}, headers=phone.basic()).status_code == 200
    answer = ada.get("/api/account/export/archive")
    assert answer.headers["Content-Type"] == "application/zip" and answer.headers["Cache-Control"] == "no-store"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        taken, tables = (
            json.loads(archive.read("account.json")),
            {name: archive.read(name).decode() for name in archive.namelist()},
        )
    assert taken["orders"] == ada.get("/api/account/export").json()["orders"]
    [order] = csv.DictReader(io.StringIO(tables["orders.csv"]))
    assert (order["id"], order["total_cents"]) == (taken["orders"][0]["id"], "4900")
    assert "'=HYPERLINK(1)" in tables["devices.csv"]  # no spreadsheet reckons with it
    assert FEED in tables["podcasts.opml"]


def test_it_holds_no_secret_and_nobody_else(app: Starlette, database: Database, ada: Browser) -> None:
    eve = Browser(app, email="eve@example.com").sign_in(database)
    text = ada.get("/api/account/export").text
    assert "eve@example.com" not in text
    assert eve.account_id not in text
    for column in ("id_hash", "public_key", "code_hash"):
        assert column not in text
    for browser in (ada, eve):
        assert browser.cookies["__Host-session"] not in text


def test_it_needs_a_fresh_sign_in(app: Starlette, ada: Browser, clock: FakeClock) -> None:
    clock.advance(minutes=10)
    for path in ("/api/account/export", "/api/account/export/archive"):
        assert ada.get(path).json()["code"] == "stale_sign_in"
        assert Browser(app, email="").get(path).status_code == 401


def test_taking_it_twice_is_harmless(ada: Browser) -> None:
    assert [ada.get("/api/account/export").status_code for _ in range(2)] == [200, 200]


def test_a_link_without_script_is_told_on_its_page(app: Starlette, ada: Browser, clock: FakeClock) -> None:
    clock.advance(minutes=10)
    by_link = {"Accept": "text/html,application/xhtml+xml"}
    stale = ada.get("/api/account/export", headers=by_link)
    assert (stale.status_code, stale.headers["Location"]) == (303, "/account/export/#stale_sign_in")
    out = Browser(app, email="").get("/api/account/export", headers=by_link)
    assert out.headers["Location"] == "/account/export/#signed_out"
