"""Deleting an account: two weeks to think it over, then nothing says who it was, also after a restored backup."""

import asyncio
import shutil
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from api.store import accounts
from api.store.database import Database
from api.usecases import deletion
from api.usecases import mails as sending
from tests.api.authenticator import Authenticator
from tests.api.conftest import FORM, ORIGIN, FakeClock
from tests.api.people import Browser, mails
from tests.api.shop import THURSDAY, Shop
from tests.api.test_passkeys import add

ADDRESS = "ada@example.com"


@pytest.fixture
def ada(app: Starlette, database: Database) -> Browser:
    return Browser(app, email=ADDRESS).sign_in(database)


def erase(app: Any, clock: FakeClock) -> int:
    service = app.state.service
    return asyncio.run(deletion.erase_due(service.database, service.erased, clock=clock))


def test_asking_signs_out_everywhere_and_tells(app: Starlette, database: Database, ada: Browser) -> None:
    other = Browser(app, email=ADDRESS).sign_in(database)
    answer = ada.post("/api/account/deletion")
    assert (answer.status_code, answer.json()) == (202, {"delete_after": "2026-01-19T06:00:00.000Z"})
    assert other.get("/api/account").status_code == 401
    assert "__Host-session" not in ada.cookies
    assert mails(database, ADDRESS)[-1] == "deletion_scheduled"


def test_the_form_says_where_it_went(ada: Browser) -> None:
    answer = ada.post("/api/account/deletion", content="", headers=FORM)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account/sign-in/#deletion_scheduled")


def test_it_needs_a_fresh_sign_in(ada: Browser, clock: FakeClock) -> None:
    clock.advance(minutes=10)
    assert ada.post("/api/account/deletion").json()["code"] == "stale_sign_in"
    assert ada.get("/api/account").json()["delete_after"] is None


def test_signing_in_calls_it_off(app: Starlette, database: Database, ada: Browser, clock: FakeClock) -> None:
    ada.post("/api/account/deletion")
    clock.advance(days=13, hours=23)
    ada.sign_in(database)
    assert "deletion_cancelled" in mails(database, ADDRESS)
    clock.advance(days=1)
    assert erase(app, clock) == 0
    assert ada.get("/api/account").json()["email"] == ADDRESS


def test_nothing_is_erased_before_its_time(app: Starlette, ada: Browser, clock: FakeClock) -> None:
    ada.post("/api/account/deletion")
    clock.advance(days=13, hours=23)
    assert erase(app, clock) == 0


def test_then_nothing_says_who_it_was(app: Any, database: Database, ada: Browser, clock: FakeClock) -> None:
    ada.patch("/api/account", json={"name": "Ada Lovelace"})
    add(ada, Authenticator(ORIGIN), "Adas laptop")
    buy(database, ada.account_id)
    sent(app, clock)
    ada.post("/api/account/deletion")
    clock.advance(days=14)
    assert [erase(app, clock), erase(app, clock)] == [1, 0]
    assert mails(database, ADDRESS) == ["account_erased"]
    sent(app, clock)
    dump = "\n".join(database.reader.iterdump())
    for trace in ("ada@example.com", "Lovelace", "laptop", "203.0.113", "Firefox"):
        assert trace.lower() not in dump.lower(), trace


def test_mails_and_orders_under_other_addresses_are_forgotten_too(shop: Shop, clock: FakeClock) -> None:
    shop.buy(shop.owner(), THURSDAY)
    shop.order(shop.browser(), THURSDAY, email="new@one.example")
    with shop.service.database.transaction() as db:
        [row] = db.execute("SELECT id FROM accounts").fetchall()
        accounts.change_email(db, row["id"], email="new@one.example", email_canonical="new@one.example")
        account = accounts.find(db, row["id"])
        assert account is not None
        deletion.erase(db, account, tell=False, now=clock())
    left = shop.rows("SELECT recipient, payload, '' FROM outbox UNION SELECT email, cart_key, state FROM orders")
    assert "one.example" not in str(left)


def test_orders_keep_what_tax_law_needs(app: Starlette, database: Database, ada: Browser, clock: FakeClock) -> None:
    id = ada.account_id
    buy(database, id)
    ada.post("/api/account/deletion")
    clock.advance(days=14)
    erase(app, clock)
    order = dict(database.reader.execute("SELECT * FROM orders").fetchone())
    assert (order["account_id"], order["total_cents"], order["invoice_data"]) == (id, 4900, '{"country": "DE"}')
    assert order["email"] is None


def test_the_address_is_free_for_a_new_account(
    app: Starlette, database: Database, ada: Browser, clock: FakeClock
) -> None:
    old = ada.account_id
    ada.post("/api/account/deletion")
    clock.advance(days=14)
    erase(app, clock)
    assert Browser(app, email=ADDRESS).sign_in(database).account_id != old


def test_a_passkey_of_an_erased_account_opens_nothing(app: Starlette, ada: Browser, clock: FakeClock) -> None:
    device = Authenticator(ORIGIN)
    add(ada, device)
    ada.post("/api/account/deletion")
    clock.advance(days=14)
    erase(app, clock)
    fresh = Browser(app, email="")
    options = fresh.post("/api/sign-in/passkey/challenge").json()["public_key"]
    assert fresh.post("/api/sign-in/passkey", json={"credential": device.get(options)}).status_code == 422


def test_a_restored_backup_is_erased_again(  # noqa: PLR0917 (fixtures)
    app: Starlette, settings: Settings, client: TestClient, database: Database, ada: Browser, clock: FakeClock,
    tmp_path: Path,
) -> None:  # fmt: skip
    database.reader.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copy(settings.shop, tmp_path / "backup.sqlite")
    ada.post("/api/account/deletion")
    clock.advance(days=14)
    erase(app, clock)
    client.__exit__(None, None, None)
    for file in settings.data.glob("shop.sqlite*"):
        file.unlink()
    shutil.copy(tmp_path / "backup.sqlite", settings.shop)
    restored = create_app(settings, clock=clock, workers=False)
    with TestClient(restored):
        found = restored.state.service.database.reader.execute("SELECT email, deleted_at FROM accounts").fetchone()
        assert found["email"] is None
        assert found["deleted_at"] is not None


def test_the_list_of_erased_accounts_names_nobody(
    app: Starlette, settings: Settings, ada: Browser, clock: FakeClock
) -> None:
    id = ada.account_id
    ada.post("/api/account/deletion")
    clock.advance(days=14)
    erase(app, clock)
    text = settings.erased.read_text()
    assert id in text
    assert "ada" not in text
    assert settings.erased.stat().st_mode & 0o077 == 0


def buy(database: Database, account_id: str) -> None:
    with database.transaction() as db:
        db.execute(
            "INSERT INTO orders (id, account_id, email, state, currency, total_cents, invoice_data, created_at, livemode)"
            " VALUES ('ord_1', ?, ?, 'paid', 'usd', 4900, '{\"country\": \"DE\"}', '2026-01-05T06:00:00.000Z', 0)",
            (account_id, ADDRESS),
        )


def sent(app: Any, clock: FakeClock) -> None:
    asyncio.run(sending.send_due(app.state.service.database, app.state.service.sender, clock=clock))
