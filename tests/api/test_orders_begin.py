"""POST /api/orders: a wish becomes an order and a page where it can be paid, at our prices and no others."""

import datetime as dt
import re
from urllib.parse import urlencode

import pytest
from msgspec import json
from msgspec.structs import replace

from api.gateways import stripe as gateway_module
from api.gateways.stripe import StripeGateway
from api.sandbox.settings import SERVICE_KEY
from api.store import accounts, orders
from api.usecases import checkout, snapshot
from tests.api.shop import ANNOUNCED, EVERYTHING, FORM, FREE, GUEST, OWNER, THURSDAY, WATER, Shop
from tests.stand_in import until

NEW = "new@one.example"


def promotion_code(shop: Shop, code: str, percent_off: int) -> None:
    """Made at Stripe, as an operator does."""
    client = shop.at_stripe
    coupon = client.v1.coupons.create({"percent_off": percent_off, "duration": "once"})
    client.v1.promotion_codes.create({"promotion": {"type": "coupon", "coupon": coupon.id}, "code": code})


def test_an_order_is_written_and_its_payment_page_told(shop: Shop) -> None:
    answer = shop.order(shop.owner(), THURSDAY)
    assert (answer.status_code, answer.json()["state"]) == (201, "pending")
    order = orders.find(shop.service.database.reader, answer.json()["id"])
    assert order is not None and (order.total_cents, order.currency) == (4900, "usd")
    assert answer.json()["url"] == f"{shop.stripe.url}/checkout/{order.stripe_session}"


def test_the_payment_carries_our_id_and_all_that_fulfilment_needs(shop: Shop) -> None:
    order_id = shop.order(shop.owner(), EVERYTHING).json()["id"]
    session = shop.sessions(order_id)[0]
    restored = snapshot.restored(session)
    assert session.order_id == session.metadata["order"] == order_id
    assert restored is not None and restored[1][0].contents == (FREE, THURSDAY, ANNOUNCED, WATER)
    assert session.metadata["email"] == OWNER


def test_the_payment_page_is_open_for_an_hour_or_two(shop: Shop) -> None:
    order_id = shop.order(shop.owner(), THURSDAY).json()["id"]
    life = shop.sessions(order_id)[0].expires_at - shop.clock()
    assert dt.timedelta(hours=1) <= life <= dt.timedelta(hours=2)


def test_a_price_from_the_browser_is_not_even_read(shop: Shop) -> None:
    answer = shop.owner().post("/api/orders", json={"products": [THURSDAY], "price_cents": 1, "prices": {"usd": 1}})
    assert shop.sessions(answer.json()["id"])[0].total_cents == 4900


def test_a_course_is_sold_in_each_of_its_currencies(shop: Shop) -> None:
    order_id = shop.order(shop.owner(), THURSDAY, currency="EUR").json()["id"]
    session = shop.sessions(order_id)[0]
    assert (session.currency, session.total_cents) == ("eur", 4500)


def test_several_products_are_one_order(shop: Shop) -> None:
    order_id = shop.order(shop.owner(), THURSDAY, WATER, THURSDAY).json()["id"]
    assert shop.sessions(order_id)[0].total_cents == 4900 + 2900


def test_a_promotion_code_given_here_lowers_the_price(shop: Shop) -> None:
    promotion_code(shop, "NIGHT", 20)
    order_id = shop.order(shop.owner(), THURSDAY, code="NIGHT").json()["id"]
    assert shop.sessions(order_id)[0].total_cents == 3920


def test_an_unknown_promotion_code_is_told_so(shop: Shop) -> None:
    answer = shop.order(shop.owner(), THURSDAY, code="NOPE")
    assert (answer.status_code, list(answer.json()["fields"])) == (422, ["code"])
    assert shop.rows("SELECT id FROM orders") == []


def test_the_same_cart_twice_is_the_same_page(shop: Shop) -> None:
    owner = shop.owner()
    first, second = shop.order(owner, THURSDAY, WATER).json(), shop.order(owner, WATER, THURSDAY).json()
    assert first == second
    assert len(shop.sessions(first["id"])) == 1


def test_a_page_that_runs_out_soon_is_not_given_again(shop: Shop) -> None:
    owner = shop.owner()
    first = shop.order(owner, THURSDAY).json()["id"]
    shop.clock.advance(minutes=100)
    second = shop.order(owner, THURSDAY).json()["id"]
    assert second != first
    assert (shop.sessions(first)[0].status, shop.state(first)) == ("expired", "cancelled")


def test_an_older_order_of_the_same_thing_can_be_paid_no_more(shop: Shop) -> None:
    owner = shop.owner()
    first = shop.order(owner, THURSDAY).json()["id"]
    second = shop.order(owner, THURSDAY, WATER).json()["id"]
    assert (shop.sessions(first)[0].status, shop.sessions(second)[0].status) == ("expired", "open")
    assert shop.state(first) == "cancelled"


def test_an_older_order_that_was_just_paid_is_opened_and_said(shop: Shop) -> None:
    owner = shop.owner()
    shop.pay(shop.order(owner, THURSDAY).json()["id"])
    answer = shop.order(owner, THURSDAY, WATER)
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    assert shop.opened(OWNER) == [THURSDAY]


def test_another_persons_order_of_the_same_thing_stays(shop: Shop) -> None:
    first = shop.order(shop.owner(), THURSDAY).json()["id"]
    shop.order(shop.stranger(), THURSDAY)
    shop.order(shop.browser(), THURSDAY)
    assert shop.sessions(first)[0].status == "open"


def test_a_known_person_is_one_customer_however_often_they_buy(shop: Shop) -> None:
    owner = shop.owner()
    first, second = shop.order(owner, THURSDAY).json()["id"], shop.order(owner, WATER).json()["id"]
    customers = {shop.sessions(first)[0].customer, shop.sessions(second)[0].customer}
    account = shop.account()
    assert account is not None and customers == {account.stripe_customer}


def test_after_a_change_of_address_nothing_goes_to_the_old_one(shop: Shop) -> None:
    owner = shop.owner()
    shop.order(owner, THURSDAY)
    account = shop.account()
    assert account is not None
    with shop.service.database.transaction() as db:
        accounts.change_email(db, account.id, email=NEW, email_canonical=NEW)
    shop.buy(owner, THURSDAY)
    assert (shop.mailed(NEW), shop.mailed(OWNER)) == (["receipt"], [])


def test_what_is_owned_already_is_said_and_not_sold(shop: Shop) -> None:
    shop.buy(shop.owner(), EVERYTHING)
    for product in (EVERYTHING, THURSDAY):
        answer = shop.order(shop.owner(), product)
        assert (answer.status_code, answer.json()["code"]) == (409, "already_owned")


def test_a_course_and_the_bundle_it_is_in_are_not_sold_together(shop: Shop) -> None:
    assert shop.order(shop.owner(), THURSDAY, EVERYTHING).status_code == 409


def test_an_announced_course_is_not_for_sale(shop: Shop) -> None:
    answer = shop.order(shop.owner(), ANNOUNCED)
    assert (answer.status_code, answer.json()["code"]) == (409, "not_on_sale")


def test_an_offer_that_has_ended_is_gone(shop: Shop) -> None:
    file = shop.service.settings.catalog
    catalog = json.decode(file.read_bytes())
    catalog["bundles"][0]["until"] = "2026-01-04"
    file.write_bytes(json.encode(catalog))
    answer = shop.order(shop.owner(), EVERYTHING)
    assert (answer.status_code, answer.json()["code"]) == (410, "gone")


def test_an_offer_lasts_until_the_end_of_its_day(shop: Shop) -> None:
    file = shop.service.settings.catalog
    catalog = json.decode(file.read_bytes())
    catalog["bundles"][0]["until"] = "2026-01-05"
    file.write_bytes(json.encode(catalog))
    assert shop.order(shop.owner(), EVERYTHING).status_code == 201


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"products": ["crs_unknown"]}, "products"),
        ({"products": []}, "products"),
        ({"products": "crs_first_thursday"}, "products"),
        ({}, "products"),
        ({"products": [THURSDAY], "currency": "chf"}, "currency"),
        ({"products": [THURSDAY], "currency": 3}, "currency"),
        ({"products": [THURSDAY], "email": "nobody"}, "email"),
    ],
)
def test_a_wrong_wish_is_told_what_is_wrong(shop: Shop, body: object, field: str) -> None:
    answer = shop.browser().post("/api/orders", json=body)
    assert (answer.status_code, list(answer.json()["fields"])) == (422, [field])
    assert shop.rows("SELECT id FROM orders") == []


def test_what_is_no_wish_at_all_is_refused(shop: Shop) -> None:
    headers = {"Accept": "application/json"}
    assert shop.browser().post("/api/orders", content=b"\xff\xfe", headers=headers).status_code == 400
    assert shop.browser().post("/api/orders", content=b"{" + b" " * 70_000).status_code == 413


def test_an_order_from_another_site_is_refused(shop: Shop) -> None:
    answer = shop.owner().post("/api/orders", json={"products": [THURSDAY]}, headers={"Origin": "https://evil.example"})
    assert (answer.status_code, shop.rows("SELECT id FROM orders")) == (403, [])


def test_a_form_without_script_goes_to_the_payment_page(shop: Shop) -> None:
    answer = shop.browser().post("/api/orders", content=urlencode({"products": THURSDAY}), headers=FORM)
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith(f"{shop.stripe.url}/checkout/cs_test_")


def test_a_form_that_cannot_be_served_goes_to_a_page_that_says_why(shop: Shop) -> None:
    answer = shop.browser().post("/api/orders", content=urlencode({"products": ANNOUNCED}), headers=FORM)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/checkout/cancelled/#not_on_sale")


def test_a_guest_who_tells_an_address_need_not_type_it_again(shop: Shop) -> None:
    order_id = shop.order(shop.browser(), THURSDAY, email=GUEST).json()["id"]
    assert shop.sessions(order_id)[0].email == GUEST


def test_a_guest_who_corrects_the_address_pays_for_the_corrected_one(shop: Shop) -> None:
    guest = shop.browser()
    mistyped = shop.order(guest, THURSDAY, email="guset@three.example").json()
    order_id = shop.order(guest, THURSDAY, email=GUEST).json()["id"]
    assert (shop.state(mistyped["id"]), order_id != mistyped["id"]) == ("cancelled", True)
    shop.pay(order_id)
    shop.tell()
    assert shop.opened(GUEST) == [THURSDAY]


@pytest.mark.parametrize("cart", ['"x\\015\\012Set-Cookie: stolen=1"', "short", "a" * 44])
def test_a_cookie_that_is_none_of_ours_is_not_said_again(shop: Shop, cart: str) -> None:
    answer = shop.client.post("/api/orders", json={"products": [THURSDAY]}, headers={"Cookie": f"__Host-cart={cart}"})
    [said] = answer.headers.get_list("Set-Cookie")
    assert re.fullmatch(r"__Host-cart=[\w-]{43}; Max-Age=\d+; Path=/; Secure; HttpOnly; SameSite=Lax", said)


def test_too_many_orders_have_to_wait(shop: Shop) -> None:
    owner = shop.owner()
    answers = [shop.order(owner, ANNOUNCED).status_code for _ in range(21)]
    assert answers[-2:] == [409, 429]


def test_a_crowd_behind_one_address_is_served(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A campus on launch day: guests by the hundred, and whoever is signed in besides."""
    assert {shop.order(shop.browser(), ANNOUNCED).status_code for _ in range(100)} == {409}
    monkeypatch.setattr(checkout, "GUEST_ORDERS_PER_PLACE", 100)
    assert shop.order(shop.browser(), ANNOUNCED).status_code == 429
    assert shop.order(shop.owner(), ANNOUNCED).status_code == 409


class TestStripeAway:
    """Nothing is charged, the buyer may try again, and whatever Stripe has made all the same is found."""

    def test_down_is_said_and_the_next_try_works(self, shop: Shop) -> None:
        owner = shop.owner()
        shop.stripe.set("faults", [{"path": "/v1/checkout/sessions", "status": 500, "times": 1}])
        refused = shop.order(owner, THURSDAY)
        assert (refused.status_code, refused.json()["code"]) == (503, "payment_unavailable")
        assert "nothing was charged" in refused.json()["detail"]
        order_id = shop.order(owner, THURSDAY).json()["id"]
        assert shop.rows("SELECT attempt FROM orders WHERE id = ?", order_id) == [(2,)]
        assert len(shop.rows("SELECT id FROM orders")) == 1

    def test_a_session_whose_answer_was_lost_is_found_and_not_made_twice(self, shop: Shop) -> None:
        owner = shop.owner()
        fault = {"path": "/v1/checkout/sessions", "status": 500, "times": 1, "after": True}
        shop.stripe.set("faults", [fault])
        order_id = shop.order(owner, THURSDAY).json()["id"]
        assert shop.order(owner, THURSDAY).json()["id"] == order_id
        assert len(shop.sessions(order_id)) == 1
        assert shop.rows("SELECT attempt FROM orders WHERE id = ?", order_id) == [(1,)]

    def test_a_slow_stripe_is_not_asked_for_a_second_session(self, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
        """It is not there yet when it is looked for, so the next try has the same key."""
        monkeypatch.setattr(gateway_module, "READ_SECONDS", 1.0)
        shop.app.state.service = replace(shop.service, stripe=StripeGateway(SERVICE_KEY, api=shop.stripe.url))
        owner = shop.owner()
        assert shop.order(owner, WATER).status_code == 201  # their customer is made
        shop.stripe.set("faults", [{"path": "/v1/checkout/sessions", "hang_seconds": 2.0}])
        assert shop.order(owner, THURSDAY).status_code == 503
        order_id = shop.rows("SELECT id FROM orders WHERE stripe_session IS NULL")[0][0]
        until(lambda: bool(shop.sessions(order_id)), what="the slow session")
        assert shop.order(owner, THURSDAY).json()["id"] == order_id
        assert len(shop.sessions(order_id)) == 1

    def test_a_second_try_asks_for_the_very_same_thing(self, shop: Shop) -> None:
        """Stripe refuses a key that comes again with anything changed, were it the microseconds of a time."""
        shop.clock.advance(microseconds=123_456)
        path = "/v1/checkout/sessions"
        lost = [{"path": path, "status": 503, "after": True}, {"method": "GET", "path": path, "status": 503}]
        shop.stripe.set("faults", lost)
        owner = shop.owner()
        assert shop.order(owner, WATER, THURSDAY).status_code == 503
        assert shop.order(owner, WATER, THURSDAY).status_code == 201

    @pytest.mark.parametrize("after", [False, True], ids=["not-made", "made"])
    def test_a_customer_whose_making_failed_keeps_nobody_from_buying(self, shop: Shop, after: bool) -> None:
        """Stripe repeats its error under the same key for a day."""
        shop.stripe.set("faults", [{"path": "/v1/customers", "status": 500, "after": after}])
        owner = shop.owner()
        answers = [shop.order(owner, THURSDAY).status_code for _ in range(2)]
        assert answers == ([201, 201] if after else [503, 201])
        assert len(shop.at_stripe.v1.customers.list().data) == 1

    def test_a_shop_without_a_key_says_so_and_gives_away_what_is_free(self, shop: Shop) -> None:
        shop.app.state.service = replace(shop.service, stripe=None)
        refused = shop.order(shop.owner(), THURSDAY)
        assert (refused.status_code, refused.json()["code"]) == (503, "payment_unavailable")
        assert shop.order(shop.owner(), FREE).status_code == 201
