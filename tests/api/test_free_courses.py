"""What is free: one click for whoever is signed in, a code by mail for a guest, and no Stripe at all."""

import re
from urllib.parse import urlencode

from msgspec import json

from tests.api.shop import FORM, FREE, GUEST, OWNER, THURSDAY, Shop


def code_of(shop: Shop, recipient: str = GUEST) -> str:
    """The code in the newest mail to this address."""
    rows = shop.rows("SELECT payload FROM outbox WHERE recipient = ? ORDER BY created_at DESC, rowid DESC", recipient)
    return str(json.decode(rows[0][0])["code"])


def test_one_click_and_it_is_in_the_library(shop: Shop) -> None:
    answer = shop.order(shop.owner(), FREE)
    assert (answer.status_code, answer.json()["state"]) == (201, "paid")
    assert shop.opened(OWNER) == [FREE]
    assert shop.rows("SELECT source FROM grants") == [("free",)]


def test_a_second_click_says_it_is_owned(shop: Shop) -> None:
    shop.order(shop.owner(), FREE)
    assert shop.order(shop.owner(), FREE).json()["code"] == "already_owned"
    assert shop.rows("SELECT COUNT(*) FROM grants") == [(1,)]


def test_a_guest_says_an_address_and_then_the_code(shop: Shop) -> None:
    guest = shop.browser()
    begun = shop.order(guest, FREE, email=GUEST)
    assert (begun.status_code, begun.json()["state"], begun.json()["url"]) == (201, "pending", "/account/code/")
    assert shop.rows("SELECT COUNT(*) FROM grants") == [(0,)]
    assert guest.post("/api/sign-in/code", json={"code": code_of(shop)}).status_code == 200
    assert [course["id"] for course in guest.get("/api/library").json()] == [FREE]


def test_a_wrong_code_opens_nothing(shop: Shop) -> None:
    guest = shop.browser()
    shop.order(guest, FREE, email=GUEST)
    assert guest.post("/api/sign-in/code", json={"code": "AAAA-AAAA"}).status_code == 422
    assert shop.rows("SELECT COUNT(*) FROM grants") == [(0,)]


def test_the_code_is_good_in_the_asking_browser_only(shop: Shop) -> None:
    shop.order(shop.browser(), FREE, email=OWNER)
    thief = shop.browser()
    assert thief.post("/api/sign-in/code", json={"code": code_of(shop, OWNER)}).status_code == 409
    assert thief.get("/api/library").status_code == 401


def test_a_guest_without_an_address_is_asked_for_one(shop: Shop) -> None:
    answer = shop.order(shop.browser(), FREE)
    assert (answer.status_code, list(answer.json()["fields"])) == (422, ["email"])


def test_a_form_without_script_goes_to_the_page_for_the_code(shop: Shop) -> None:
    answer = shop.browser().post("/api/orders", content=urlencode({"products": FREE, "email": GUEST}), headers=FORM)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account/code/")


def test_a_free_course_beside_a_paid_one_opens_with_the_payment(shop: Shop) -> None:
    order_id = shop.order(shop.owner(), FREE, THURSDAY).json()["id"]
    assert shop.opened(OWNER) == []
    shop.pay(order_id)
    shop.tell()
    assert shop.opened(OWNER) == sorted([FREE, THURSDAY])


def test_nobody_is_mailed_a_receipt_for_nothing(shop: Shop) -> None:
    shop.order(shop.owner(), FREE)
    assert [kind for kind in shop.mailed() if re.match("receipt", kind)] == []
