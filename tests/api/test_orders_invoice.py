"""POST /api/orders/ID/invoice: the buyer puts name, address and tax number right, afterwards and alone."""

from urllib.parse import urlencode

from tests.api.shop import FORM, FREE, OWNER, THURSDAY, Shop

DATA = {
    "name": "Night Works Ltd",
    "line1": "3 Quay Street",
    "city": "Bergen",
    "postal_code": "5003",
    "country": "NO",
}
TAX = {"country": "DE", "tax_id_type": "eu_vat", "tax_id": "DE123456789"}


def test_the_corrected_invoice_comes_by_mail(shop: Shop) -> None:
    order_id = shop.buy(shop.owner(), THURSDAY)
    answer = shop.owner().post(f"/api/orders/{order_id}/invoice", json=DATA)
    assert (answer.status_code, answer.json()["invoice_data"]["name"]) == (200, "Night Works Ltd")
    shop.send_mails()
    texts = [mail.read_text() for mail in shop.service.settings.mails.iterdir()]
    (corrected,) = [text for text in texts if "Subject: Your corrected invoice" in text]
    assert "Night Works Ltd" in corrected and "5003 Bergen" in corrected and "$49" in corrected


def test_the_same_again_mails_nothing_more(shop: Shop) -> None:
    order_id = shop.buy(shop.owner(), THURSDAY)
    for _ in range(2):
        shop.owner().post(f"/api/orders/{order_id}/invoice", json=DATA)
    assert shop.mailed().count("invoice_corrected") == 1
    shop.owner().post(f"/api/orders/{order_id}/invoice", json={**DATA, "city": "Oslo"})
    assert shop.mailed().count("invoice_corrected") == 2


def test_stripe_knows_it_for_the_next_invoice(shop: Shop) -> None:
    order_id = shop.buy(shop.owner(), THURSDAY)
    shop.owner().post(f"/api/orders/{order_id}/invoice", json={**DATA, **TAX})
    client = shop.at_stripe
    account = shop.account()
    assert account is not None and account.stripe_customer
    assert client.v1.customers.retrieve(account.stripe_customer).name == "Night Works Ltd"


def test_a_tax_number_that_is_none_is_refused_and_nothing_is_kept(shop: Shop) -> None:
    order_id = shop.buy(shop.owner(), THURSDAY)
    answer = shop.owner().post(f"/api/orders/{order_id}/invoice", json={**DATA, "tax_id_type": "eu_vat", "tax_id": "!"})
    assert answer.status_code == 422
    assert shop.rows("SELECT invoice_data FROM orders") == [(None,)]


def test_an_invoice_needs_a_name_and_a_payment(shop: Shop) -> None:
    order_id = shop.buy(shop.owner(), THURSDAY)
    assert shop.owner().post(f"/api/orders/{order_id}/invoice", json={"name": " "}).status_code == 422
    assert shop.owner().post(f"/api/orders/{order_id}/invoice", json={}).status_code == 422
    begun = shop.order(shop.stranger(), THURSDAY).json()["id"]
    assert shop.stranger().post(f"/api/orders/{begun}/invoice", json=DATA).status_code == 409


def test_a_stranger_a_guest_and_nobody_cannot(shop: Shop) -> None:
    order_id = shop.buy(shop.owner(), THURSDAY)
    assert shop.stranger().post(f"/api/orders/{order_id}/invoice", json=DATA).status_code == 404
    assert shop.browser().post(f"/api/orders/{order_id}/invoice", json=DATA).status_code == 401
    assert shop.owner().post("/api/orders/ord_none/invoice", json=DATA).status_code == 404
    assert shop.rows("SELECT invoice_data FROM orders") == [(None,)]


def test_without_script_the_orders_page_says_it_is_done(shop: Shop) -> None:
    order_id = shop.buy(shop.owner(), THURSDAY)
    answer = shop.owner().post(f"/api/orders/{order_id}/invoice", content=urlencode(DATA), headers=FORM)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account/orders/#invoice_corrected")


def test_a_free_course_has_an_invoice_too(shop: Shop) -> None:
    order_id = shop.order(shop.owner(), FREE).json()["id"]
    assert shop.owner().post(f"/api/orders/{order_id}/invoice", json=DATA).status_code == 200
    assert shop.mailed(OWNER) == ["invoice_corrected"]
