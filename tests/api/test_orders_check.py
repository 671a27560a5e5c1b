"""POST /api/orders/ID/check and GET /api/checkout: the buyer's return, which need not wait for the webhook."""

from tests.api.shop import GUEST, OWNER, THURSDAY, Shop


def test_the_return_opens_what_is_paid_before_any_event_came(shop: Shop) -> None:
    owner = shop.owner()
    order_id = shop.order(owner, THURSDAY).json()["id"]
    shop.pay(order_id)
    assert owner.get(f"/api/orders/{order_id}").json()["state"] == "pending"
    assert owner.post(f"/api/orders/{order_id}/check").json()["state"] == "paid"
    assert shop.opened(OWNER) == [THURSDAY]


def test_return_and_webhook_together_open_and_mail_once(shop: Shop) -> None:
    owner = shop.owner()
    order_id = shop.order(owner, THURSDAY).json()["id"]
    shop.pay(order_id)
    for _ in range(2):
        owner.post(f"/api/orders/{order_id}/check")
        shop.tell()
    assert shop.rows("SELECT COUNT(*) FROM grants") == [(1,)]
    assert shop.mailed() == ["receipt"]


def test_asking_before_paying_changes_nothing(shop: Shop) -> None:
    owner = shop.owner()
    order_id = shop.order(owner, THURSDAY).json()["id"]
    assert owner.post(f"/api/orders/{order_id}/check").json()["state"] == "pending"
    assert shop.opened(OWNER) == []


def test_a_stranger_cannot_ask(shop: Shop) -> None:
    order_id = shop.order(shop.owner(), THURSDAY).json()["id"]
    shop.pay(order_id)
    assert shop.stranger().post(f"/api/orders/{order_id}/check").status_code == 404
    assert shop.state(order_id) == "pending"


def test_asking_too_often_has_to_wait(shop: Shop) -> None:
    owner = shop.owner()
    order_id = shop.order(owner, THURSDAY).json()["id"]
    answers = [owner.post(f"/api/orders/{order_id}/check").status_code for _ in range(21)]
    assert answers[-2:] == [200, 429]


def test_asking_while_stripe_is_away_is_told_so(shop: Shop) -> None:
    owner = shop.owner()
    order_id = shop.order(owner, THURSDAY).json()["id"]
    shop.stripe.set("faults", [{"method": "GET", "path": "/v1/checkout/sessions/*", "status": 500}])
    assert owner.post(f"/api/orders/{order_id}/check").status_code == 503
    assert owner.post(f"/api/orders/{order_id}/check").status_code == 200


def test_asking_from_another_site_is_refused(shop: Shop) -> None:
    order_id = shop.order(shop.owner(), THURSDAY).json()["id"]
    headers = {"Sec-Fetch-Site": "cross-site"}
    assert shop.owner().post(f"/api/orders/{order_id}/check", headers=headers).status_code == 403


def test_without_script_a_page_says_processing_until_it_is_paid(shop: Shop) -> None:
    guest = shop.browser()
    order_id = shop.order(guest, THURSDAY).json()["id"]
    waiting = guest.get("/api/checkout")
    assert waiting.headers["Content-Type"].startswith("text/html")
    assert "<h2>Processing</h2>" in waiting.text and 'href="/api/checkout">Look again' in waiting.text
    shop.pay(order_id)
    paid = guest.get("/api/checkout")
    assert "<h2>Paid</h2>" in paid.text and GUEST not in paid.text
    assert shop.state(order_id) == "paid"


def test_a_browser_that_ordered_nothing_has_no_such_page(shop: Shop) -> None:
    shop.order(shop.owner(), THURSDAY)
    assert shop.browser().get("/api/checkout").status_code == 404
    assert shop.stranger().get("/api/checkout").status_code == 404
