"""Our books against Stripe's, hourly and daily: what did not reach us is found, and repaired by the handlers that events use."""

import datetime as dt
from typing import Any

import pytest
from msgspec.structs import replace

from api import times
from api.gateways import stripe as gateway_module
from api.gateways.stripe import StripeGateway
from api.store import orders
from api.usecases import reconciliation
from api.usecases.reconciliation import Report
from tests.api.shop import EVERYTHING, GUEST, OWNER, THURSDAY, WATER, Shop

DAY = dt.timedelta(days=1)


def hourly(shop: Shop) -> Report:
    report: Report = shop.run(lambda: reconciliation.hourly(shop.service))
    shop.work()
    return report


def daily(shop: Shop, since: dt.datetime | None = None) -> Report:
    report: Report = shop.run(lambda: reconciliation.daily(shop.service, since=since))
    shop.work()
    return report


BOUGHT = ("grants", "payments", "order_lines", "orders", "outbox", "events", "customers", "accounts", "audit")


def forget(shop: Shop, *tables: str) -> None:
    """As a restored backup does."""
    with shop.service.database.transaction() as db:
        db.execute("PRAGMA defer_foreign_keys = ON")
        for table in tables:
            db.execute(f"DELETE FROM {table}")  # noqa: S608


class TestHourly:
    def test_a_payment_nobody_told_us_of_is_found(self, shop: Shop) -> None:
        order_id = shop.order(shop.owner(), THURSDAY).json()["id"]
        shop.pay(order_id)
        shop.clock.advance(minutes=11)
        assert hourly(shop).moved == [f"{order_id}: pending -> paid"]
        assert (shop.opened(OWNER), shop.mailed()) == ([THURSDAY], ["receipt"])

    def test_an_order_of_just_now_is_left_in_peace(self, shop: Shop) -> None:
        shop.pay(shop.order(shop.owner(), THURSDAY).json()["id"])
        shop.clock.advance(minutes=9)
        assert hourly(shop).looked_at == 0

    def test_a_session_made_just_before_we_died_is_found(self, shop: Shop) -> None:
        order_id = shop.order(shop.owner(), THURSDAY).json()["id"]
        shop.pay(order_id)
        with shop.service.database.transaction() as db:
            db.execute("UPDATE orders SET stripe_session = NULL")
        shop.clock.advance(minutes=11)
        hourly(shop)
        assert (shop.state(order_id), shop.opened(OWNER)) == ("paid", [THURSDAY])

    def test_an_order_that_never_reached_stripe_ends(self, shop: Shop) -> None:
        shop.stripe.set("faults", [{"path": "/v1/checkout/sessions", "status": 500}])
        shop.order(shop.owner(), THURSDAY)
        shop.clock.advance(minutes=11)
        assert hourly(shop).moved == []
        shop.clock.advance(hours=4)
        hourly(shop)
        assert shop.rows("SELECT state FROM orders") == [("expired",)]

    def test_events_that_could_not_be_delivered_are_fetched_once(self, shop: Shop) -> None:
        shop.at_stripe.v1.webhook_endpoints.create({"url": "http://127.0.0.1:9/nobody", "enabled_events": ["*"]})
        shop.pay(shop.order(shop.owner(), THURSDAY).json()["id"])
        fetched = hourly(shop).events_fetched
        assert (fetched > 0, shop.opened(OWNER)) == (True, [THURSDAY])
        assert hourly(shop).events_fetched == 0

    def test_one_order_that_cannot_be_read_keeps_no_other_from_being_found(self, shop: Shop) -> None:
        first = shop.order(shop.owner(), THURSDAY).json()["id"]
        second = shop.order(shop.stranger(), WATER).json()["id"]
        shop.pay(second)
        path = f"/v1/checkout/sessions/{shop.session(first)}"
        shop.stripe.set("faults", [{"method": "GET", "path": path, "status": 500}])
        shop.clock.advance(minutes=11)
        report = hourly(shop)
        assert [line.split(":")[0] for line in report.unreachable] == [first]
        assert shop.state(second) == "paid"

    def test_twice_changes_nothing_more(self, shop: Shop) -> None:
        shop.pay(shop.order(shop.owner(), THURSDAY).json()["id"])
        shop.clock.advance(minutes=11)
        hourly(shop)
        assert hourly(shop).moved == []
        assert shop.rows("SELECT COUNT(*) FROM grants") == [(1,)]


class TestDaily:
    def test_a_lost_order_is_made_anew_with_account_and_grants(self, shop: Shop) -> None:
        order_id = shop.buy(shop.owner(), THURSDAY, WATER)
        forget(shop, "sessions", *BOUGHT)
        shop.clock.advance(days=1)
        assert daily(shop).moved == [f"{order_id}: unknown here -> paid"]
        assert shop.opened(OWNER) == sorted([THURSDAY, WATER])
        assert shop.rows("SELECT total_cents FROM orders") == [(7800,)]

    def test_a_lost_bundle_of_a_guest_too(self, shop: Shop) -> None:
        shop.buy(shop.browser(), EVERYTHING, email=GUEST)
        before = sorted(shop.rows("SELECT product_id FROM grants"))
        forget(shop, *BOUGHT)
        daily(shop)
        assert sorted(shop.rows("SELECT product_id FROM grants")) == before
        assert shop.account(GUEST) is not None

    def test_a_lost_refund_is_found(self, shop: Shop) -> None:
        order_id = shop.buy(shop.owner(), THURSDAY)
        intent = shop.rows("SELECT stripe_payment_intent FROM orders")[0][0]
        shop.run(lambda: shop.operator.create_refund(intent, amount_cents=4900, idempotency_key="x"))
        assert daily(shop).moved == [f"{order_id}: paid -> refunded"]
        assert shop.opened(OWNER) == []

    def test_a_restored_database_reaches_back_as_far_as_it_is_told(self, shop: Shop) -> None:
        start = shop.clock()
        shop.buy(shop.owner(), THURSDAY)
        forget(shop, "grants", "payments", "order_lines", "orders", "outbox", "events", "audit")
        shop.clock.advance(days=10)
        assert daily(shop).moved == []
        assert len(daily(shop, since=start).moved) == 1

    def test_books_that_agree_say_so(self, shop: Shop) -> None:
        shop.buy(shop.owner(), THURSDAY)
        shop.buy(shop.stranger(), THURSDAY, currency="eur")
        shop.clock.advance(days=1)
        report = daily(shop)
        assert (report.moved, report.differences) == ([], [])
        assert {name: (sums.payments_booked, sums.payments_ours) for name, sums in report.sums.items()} == {
            "usd": (4900, 4900),
            "eur": (4500, 4500),
        }

    def test_books_that_differ_call_somebody(self, shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
        shop.buy(shop.owner(), THURSDAY)
        with shop.service.database.transaction() as db:
            db.execute("UPDATE payments SET amount_cents = 4800")
        shop.clock.advance(days=1)
        report = daily(shop)
        assert "usd: payments of $49 booked, $48 in our books" in report.differences
        assert "books_differ" in capsys.readouterr().out

    def test_a_payment_the_provider_does_not_know_calls_somebody(self, shop: Shop) -> None:
        shop.buy(shop.owner(), THURSDAY)
        with shop.service.database.transaction() as db:
            db.execute("UPDATE payments SET stripe_id = 'pi_invented'")
        shop.clock.advance(days=1)
        assert any("pi_invented" in difference for difference in daily(shop).differences)

    def test_refunds_are_summed_too(self, shop: Shop) -> None:
        shop.buy(shop.owner(), THURSDAY)
        intent = shop.rows("SELECT stripe_payment_intent FROM orders")[0][0]
        shop.run(lambda: shop.operator.create_refund(intent, amount_cents=1000, idempotency_key="x"))
        shop.tell()
        shop.clock.advance(days=1)
        report = daily(shop)
        assert (report.differences, report.sums["usd"].refunds_ours) == ([], 1000)

    def test_the_same_thing_bought_twice_is_flagged(self, shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
        first = shop.buy(shop.browser(), THURSDAY, email=GUEST)
        shop.clock.advance(hours=1)
        second = shop.buy(shop.browser(), THURSDAY, email=GUEST)
        shop.buy(shop.browser(), WATER, email=GUEST)
        account = shop.account(GUEST)
        assert account and daily(shop).bought_twice == [[account.id, THURSDAY, first, second]]
        assert "bought_twice" in capsys.readouterr().out

    def test_what_was_refunded_in_between_is_not_bought_twice(self, shop: Shop) -> None:
        shop.buy(shop.owner(), THURSDAY)
        intent = shop.rows("SELECT stripe_payment_intent FROM orders")[0][0]
        shop.run(lambda: shop.operator.create_refund(intent, amount_cents=4900, idempotency_key="x"))
        shop.tell()
        shop.buy(shop.owner(), THURSDAY)
        assert daily(shop).bought_twice == []

    def test_each_purchase_is_flagged_beside_the_one_before_it(self, shop: Shop) -> None:
        bought = []
        for _ in range(3):
            bought.append(shop.buy(shop.browser(), THURSDAY, email=GUEST))
            shop.clock.advance(hours=1)
        flagged = [(earlier, later) for _, _, earlier, later in daily(shop).bought_twice]
        assert flagged == [(bought[0], bought[1]), (bought[1], bought[2])]


class TestThousands:
    """A launch day is compared as quickly as it must be: nothing is asked or read again for each purchase."""

    @pytest.mark.parametrize("invoices", [True, False], ids=["invoiced", "no-invoices"])
    def test_what_agrees_is_asked_for_by_the_page_and_never_one_by_one(
        self, shop: Shop, monkeypatch: pytest.MonkeyPatch, invoices: bool
    ) -> None:
        settings = replace(shop.service.settings, checkout_invoices=invoices)
        shop.service = shop.app.state.service = replace(shop.service, settings=settings)
        for email in (GUEST, OWNER):
            shop.buy(shop.browser(), THURSDAY, email=email)
        intent = shop.rows("SELECT stripe_payment_intent FROM orders")[0][0]
        shop.run(lambda: shop.operator.create_refund(intent, amount_cents=4900, idempotency_key="x"))
        shop.tell()
        calls = counted(shop, monkeypatch)
        daily(shop)
        assert len(calls) == 3  # sessions, refunds, bookings

    def test_pages_follow_one_another_to_the_end(self, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(gateway_module, "PAGE_ITEMS", 2)
        ids = [shop.buy(shop.browser(), THURSDAY, email=f"guest{number}@many.example") for number in range(5)]
        calls = counted(shop, monkeypatch)
        report = daily(shop)
        assert (report.looked_at, report.differences, len(calls)) == (len(ids), [], 3 + 1 + 3)

    def test_lost_sessions_are_looked_for_in_one_walk(self, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
        for email in (GUEST, OWNER):
            shop.pay(shop.order(shop.browser(), THURSDAY, email=email).json()["id"], email=email)
        with shop.service.database.transaction() as db:
            db.execute("UPDATE orders SET stripe_session = NULL")
        shop.clock.advance(minutes=11)
        calls = counted(shop, monkeypatch)
        assert len(hourly(shop).moved) == 2
        assert len(calls) == 1 + 2 + 1  # one list, two orders read, events

    def test_a_walk_that_fails_closes_no_order(self, shop: Shop) -> None:
        order_id = shop.order(shop.owner(), THURSDAY).json()["id"]
        with shop.service.database.transaction() as db:
            db.execute("UPDATE orders SET stripe_session = NULL")
        shop.clock.advance(hours=4)
        shop.stripe.set("faults", [{"method": "GET", "path": "/v1/checkout/sessions", "status": 500}])
        assert [line.split(":")[0] for line in hourly(shop).unreachable] == ["orders without a session"]
        assert shop.state(order_id) == "pending"

    def test_twice_the_purchases_are_twice_the_work(self, shop: Shop) -> None:
        """To find what was bought twice; counted in steps of the database."""
        db, steps = shop.service.database.reader, []
        db.set_progress_handler(lambda: steps.append(1), 100)
        for first in (0, 500):
            add_paid_orders(shop, first=first, count=500)
            steps.append(0)
            orders.bought_twice(db, paid_after=shop.clock() - DAY, within=DAY)
        once, twice = (len(run) for run in "".join(map(str, steps)).split("0")[1:])
        assert once < twice < 3 * once


def counted(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Grows by one with every call to Stripe from now on."""
    calls: list[str] = []
    asked = StripeGateway._ask

    async def ask(self: StripeGateway, said: str, *args: Any, **more: Any) -> Any:
        calls.append(said)
        return await asked(self, said, *args, **more)

    monkeypatch.setattr(StripeGateway, "_ask", ask)
    return calls


def add_paid_orders(shop: Shop, *, first: int, count: int) -> None:
    numbers = [(f"{number:04}", times.text(shop.clock())) for number in range(first, first + count)]
    with shop.service.database.transaction() as db:
        db.executemany(
            "INSERT INTO accounts (id, email, email_canonical, created_at) VALUES ('acc_' || ?1, ?1, ?1, ?2)", numbers
        )
        db.executemany(
            "INSERT INTO orders (id, account_id, state, currency, total_cents, created_at, paid_at, livemode)"
            " VALUES ('ord_' || ?1, 'acc_' || ?1, 'paid', 'usd', 1, ?2, ?2, 0)",
            numbers,
        )
        db.executemany(
            "INSERT INTO order_lines (id, order_id, product_id, kind, title, contents, price_cents)"
            " VALUES ('lin_' || ?1, 'ord_' || ?1, 'crs', 'course', '', '[]', 1)",
            [(number,) for number, _ in numbers],
        )


def test_the_clock_says_when(shop: Shop) -> None:
    """Hourly and daily, once each, however often it is looked at."""
    for _ in range(3):
        shop.run(lambda: reconciliation.when_due(shop.service))
    assert sorted(shop.rows("SELECT kind FROM reconciliations")) == [("daily",), ("hourly",)]
    shop.clock.advance(hours=1)
    shop.run(lambda: reconciliation.when_due(shop.service))
    assert sorted(shop.rows("SELECT kind FROM reconciliations")) == [("daily",), ("hourly",), ("hourly",)]
