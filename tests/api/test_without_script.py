"""What a browser without script is shown and can do in an account, and that a refused form keeps what was typed."""

import re
from urllib.parse import urlencode

import httpx2
import pytest
from starlette.testclient import TestClient

from api.store import devices, passkeys
from tests.api.conftest import FakeClock
from tests.api.shop import FORM, OWNER, THURSDAY, Shop
from tests.api.syncing import progress
from tests.api.test_orders_invoice import DATA

PAGE = {"Accept": "text/html"}
SHELLS = (
    "account/library",
    "account/orders",
    "account/sessions",
    "account/devices",
    "account/passkeys",
    "checkout/cancelled",
)
BUTTON = re.compile(r'<form method="post" action="([^"]+)"')


@pytest.fixture(autouse=True)
def shells(shop: Shop) -> None:
    """The site's pages, as far as the service looks at them."""
    for shell in SHELLS:
        page = shop.service.settings.site / shell / "index.html"
        page.parent.mkdir(parents=True)
        page.write_text("<html><body><h1>Site</h1><!--here--></body></html>")


def shown(browser: TestClient, what: str) -> str:
    answer = browser.get(f"/api/{what}/page", headers=PAGE)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "<h1>Site</h1>" in answer.text
    return answer.text


def posted(browser: TestClient, path: str, **fields: str) -> httpx2.Response:
    return browser.post(path, content=urlencode(fields), headers=FORM)


def add_app(shop: Shop, email: str, name: str) -> str:
    account = shop.account(email)
    assert account is not None
    with shop.service.database.transaction() as db:
        db.execute(
            "INSERT INTO devices (id, account_id, name, scopes, created_at) VALUES (?, ?, ?, ?, ?)",
            (f"dev_{name}", account.id, name, '["sync"]', "2026-01-05T06:00:00.000Z"),
        )
    return f"dev_{name}"


def add_passkey(shop: Shop, email: str, name: str) -> str:
    account = shop.account(email)
    assert account is not None
    with shop.service.database.transaction() as db:
        db.execute(
            "INSERT INTO passkeys (id, account_id, credential_id, public_key, name, created_at) VALUES (?, ?, ?, ?, ?, ?)",
            (f"pky_{name}", account.id, name.encode(), b"key", name, "2026-01-05T06:00:00.000Z"),
        )
    return f"pky_{name}"


def test_orders_are_listed_with_price_state_invoice_and_a_form(shop: Shop) -> None:
    order_id = shop.buy(shop.owner(), THURSDAY)
    page = shown(shop.owner(), "orders")
    assert "<strong>The First Thursday</strong> <small>$49, 5 January 2026, paid</small>" in page
    assert re.search(r'href="http[^"]+/pdf">Invoice</a>', page)
    assert f'action="/api/orders/{order_id}/invoice"' in page
    assert '<option value="eu_vat">European Union: VAT number</option>' in page
    assert order_id not in shown(shop.stranger(), "orders")
    assert "You have bought nothing yet." in shown(shop.stranger(), "orders")


def test_the_library_says_how_far_one_is_and_leads_on(shop: Shop) -> None:
    shop.buy(shop.owner(), THURSDAY)
    assert "% done" not in shown(shop.owner(), "library")
    shop.owner().post("/api/v1/changes", json={"changes": [progress(44, lecture="lec_rumour", completed=True)]})
    page = shown(shop.owner(), "library")
    assert "yours since 5 January 2026, 10 % done</small>" in page
    assert '<a class="button plain" href="/courses/first-thursday/why-cp-is-not-enough/">Go on</a>' in page


def test_the_form_holds_what_the_invoice_says_now(shop: Shop) -> None:
    order_id = shop.buy(shop.owner(), THURSDAY)
    assert posted(shop.owner(), f"/api/orders/{order_id}/invoice", **DATA).status_code == 303
    page = shown(shop.owner(), "orders")
    assert 'value="Night Works Ltd"' in page and 'value="3 Quay Street"' in page
    assert "<details>" in page


def test_a_refused_invoice_form_comes_back_with_what_was_typed(shop: Shop) -> None:
    order_id = shop.buy(shop.owner(), THURSDAY)
    typed = {**DATA, "tax_id_type": "eu_vat", "tax_id": "!<"}
    answer = posted(shop.owner(), f"/api/orders/{order_id}/invoice", **typed)
    assert answer.status_code == 422
    assert "<details open>" in answer.text and 'role="alert"' in answer.text
    assert 'value="!&lt;"' in answer.text and 'value="Night Works Ltd"' in answer.text
    assert '<option value="eu_vat" selected>' in answer.text


def test_a_form_for_anothers_order_shows_none_of_it(shop: Shop) -> None:
    order_id = shop.buy(shop.owner(), THURSDAY)
    answer = posted(shop.stranger(), f"/api/orders/{order_id}/invoice", **DATA)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account/orders/#not_found")


def test_one_browser_is_signed_out_and_this_one_has_no_button(shop: Shop) -> None:
    here, other = shop.owner(), shop.owner()
    page = shown(here, "sessions")
    assert page.count("This browser") == 1
    [action] = BUTTON.findall(page)
    answer = posted(here, action)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/api/sessions/page#ended")
    assert other.get("/api/account").status_code == 401
    assert BUTTON.findall(shown(here, "sessions")) == []
    again = posted(here, action)
    assert (again.status_code, again.headers["Location"]) == (303, "/account/sessions/#not_found")


def test_one_app_is_ended(shop: Shop) -> None:
    owner = shop.owner()
    add_app(shop, OWNER, "phone")
    add_app(shop, OWNER, "tablet")
    assert BUTTON.findall(shown(owner, "devices")) == ["/api/devices/dev_phone/end", "/api/devices/dev_tablet/end"]
    answer = posted(owner, "/api/devices/dev_phone/end")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/api/devices/page#ended")
    page = shown(owner, "devices")
    assert "tablet" in page and "phone" not in page


def test_one_passkey_is_removed_after_a_fresh_sign_in(shop: Shop, clock: FakeClock) -> None:
    owner = shop.owner()
    add_passkey(shop, OWNER, "laptop")
    [action] = BUTTON.findall(shown(owner, "passkeys"))
    with shop.service.database.transaction() as db:
        db.execute("UPDATE sessions SET fresh_until = ?", ("2026-01-05T06:00:00.000Z",))
    answer = posted(owner, action)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account/passkeys/#stale_sign_in")
    answer = posted(shop.owner(), action)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/api/passkeys/page#ended")
    assert "You have no passkey yet." in shown(shop.owner(), "passkeys")
    assert shop.mailed(OWNER) == ["factor_changed"]


def test_a_stranger_another_site_and_nobody_end_nothing(shop: Shop) -> None:
    owner, stranger = shop.owner(), shop.stranger()
    add_app(shop, OWNER, "phone")
    add_passkey(shop, OWNER, "laptop")
    ours = shop.rows("SELECT id FROM sessions WHERE account_id = (SELECT id FROM accounts WHERE email = ?)", OWNER)
    for path in (f"/api/sessions/{ours[0][0]}/end", "/api/devices/dev_phone/end", "/api/passkeys/pky_laptop/end"):
        assert posted(stranger, path).headers["Location"].endswith("#not_found")
        assert posted(shop.browser(), path).headers["Location"].endswith("#signed_out")
        for foreign in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
            answer = owner.post(path, content="", headers={**FORM, **foreign})
            assert answer.headers["Location"].endswith("#foreign_origin")
    account = shop.account(OWNER)
    assert account is not None
    assert owner.get("/api/account").status_code == 200
    assert len(devices.of(shop.service.database.reader, account.id)) == 1
    assert len(passkeys.of(shop.service.database.reader, account.id)) == 1


@pytest.mark.parametrize("what", ["orders", "sessions", "devices", "passkeys"])
def test_signed_out_the_page_says_so(shop: Shop, what: str) -> None:
    answer = shop.browser().get(f"/api/{what}/page", headers=PAGE)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/account/{what}/#signed_out")


def test_a_wrong_coupon_keeps_what_was_typed_and_the_way_back(shop: Shop) -> None:
    typed = {"products": THURSDAY, "currency": "eur", "email": "ada+x@example.com", "code": 'NONE"<'}
    answer = posted(shop.browser(), "/api/orders", **typed)
    assert answer.status_code == 422
    for kept in (
        f'name="products" value="{THURSDAY}"',
        'name="currency" value="eur"',
        'value="ada+x@example.com"',
        'value="NONE&#34;&lt;"',
        'href="/courses/first-thursday/">Back to The First Thursday</a>',
        "is unknown or no longer valid.",
    ):
        assert kept in answer.text
    assert shop.rows("SELECT id FROM orders") == []


def test_so_does_an_address_that_is_none_and_a_shop_that_cannot_be_paid_in(shop: Shop) -> None:
    wrong = posted(shop.browser(), "/api/orders", products=THURSDAY, email="x@", code="WELCOME25")
    assert wrong.status_code == 422
    assert 'value="x@"' in wrong.text and 'value="WELCOME25"' in wrong.text and "Write a mail address" in wrong.text
    shop.stripe.set("faults", [{"path": "/v1/checkout/sessions", "status": 500, "times": 1}])
    away = posted(shop.browser(), "/api/orders", products=THURSDAY, email="x@one.example")
    assert away.status_code == 503
    assert 'value="x@one.example"' in away.text and "nothing was charged" in away.text.lower()


def test_what_another_try_cannot_help_goes_to_the_page_that_says_why(shop: Shop) -> None:
    answer = posted(shop.browser(), "/api/orders", products="crs_none", email="x@one.example")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/checkout/cancelled/#invalid")
    shop.buy(shop.owner(), THURSDAY)
    answer = posted(shop.owner(), "/api/orders", products=THURSDAY)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/checkout/cancelled/#already_owned")
