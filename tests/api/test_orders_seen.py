"""GET /api/orders and /api/orders/ID: one's own and nobody else's."""

import pytest

from tests.api.shop import GUEST, STRANGER, THURSDAY, WATER, Shop


def test_a_buyer_sees_the_order_whole(shop: Shop) -> None:
    order_id = shop.buy(shop.owner(), THURSDAY, WATER)
    seen = shop.owner().get(f"/api/orders/{order_id}").json()
    assert (seen["state"], seen["total_cents"], seen["currency"]) == ("paid", 7800, "usd")
    assert {line["product_id"] for line in seen["lines"]} == {THURSDAY, WATER}
    assert seen["invoice_url"].startswith("http")


def test_a_list_holds_what_was_paid_and_not_what_was_left(shop: Shop) -> None:
    paid = shop.buy(shop.owner(), THURSDAY)
    shop.order(shop.owner(), WATER)
    assert [order["id"] for order in shop.owner().get("/api/orders").json()] == [paid]


def test_a_stranger_finds_nothing(shop: Shop) -> None:
    order_id = shop.buy(shop.owner(), THURSDAY)
    answer = shop.stranger().get(f"/api/orders/{order_id}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert shop.stranger().get("/api/orders").json() == []


@pytest.mark.parametrize("order_id", ["ord_00000000000000000000000000", "x", "%00", "ord_%C3%A4"])
def test_an_order_that_is_none_answers_the_same(shop: Shop, order_id: str) -> None:
    assert shop.owner().get(f"/api/orders/{order_id}").status_code == 404


def test_a_guests_browser_sees_how_far_it_is_and_nothing_personal(shop: Shop) -> None:
    guest = shop.browser()
    order_id = shop.buy(guest, THURSDAY)
    seen = guest.get(f"/api/orders/{order_id}").json()
    assert (seen["state"], seen["invoice_url"], seen["invoice_data"]) == ("paid", None, None)
    assert GUEST not in str(seen)


def test_whoever_signs_in_where_a_guest_has_bought_sees_nothing_personal(shop: Shop) -> None:
    guest = shop.browser()
    order_id = shop.buy(guest, THURSDAY)
    guest.cookies.set("__Host-session", shop.session_of(STRANGER))
    for seen in (guest.get(f"/api/orders/{order_id}"), guest.post(f"/api/orders/{order_id}/check")):
        assert (seen.json()["state"], seen.json()["invoice_url"], seen.json()["invoice_data"]) == ("paid", None, None)


def test_another_browser_does_not_see_a_guests_order(shop: Shop) -> None:
    order_id = shop.buy(shop.browser(), THURSDAY)
    assert shop.browser().get(f"/api/orders/{order_id}").status_code == 404


def test_a_browser_that_signed_out_no_longer_sees_the_persons_order(shop: Shop) -> None:
    owner = shop.owner()
    order_id = shop.buy(owner, THURSDAY)
    owner.cookies.delete("__Host-session")
    assert owner.get(f"/api/orders/{order_id}").status_code == 404


def test_signed_out_there_is_no_list(shop: Shop) -> None:
    answer = shop.browser().get("/api/orders")
    assert (answer.status_code, answer.json()["code"]) == (401, "signed_out")


def test_an_order_cannot_be_deleted_or_put(shop: Shop) -> None:
    order_id = shop.buy(shop.owner(), THURSDAY)
    assert shop.owner().delete(f"/api/orders/{order_id}").status_code == 405
    assert shop.owner().put(f"/api/orders/{order_id}", json={"state": "paid"}).status_code == 405
    assert shop.state(order_id) == "paid"


def test_nothing_personal_is_kept_by_caches(shop: Shop) -> None:
    order_id = shop.buy(shop.owner(), THURSDAY)
    for path in ("/api/orders", f"/api/orders/{order_id}", "/api/library"):
        assert shop.owner().get(path).headers["Cache-Control"] == "no-store"


def test_who_signs_in_later_in_a_guests_browser_sees_nothing_personal(shop: Shop) -> None:
    guest = shop.browser()
    order_id = shop.buy(guest, THURSDAY)
    guest.cookies.set("__Host-session", shop.session_of(STRANGER))
    for answer in (guest.get(f"/api/orders/{order_id}"), guest.post(f"/api/orders/{order_id}/check")):
        assert (answer.json()["state"], answer.json()["invoice_url"]) == ("paid", None)
