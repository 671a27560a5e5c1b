"""Refunds by the operator's command: whatever becomes of Stripe's answers, money goes back once for each time it was meant to."""

import asyncio
from typing import Any

import pytest
from msgspec.structs import replace

from api.errors import AppError, Code
from api.gateways import stripe as gateway_module
from api.gateways.payments import ProviderUnavailable
from api.gateways.stripe import StripeGateway
from api.sandbox.settings import OPERATOR_KEY
from api.usecases import refunding
from api.usecases.administration import Told
from tests.api.shop import OWNER, THURSDAY, WATER, Shop
from tests.stand_in import until

REFUNDS = "/v1/refunds"


def refund(shop: Shop, order_id: str, cents: int | None = None, **more: Any) -> Told:
    """`longwave admin refund ORDER --cents CENTS`"""
    service = replace(shop.service, stripe=shop.operator)
    wanted = {"cents": cents, "line_name": None, **more}
    told: Told = shop.run(lambda: refunding.refund(service, order_id, **wanted))
    return told


def refused(shop: Shop, order_id: str, cents: int | None = None, **more: Any) -> AppError:
    with pytest.raises(AppError) as caught:
        refund(shop, order_id, cents, **more)
    return caught.value


def at_stripe(shop: Shop) -> list[int]:
    """What went back, in cents, the first first."""
    return [one.amount for one in shop.at_stripe.v1.refunds.list({"limit": 100}).data][::-1]


@pytest.fixture
def order_id(shop: Shop) -> str:
    return shop.buy(shop.owner(), THURSDAY, WATER)


@pytest.mark.parametrize("cents", [1000, None], ids=["a-part", "all"])
def test_an_answer_that_was_lost_is_looked_for_at_once(shop: Shop, order_id: str, cents: int | None) -> None:
    shop.stripe.set("faults", [{"path": REFUNDS, "status": 500, "after": True}])
    said = f"{'$10' if cents else '$78'} of order {order_id} go back to {OWNER}"
    assert said in refund(shop, order_id, cents).said[0]
    assert at_stripe(shop) == [cents or 7800]


@pytest.mark.parametrize("told", [True, False], ids=["webhook-came", "webhook-late"])
@pytest.mark.parametrize(("cents", "line_name"), [(1000, None), (1000, WATER), (None, WATER), (None, None)])
def test_said_again_after_answer_and_look_were_lost_it_gives_back_once(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, told: bool, cents: int | None, line_name: str | None
) -> None:
    order_id = shop.buy(shop.owner(), THURSDAY, WATER)
    with monkeypatch.context() as patched:
        only_the_first_look_is_answered(patched)
        shop.stripe.set("faults", [{"path": REFUNDS, "status": 500, "after": True}])
        assert isinstance(refused(shop, order_id, cents, line_name=line_name), ProviderUnavailable)
    if told:
        shop.tell()
    again = refused(shop, order_id, cents, line_name=line_name)
    assert (again.code, len(at_stripe(shop))) == (Code.CONFLICT, 1)
    assert "already" in again.message
    assert shop.rows("SELECT COUNT(*) FROM refunds") == [(1,)]


def test_an_error_that_made_nothing_says_so_and_the_next_try_works(shop: Shop, order_id: str) -> None:
    """Stripe repeats its error under the same key for a day."""
    shop.stripe.set("faults", [{"path": REFUNDS, "status": 500}])
    assert "no refund was made. Run the same command again" in refused(shop, order_id, 1000).message
    refund(shop, order_id, 1000)
    assert at_stripe(shop) == [1000]


def test_a_slow_refund_is_not_made_a_second_time(shop: Shop, order_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not there yet when it is looked for; the same command again has the same key."""
    monkeypatch.setattr(gateway_module, "READ_SECONDS", 1.0)
    shop.stripe.set("faults", [{"path": REFUNDS, "hang_seconds": 3.0}])
    assert "not known yet" in refused(shop, order_id, 1000).message
    assert refused(shop, order_id, 1000).code is Code.CONFLICT
    until(lambda: at_stripe(shop) == [1000], what="the slow refund")
    assert "went back on" in refused(shop, order_id, 1000).message
    assert at_stripe(shop) == [1000]


def test_two_windows_at_once_give_back_once(shop: Shop, order_id: str) -> None:
    service = replace(shop.service, stripe=StripeGateway(OPERATOR_KEY, api=shop.stripe.url))

    async def both() -> list[Any]:
        asked = (refunding.refund(service, order_id, cents=1000, line_name=None) for _ in range(2))
        return await asyncio.gather(*asked, return_exceptions=True)

    assert any(isinstance(one, Told) for one in shop.run(both))
    assert at_stripe(shop) == [1000]


def test_as_much_once_more_has_to_be_meant(shop: Shop, order_id: str) -> None:
    refund(shop, order_id, 1000)
    assert "say --again" in refused(shop, order_id, 1000).message
    assert at_stripe(shop) == [1000]
    refund(shop, order_id, 1000, again=True)
    refund(shop, order_id, 1500)
    assert at_stripe(shop) == [1000, 1000, 1500]


def test_one_that_failed_can_be_made_anew(shop: Shop, order_id: str) -> None:
    shop.stripe.set("pending-refunds", True)
    first = refund(shop, order_id, 1000).ids[1]
    shop.stripe.operate(f"refunds/{first}/fail")
    shop.stripe.set("pending-refunds", False)
    assert refund(shop, order_id, 1000).ids[1] != first
    assert shop.rows("SELECT state FROM refunds ORDER BY created_at, state") == [("failed",), ("succeeded",)]


def test_what_somebody_gave_back_in_the_dashboard_is_told_and_counted(shop: Shop, order_id: str) -> None:
    intent = shop.rows("SELECT stripe_payment_intent FROM orders")[0][0]
    shop.at_stripe.v1.refunds.create({"payment_intent": intent, "amount": 5000})
    said = refund(shop, order_id).said
    assert "Stripe had given back $50" in said[0] and said[1].startswith("$28 of order")
    assert shop.state(order_id) == "refunded"


def only_the_first_look_is_answered(patched: pytest.MonkeyPatch) -> None:
    looked, listed = [], StripeGateway.list_refunds

    async def list_refunds(self: StripeGateway, payment_intent: str) -> Any:
        looked.append(payment_intent)
        if len(looked) > 1:
            raise ProviderUnavailable("No answer.", may_have_happened=True, answered=False)
        return await listed(self, payment_intent)

    patched.setattr(StripeGateway, "list_refunds", list_refunds)
