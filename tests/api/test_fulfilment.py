"""From a payment to what it opens: once, whole, and for the right person, whatever comes in which order."""

import json
from typing import Any

import pytest

from api.sandbox.amounts import TAX_PERCENT
from api.store import accounts
from tests.api.shop import ANNOUNCED, EVERYTHING, FREE, GUEST, OWNER, STRANGER, THURSDAY, WATER, Shop
from tests.api.test_orders_begin import promotion_code


def test_a_paid_order_has_its_sums_its_payment_and_its_grant(shop: Shop) -> None:
    order_id = shop.buy(shop.owner(), THURSDAY)
    assert shop.rows("SELECT state, total_cents, tax_cents, discount_cents FROM orders") == [("paid", 4900, 0, 0)]
    assert shop.rows("SELECT order_id, amount_cents, currency, state FROM payments") == [
        (order_id, 4900, "usd", "succeeded")
    ]
    assert shop.rows("SELECT product_id, source, revoked_at FROM grants") == [(THURSDAY, "purchase", None)]


def test_every_change_left_a_row_in_the_audit(shop: Shop) -> None:
    order_id = shop.buy(shop.owner(), THURSDAY)
    actions = shop.rows("SELECT action, actor FROM audit WHERE subject = ? ORDER BY number", order_id)
    account = shop.account()
    assert account and actions == [("order.begun", account.id), ("order.paid", "stripe")]
    assert shop.rows("SELECT COUNT(*) FROM audit WHERE action = 'grant.made'") == [(1,)]


def test_a_discount_is_kept_line_by_line_to_the_cent(shop: Shop) -> None:
    promotion_code(shop, "THIRD", 33)
    shop.buy(shop.owner(), THURSDAY, WATER, code="THIRD")
    total, discount = shop.rows("SELECT total_cents, discount_cents FROM orders")[0]
    lines = shop.rows("SELECT price_cents, discount_cents FROM order_lines")
    assert (sum(price for price, _ in lines), sum(off for _, off in lines)) == (7800, discount)
    assert total == 7800 - discount == shop.rows("SELECT amount_cents FROM payments")[0][0]


def test_a_discount_of_everything_is_paid_without_a_payment(shop: Shop) -> None:
    promotion_code(shop, "GIFT", 100)
    order_id = shop.buy(shop.owner(), THURSDAY, code="GIFT")
    assert (shop.state(order_id), shop.opened(OWNER)) == ("paid", [THURSDAY])
    assert shop.rows("SELECT id FROM payments") == []


@pytest.mark.parametrize("mode", ["stripe_tax", "managed"])
def test_tax_is_in_the_price_and_kept(shop: Shop, mode: str) -> None:
    file = shop.service.settings.catalog
    file.write_text(json.dumps({**json.loads(file.read_text()), "tax": mode}))
    order_id = shop.order(shop.owner(), THURSDAY).json()["id"]
    shop.stripe.act(shop.session(order_id), "pay", country="DE")
    shop.tell()
    expected = round(4900 * int(TAX_PERCENT["DE"]) / (100 + int(TAX_PERCENT["DE"])))
    assert shop.rows("SELECT tax_mode, total_cents, tax_cents FROM orders") == [(mode, 4900, expected)]


def test_a_bundle_writes_a_grant_for_itself_and_each_of_its_courses(shop: Shop) -> None:
    shop.buy(shop.owner(), EVERYTHING)
    written = shop.rows("SELECT product_id, source FROM grants")
    assert sorted(written) == sorted(
        [(EVERYTHING, "purchase"), *((course, "bundle") for course in (FREE, THURSDAY, ANNOUNCED, WATER))]
    )


class TestWhoseItIs:
    def test_the_signed_in_buyer_owns_it_whatever_address_the_wallet_reports(self, shop: Shop) -> None:
        shop.order(shop.owner(), WATER)
        account = shop.account()
        assert account and account.stripe_customer
        shop.at_stripe.v1.customers.update(account.stripe_customer, {"email": "wallet@elsewhere.example"})
        order_id = shop.buy(shop.owner(), THURSDAY)
        assert shop.rows("SELECT email FROM orders WHERE id = ?", order_id) == [("wallet@elsewhere.example",)]
        assert shop.opened(OWNER) == [THURSDAY]
        assert shop.account("wallet@elsewhere.example") is None

    def test_what_is_paid_after_an_account_was_erased_waits_at_the_paid_address(self, shop: Shop) -> None:
        order_id = shop.order(shop.owner(), THURSDAY).json()["id"]
        account = shop.account()
        assert account is not None
        with shop.service.database.transaction() as db:
            accounts.mark_deleted(db, account.id, now=shop.clock())
        shop.pay(order_id)
        shop.tell()
        again = shop.account()
        assert again is not None and again.id != account.id
        assert shop.rows("SELECT account_id FROM grants") == [(again.id,)]

    def test_a_guests_purchase_waits_unconfirmed_at_the_paid_address(self, shop: Shop) -> None:
        guest = shop.browser()
        shop.buy(guest, THURSDAY, email=GUEST)
        account = shop.account(GUEST)
        assert account is not None and account.confirmed_at is None
        assert guest.get("/api/library").status_code == 401

    def test_a_guest_is_never_signed_in_to_an_account_that_was_there(self, shop: Shop) -> None:
        shop.owner()
        guest = shop.browser()
        shop.buy(guest, THURSDAY, email=OWNER)
        assert "__Host-session" not in guest.cookies
        assert guest.get("/api/library").status_code == 401
        assert shop.opened(OWNER) == [THURSDAY]

    def test_an_account_keeps_its_customer_when_a_guest_pays_for_its_address(self, shop: Shop) -> None:
        shop.order(shop.owner(), WATER)
        before = shop.account()
        shop.buy(shop.browser(), THURSDAY, email=OWNER)
        assert before is not None and shop.account() == before

    def test_an_address_is_the_same_in_capitals(self, shop: Shop) -> None:
        shop.owner()
        shop.buy(shop.browser(), THURSDAY, email="Owner@ONE.example")
        assert shop.opened(OWNER) == [THURSDAY]

    def test_a_receipt_goes_to_the_payer_and_tells_a_guest_how_to_get_in(self, shop: Shop) -> None:
        shop.buy(shop.browser(), THURSDAY, email=GUEST)
        shop.send_mails()
        (mail,) = shop.service.settings.mails.iterdir()
        text = mail.read_text()
        assert "/account/sign-in/" in text and "$49" in text and f"To: {GUEST}" in text


class TestDelayedPayment:
    """Bank debits: complete today, paid or refused days later."""

    def begun(self, shop: Shop) -> str:
        order_id = shop.order(shop.owner(), THURSDAY).json()["id"]
        shop.pay(order_id, action="delayed")
        shop.tell()
        return str(order_id)

    def test_nothing_is_open_while_it_is_under_way(self, shop: Shop) -> None:
        order_id = self.begun(shop)
        assert (shop.state(order_id), shop.opened(OWNER), shop.mailed()) == ("processing", [], [])

    def test_it_opens_when_the_money_has_come(self, shop: Shop) -> None:
        order_id = self.begun(shop)
        shop.stripe.operate(f"sessions/{shop.session(order_id)}/succeed")
        shop.tell()
        assert (shop.state(order_id), shop.opened(OWNER)) == ("paid", [THURSDAY])

    def test_it_fails_and_says_so_with_a_new_link(self, shop: Shop) -> None:
        order_id = self.begun(shop)
        shop.stripe.operate(f"sessions/{shop.session(order_id)}/fail")
        shop.tell()
        assert (shop.state(order_id), shop.opened(OWNER), shop.mailed()) == ("failed", [], ["payment_failed"])
        shop.send_mails()
        assert "/courses/" in next(shop.service.settings.mails.iterdir()).read_text()


class TestOrder:
    """Events come late, twice and in any order."""

    def events(self, shop: Shop) -> list[Any]:
        order_id = shop.order(shop.owner(), THURSDAY).json()["id"]
        shop.pay(order_id, action="delayed")
        shop.stripe.operate(f"sessions/{shop.session(order_id)}/succeed")
        return list(shop.news())

    def test_backwards_comes_to_the_same_end(self, shop: Shop) -> None:
        news = self.events(shop)
        assert len(news) > 1
        for event in reversed(news):
            shop.deliver(event.payload)
            shop.work()
        assert (shop.opened(OWNER), shop.mailed()) == ([THURSDAY], ["receipt"])

    def test_one_alone_is_enough(self, shop: Shop) -> None:
        news = self.events(shop)
        shop.deliver(news[0].payload)
        shop.work()
        assert shop.opened(OWNER) == [THURSDAY]

    def test_an_expiry_that_comes_late_takes_nothing_away(self, shop: Shop) -> None:
        order_id = shop.buy(shop.owner(), THURSDAY)
        shop.clock.advance(hours=3)
        late = json.loads(shop.news()[0].payload) | {"id": "evt_late", "type": "checkout.session.expired"}
        shop.deliver(json.dumps(late))
        shop.work()
        assert shop.state(order_id) == "paid"


def test_an_expired_page_closes_its_order(shop: Shop) -> None:
    order_id = shop.order(shop.owner(), THURSDAY).json()["id"]
    shop.clock.advance(hours=3)
    shop.sessions(order_id)
    shop.run(lambda: shop.stripe.service.retrieve_session(shop.session(order_id)))
    shop.tell()
    assert shop.state(order_id) == "expired"


def test_a_payment_of_another_sum_opens_nothing_and_calls_somebody(shop: Shop) -> None:
    order_id = shop.order(shop.owner(), THURSDAY).json()["id"]
    with shop.service.database.transaction() as db:
        db.execute("UPDATE order_lines SET price_cents = 9900")
    shop.pay(order_id)
    shop.tell()
    assert shop.opened(OWNER) == []
    assert "is for $49," in shop.rows("SELECT last_error FROM events")[0][0]


def test_one_order_paid_in_two_sessions_is_opened_once_and_told(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    """The answer to the first session was lost and a second one made; somebody paid both."""
    order_id = shop.order(shop.owner(), THURSDAY).json()["id"]
    shop.pay(order_id)
    first = shop.session(order_id)
    with shop.service.database.transaction() as db:
        db.execute("UPDATE orders SET stripe_session = NULL, attempt = 2")
    shop.order(shop.owner(), THURSDAY)
    shop.pay(order_id)
    assert shop.session(order_id) != first
    shop.tell()
    assert shop.rows("SELECT SUM(amount_cents) FROM payments") == [(9800,)]
    assert (shop.rows("SELECT COUNT(*) FROM grants"), shop.mailed()) == ([(1,)], ["receipt"])
    assert "order_paid_again" in capsys.readouterr().out
    assert shop.opened(STRANGER) == []
