"""What nobody needs any more is forgotten, and nothing that somebody still needs."""

from starlette.applications import Starlette

from api.store.database import Database
from api.usecases import cleaning
from tests.api.conftest import FakeClock
from tests.api.people import Browser
from tests.api.shop import GUEST, THURSDAY, Shop
from tests.api.test_apps import App


def clean(database: Database, clock: FakeClock) -> None:
    with database.transaction() as db:
        cleaning.clean(db, now=clock())


def count(database: Database, table: str) -> int:
    return int(database.reader.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608 (names of ours)


def test_what_is_in_use_stays(app: Starlette, database: Database, clock: FakeClock) -> None:
    ada = Browser(app, email="ada@example.com").sign_in(database)
    tokens = App(ada).tokens()
    ada.ask_code()
    clean(database, clock)
    assert count(database, "sign_in_codes") == 2
    assert ada.get("/api/account").status_code == 200
    assert App(ada).account(tokens["access_token"]).status_code == 200


def test_after_a_day_codes_counts_and_challenges_are_gone(app: Starlette, database: Database, clock: FakeClock) -> None:
    ada = Browser(app, email="ada@example.com").sign_in(database)
    ada.post("/api/sign-in/passkey/challenge")
    App(ada).tokens()
    clock.advance(days=1, hours=2)
    clean(database, clock)
    tables = ("sign_in_codes", "attempts", "challenges", "authorization_codes")
    assert {table: count(database, table) for table in tables} == dict.fromkeys(tables, 0)


def test_ended_sessions_are_known_for_ninety_days(app: Starlette, database: Database, clock: FakeClock) -> None:
    ada = Browser(app, email="ada@example.com").sign_in(database)
    ada.post("/api/sign-out")
    clock.advance(days=89)
    clean(database, clock)
    assert count(database, "sessions") == 1
    clock.advance(days=2)
    clean(database, clock)
    assert count(database, "sessions") == 0


def test_a_spent_refresh_token_stays_known_as_spent(app: Starlette, database: Database, clock: FakeClock) -> None:
    phone = App(Browser(app, email="ada@example.com").sign_in(database))
    first = phone.tokens()
    second = phone.refresh(first["refresh_token"]).json()
    clock.advance(days=30)
    clean(database, clock)
    phone.refresh(first["refresh_token"])
    assert phone.refresh(second["refresh_token"]).status_code == 400


def test_what_stripe_told_of_a_buyer_is_forgotten_after_thirty_days(shop: Shop, clock: FakeClock) -> None:
    shop.buy(shop.browser(), THURSDAY)
    told = shop.rows("SELECT id FROM events ORDER BY id")
    clock.advance(days=29)
    clean(shop.service.database, clock)
    assert GUEST in str(shop.rows("SELECT payload FROM events"))
    clock.advance(days=2)
    clean(shop.service.database, clock)
    assert GUEST not in str(shop.rows("SELECT payload FROM events"))
    assert shop.rows("SELECT id FROM events ORDER BY id") == told
