"""Erasing an account also lets Stripe forget its customers: asked again until it says yes, and never in our own erasure's way."""

import pytest
from msgspec.structs import replace

from api.usecases import claims, customers, deletion, diagnosis
from api.usecases.fulfilment import By
from tests.api.conftest import FakeClock
from tests.api.shop import GUEST, OWNER, STRANGER, THURSDAY, WATER, Shop
from tests.api.test_claims import asked
from tests.api.test_free_courses import code_of

AWAY = [{"method": "DELETE", "path": "/v1/customers/*", "status": 500}]


def erase(shop: Shop, email: str) -> str:
    """Our own erasure; the account's id."""
    account = shop.account(email)
    assert account is not None
    with shop.service.database.transaction() as db:
        deletion.erase(db, account, tell=False, now=shop.clock())
    return account.id


def ask_stripe(shop: Shop) -> int:
    done: int = shop.run(lambda: customers.erase_due(shop.service))
    return done


def at_stripe(shop: Shop) -> set[str]:
    return {customer.email or "" for customer in shop.at_stripe.v1.customers.list({"limit": 100}).data}


def test_stripe_forgets_the_customer_and_the_audit_knows(shop: Shop) -> None:
    shop.buy(shop.owner(), THURSDAY)
    shop.buy(shop.stranger(), THURSDAY)
    assert ask_stripe(shop) == 0
    id = erase(shop, OWNER)
    assert ask_stripe(shop) == 1
    assert at_stripe(shop) == {STRANGER}
    assert shop.rows("SELECT subject, actor FROM audit WHERE action = 'customer.erased'") == [(id, "service")]
    assert ask_stripe(shop) == 0


def test_a_refund_is_still_possible_afterwards(shop: Shop) -> None:
    order_id = shop.buy(shop.owner(), THURSDAY)
    erase(shop, OWNER)
    ask_stripe(shop)
    intent = shop.rows("SELECT stripe_payment_intent FROM orders")[0][0]
    shop.run(lambda: shop.operator.create_refund(intent, amount_cents=4900, idempotency_key="x"))
    shop.tell()
    assert shop.state(order_id) == "refunded"


def test_every_customer_goes_those_of_guests_and_of_earlier_addresses_too(shop: Shop) -> None:
    shop.buy(shop.browser(), THURSDAY, email=OWNER)
    shop.buy(shop.browser(), WATER, email=OWNER)
    shop.buy(shop.browser(), WATER, email=GUEST)
    asked(shop, GUEST).post("/api/claims/code", json={"code": code_of(shop)})
    with shop.service.database.transaction() as db:
        db.execute("UPDATE accounts SET stripe_customer = NULL WHERE email = ?", (OWNER,))  # as a changed address does
    assert len(shop.rows("SELECT stripe_id FROM customers")) == 3
    erase(shop, OWNER)
    assert ask_stripe(shop) == 2
    assert at_stripe(shop) == {GUEST}  # that account lives, and pays with it
    erase(shop, GUEST)
    assert ask_stripe(shop) == 1
    assert at_stripe(shop) == set()


def test_stripe_away_holds_nothing_up_and_is_asked_again(shop: Shop, clock: FakeClock) -> None:
    shop.buy(shop.owner(), THURSDAY)
    shop.stripe.set("faults", AWAY)
    erase(shop, OWNER)
    assert shop.account(OWNER) is None
    assert ask_stripe(shop) == 0
    shop.stripe.set("faults", [])
    assert ask_stripe(shop) == 0  # not before its time
    clock.advance(minutes=11)
    assert ask_stripe(shop) == 1
    assert at_stripe(shop) == set()


@pytest.mark.parametrize("after", [False, True])
def test_an_answer_that_was_lost_is_asked_for_again(shop: Shop, clock: FakeClock, *, after: bool) -> None:
    shop.buy(shop.owner(), THURSDAY)
    shop.stripe.set(
        "faults", [{"method": "DELETE", "path": "/v1/customers/*", "status": 500, "times": 1, "after": after}]
    )
    erase(shop, OWNER)
    ask_stripe(shop)
    clock.advance(minutes=11)
    assert ask_stripe(shop) == 1
    assert len(shop.rows("SELECT 1 FROM audit WHERE action = 'customer.erased'")) == 1


def test_without_a_key_it_waits(shop: Shop) -> None:
    shop.buy(shop.owner(), THURSDAY)
    erase(shop, OWNER)
    keyless = replace(shop.service, stripe=None)
    assert shop.run(lambda: customers.erase_due(keyless)) == 0
    assert ask_stripe(shop) == 1


def test_doctor_says_what_waits_and_why(shop: Shop) -> None:
    shop.buy(shop.owner(), THURSDAY)
    shop.stripe.set("faults", AWAY)
    erase(shop, OWNER)
    ask_stripe(shop)
    checks = shop.run(lambda: diagnosis.examine(shop.service))
    (check,) = [check for check in checks if check.name == "erasure"]
    assert check.found.startswith("1 customers of erased accounts wait") and check.remedy


def test_a_merged_accounts_customer_goes_with_the_other(shop: Shop) -> None:
    shop.buy(shop.owner(), THURSDAY)
    shop.buy(shop.stranger(), WATER)
    source, target = shop.account(STRANGER), shop.account(OWNER)
    assert source is not None and target is not None
    with shop.service.database.transaction() as db:
        claims.move(db, source, target, By(actor="operator", now=shop.clock()))
        db.execute("UPDATE accounts SET stripe_customer = NULL WHERE id = ?", (source.id,))
    erase(shop, OWNER)
    assert ask_stripe(shop) == 2
