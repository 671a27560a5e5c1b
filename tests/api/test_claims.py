"""POST /api/claims and /api/claims/code: what was paid under another address moves to whoever can read its mail."""

from urllib.parse import urlencode

from starlette.testclient import TestClient

from api.usecases import administration
from tests.api.shop import FORM, GUEST, OWNER, STRANGER, THURSDAY, WATER, Shop
from tests.api.test_free_courses import code_of


def asked(shop: Shop, email: str = GUEST) -> TestClient:
    """The owner's browser, which waits for a code to `email`."""
    owner = shop.owner()
    assert owner.post("/api/claims", json={"email": email}).status_code == 202
    return owner


def test_the_code_moves_the_guests_purchase(shop: Shop) -> None:
    order_id = shop.buy(shop.browser(), THURSDAY, email=GUEST)
    owner = asked(shop)
    moved = owner.post("/api/claims/code", json={"code": code_of(shop)})
    assert (moved.status_code, moved.json()) == (200, {"orders": 1, "grants": 1})
    assert shop.opened(OWNER) == [THURSDAY]
    assert [order["id"] for order in owner.get("/api/orders").json()] == [order_id]


def test_the_other_address_is_told_and_the_audit_knows(shop: Shop) -> None:
    shop.buy(shop.browser(), THURSDAY, email=GUEST)
    asked(shop).post("/api/claims/code", json={"code": code_of(shop)})
    assert "purchases_moved" in shop.mailed(GUEST)
    assert {"order.moved", "grant.moved"} <= {action for (action,) in shop.rows("SELECT action FROM audit")}
    shop.send_mails()


def test_both_sides_are_told_also_when_there_was_no_order(shop: Shop) -> None:
    with shop.service.database.transaction() as db:
        catalog = shop.service.catalog.current()
        administration.grant(db, GUEST, THURSDAY, catalog, until=None, reason="a prize", now=shop.clock())
    owner = asked(shop)
    moved = owner.post("/api/claims/code", content=urlencode({"code": code_of(shop)}), headers=FORM)
    assert moved.headers["Location"] == "/account/#claimed"
    assert shop.opened(OWNER) == [THURSDAY]
    assert "purchases_moved" in shop.mailed(GUEST)
    assert "purchases_received" in shop.mailed(OWNER)
    shop.send_mails()
    texts = [mail.read_text() for mail in shop.service.settings.mails.iterdir()]
    told = [text for text in texts if "0 orders, 1 right to courses" in text.replace("=\n", "")]
    assert len(told) == 2
    assert not any(f"To: {OWNER}" in text and GUEST in text for text in told)


def test_a_later_refund_closes_what_was_moved(shop: Shop) -> None:
    shop.buy(shop.browser(), THURSDAY, email=GUEST)
    asked(shop).post("/api/claims/code", json={"code": code_of(shop)})
    intent = shop.rows("SELECT stripe_payment_intent FROM orders")[0][0]
    shop.run(lambda: shop.operator.create_refund(intent, amount_cents=4900, idempotency_key="x"))
    shop.tell()
    assert shop.opened(OWNER) == []


def test_an_address_that_bought_nothing_reads_the_same(shop: Shop) -> None:
    shop.buy(shop.browser(), THURSDAY, email=GUEST)
    one = shop.owner().post("/api/claims", json={"email": GUEST})
    other = shop.owner().post("/api/claims", json={"email": "nobody@four.example"})
    assert (one.status_code, one.json()) == (other.status_code, other.json())


def test_a_wrong_code_moves_nothing(shop: Shop) -> None:
    shop.buy(shop.browser(), THURSDAY, email=GUEST)
    assert asked(shop).post("/api/claims/code", json={"code": "AAAA-AAAA"}).status_code == 422
    assert shop.opened(OWNER) == []


def test_a_code_is_good_once(shop: Shop) -> None:
    shop.buy(shop.browser(), THURSDAY, email=GUEST)
    owner = asked(shop)
    code = code_of(shop)
    answers = [owner.post("/api/claims/code", json={"code": code}).status_code for _ in range(2)]
    assert answers[0] == 200 and answers[1] in (409, 410)


def test_a_stranger_who_reads_the_code_elsewhere_gets_nothing(shop: Shop) -> None:
    shop.buy(shop.browser(), THURSDAY, email=GUEST)
    asked(shop)
    assert shop.stranger().post("/api/claims/code", json={"code": code_of(shop)}).status_code == 409
    assert shop.opened(STRANGER) == []


def test_ones_own_address_need_not_be_claimed(shop: Shop) -> None:
    answer = shop.owner().post("/api/claims", json={"email": OWNER.upper()})
    assert (answer.status_code, list(answer.json()["fields"])) == (422, ["email"])


def test_bad_input_and_signed_out_are_refused(shop: Shop) -> None:
    assert shop.owner().post("/api/claims", json={}).status_code == 422
    assert shop.owner().post("/api/claims", json={"email": "x"}).status_code == 422
    assert shop.owner().get("/api/claims").status_code == 405
    assert shop.browser().post("/api/claims", json={"email": GUEST}).status_code == 401
    assert shop.browser().post("/api/claims/code", json={"code": "x"}).status_code == 401


def test_asking_too_often_has_to_wait(shop: Shop) -> None:
    owner = shop.owner()
    answers = [owner.post("/api/claims", json={"email": GUEST}).status_code for _ in range(6)]
    assert answers == [202] * 5 + [429]


def test_without_script_the_page_for_the_code_comes_next(shop: Shop) -> None:
    answer = shop.owner().post("/api/claims", content=urlencode({"email": GUEST}), headers=FORM)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account/claim/code/")


def test_an_account_with_both_keeps_what_it_had(shop: Shop) -> None:
    shop.buy(shop.owner(), WATER)
    shop.buy(shop.browser(), THURSDAY, email=GUEST)
    asked(shop).post("/api/claims/code", json={"code": code_of(shop)})
    assert shop.opened(OWNER) == sorted([THURSDAY, WATER])
