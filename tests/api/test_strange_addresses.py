"""What a guest types at Stripe's page may be no address to us: what was paid for is opened all the same, and can be reached."""

import pytest
from msgspec.structs import replace

from api.usecases import administration, diagnosis, fulfilment
from api.usecases.fulfilment import By
from tests.api.shop import OWNER, THURSDAY, Shop
from tests.api.test_free_courses import code_of

DOTS = ("a..b@docomo.example", "ada.@docomo.example")
OUT_OF_REACH = (
    "ada@localhost",
    ".ada@one.example",
    "ada@[192.0.2.1]",
    f"{'a' * 70}@one.example",
    "=?utf-8?q?bob?=@one.example",
    "ad<bob>@one.example",
    "ada;b@one.example",
    "ada@one_two.example",
    "ada@one.1",
)


def bought_as(shop: Shop, address: str) -> str:
    """The order's id; the address is typed at Stripe's page only."""
    return shop.buy(shop.browser(), THURSDAY, email=address)


@pytest.mark.parametrize("address", [*DOTS, *OUT_OF_REACH])
def test_it_is_paid_and_opened_once(shop: Shop, address: str) -> None:
    order_id = bought_as(shop, address)
    assert shop.state(order_id) == "paid"
    assert shop.rows("SELECT state FROM events") == [("done",)]
    [(email, course)] = shop.rows("SELECT email, product_id FROM grants JOIN accounts ON accounts.id = account_id")
    assert (email, course) == (address, THURSDAY)


@pytest.mark.parametrize("address", DOTS)
def test_who_has_dots_signs_in_and_owns_it(shop: Shop, address: str) -> None:
    bought_as(shop, address)
    browser = shop.browser()
    assert browser.post("/api/sign-in", json={"email": address}).status_code == 202
    assert browser.post("/api/sign-in/code", json={"code": code_of(shop, address)}).status_code == 200
    assert [course["id"] for course in browser.get("/api/library").json()] == [THURSDAY]
    shop.send_mails()
    assert shop.rows("SELECT last_error FROM outbox WHERE sent_at IS NULL") == []


def test_an_address_is_kept_as_it_can_be_written_to(shop: Shop) -> None:
    bought_as(shop, "Ada@Bücher.example")
    bought_as(shop, "ada@BÜCHER.example")
    assert shop.rows("SELECT email FROM accounts") == [("Ada@xn--bcher-kva.example",)]
    assert shop.rows("SELECT DISTINCT lower(recipient) FROM outbox") == [("ada@xn--bcher-kva.example",)]


@pytest.mark.parametrize("address", ["=?utf-8?q?bob?=@one.example", "ad<bob>@one.example"])
def test_no_receipt_goes_to_whom_a_header_would_make_of_it(shop: Shop, address: str) -> None:
    bought_as(shop, address)
    shop.send_mails()
    assert shop.rows("SELECT sent_at, last_error FROM outbox") == [(None, "no mail can be written to this address")]


@pytest.mark.parametrize("address", OUT_OF_REACH)
def test_doctor_says_whom_nobody_can_reach_and_the_operator_brings_it_to_them(shop: Shop, address: str) -> None:
    bought_as(shop, address)
    account = shop.rows("SELECT id FROM accounts")[0][0]
    assert account in checked(shop).found and "longwave admin merge" in checked(shop).remedy
    shop.owner()  # the buyer, with an address that can be used
    with shop.service.database.transaction() as db:
        administration.merge(db, account, OWNER, now=shop.clock())
    assert shop.opened(OWNER) == [THURSDAY]
    assert not checked(shop).remedy


def test_an_address_typed_here_stands_in_for_one_that_stripe_does_not_tell(shop: Shop) -> None:
    order_id = shop.order(shop.browser(), THURSDAY, email="ada@one.example").json()["id"]
    shop.pay(order_id)
    session = shop.run(lambda: shop.stripe.service.retrieve_session(shop.session(order_id)))
    with shop.service.database.transaction() as db:
        fulfilment.settle(db, replace(session, email=None), By(actor="stripe", now=shop.clock()))
    assert shop.rows("SELECT email FROM accounts") == [("ada@one.example",)]


def checked(shop: Shop) -> diagnosis.Check:
    checks = shop.run(lambda: diagnosis.examine(shop.service))
    (check,) = [check for check in checks if check.name == "addresses"]
    found: diagnosis.Check = check
    return found
