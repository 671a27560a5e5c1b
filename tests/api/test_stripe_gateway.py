"""What buyers and operators are told when Stripe is away, slow, busy, in error, or refuses."""

import asyncio
import socket
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest

from api.errors import AppError, Code
from api.gateways import stripe as gateway_module
from api.gateways.payments import CheckoutLine, CheckoutOptions, CheckoutRequest, CheckoutSession, ProviderUnavailable
from api.gateways.stripe import StripeGateway
from api.gateways.stripe_requests import session as session_params
from api.sandbox.settings import OPERATOR_KEY, SERVICE_KEY
from tests.contracts.test_stripe import order
from tests.stand_in import StandIn, stand_in, until


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    with stand_in(tmp_path_factory.mktemp("gateway")) as running:
        yield running


def run(asked: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(asked)


def unavailable(asked: Coroutine[Any, Any, Any]) -> ProviderUnavailable:
    with pytest.raises(ProviderUnavailable) as refused:
        run(asked)
    assert refused.value.code == Code.PAYMENT_UNAVAILABLE
    return refused.value


def fault(sandbox: StandIn, **values: Any) -> None:
    sandbox.set("faults", [{"path": "/v1/checkout/sessions*", "method": "*", **values}])


def test_stripe_in_error_charged_nothing(sandbox: StandIn) -> None:
    fault(sandbox, status=500)
    error = unavailable(sandbox.service.create_session(order()))
    assert error.message == "The payment provider did not answer: nothing was charged. Please try again."
    assert error.may_have_happened


def test_an_order_is_found_again_whose_answer_was_lost(sandbox: StandIn) -> None:
    request = order()
    fault(sandbox, status=500, after=True)
    unavailable(sandbox.service.create_session(request))
    (session,) = found(sandbox, request)
    assert session.status == "open"


def test_a_busy_stripe_did_nothing(sandbox: StandIn) -> None:
    fault(sandbox, status=429)
    error = unavailable(sandbox.service.create_session(order()))
    assert not error.may_have_happened
    assert error.retry_after_seconds


def test_a_slow_stripe_is_not_waited_for(sandbox: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gateway_module, "READ_SECONDS", 0.2)
    impatient = StripeGateway(SERVICE_KEY, api=sandbox.url)
    fault(sandbox, hang_seconds=1)
    assert unavailable(impatient.create_session(order())).may_have_happened


def test_the_same_attempt_beside_a_slow_one_is_not_made_twice(
    sandbox: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gateway_module, "READ_SECONDS", 0.2)
    impatient = StripeGateway(SERVICE_KEY, api=sandbox.url)
    request = order()
    fault(sandbox, hang_seconds=1)
    slow = unavailable(impatient.create_session(request))
    assert (slow.may_have_happened, slow.answered) == (True, False)
    with pytest.raises(AppError, match="under way"):
        run(impatient.create_session(request))
    until(lambda: bool(found(sandbox, request)), what="the slow session")
    assert run(sandbox.service.create_session(request)).id == found(sandbox, request)[0].id
    assert len(found(sandbox, request)) == 1


def found(sandbox: StandIn, request: CheckoutRequest) -> tuple[CheckoutSession, ...]:
    since = request.expires_at.replace(year=2020)
    return tuple(run(sandbox.service.find_sessions(request.order_id, created_after=since)))


def test_a_call_is_sent_once_and_not_tried_again_by_the_package(sandbox: StandIn) -> None:
    fault(sandbox, status=500, times=1)
    unavailable(sandbox.service.create_session(order()))
    assert run(sandbox.service.create_session(order())).status == "open"


def test_nobody_at_the_address_is_told_like_no_answer() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        nobody = StripeGateway(SERVICE_KEY, api=f"http://127.0.0.1:{unused.getsockname()[1]}")
        assert unavailable(nobody.create_session(order())).may_have_happened


def test_a_locked_key_is_no_fault_of_the_buyer_s(sandbox: StandIn) -> None:
    locked = StripeGateway("rk_test_unknown", api=sandbox.url)
    error = unavailable(locked.create_session(order()))
    assert "key" in error.message
    assert "rk_test" not in error.message


def test_a_declined_refund_is_told(sandbox: StandIn) -> None:
    sandbox.set("faults", [{"path": "/v1/refunds", "status": 402}])
    with pytest.raises(AppError, match="declined"):
        run(sandbox.operator.create_refund("pi_1", amount_cents=1, idempotency_key="k"))


def test_the_sum_of_the_balance_holds_payments_refunds_and_fees(tmp_path: Path) -> None:
    with stand_in(tmp_path) as sandbox:
        day = buy_and_refund(sandbox)
        usd = run(sandbox.service.sum_balance(since=day, until=day.replace(year=day.year + 1)))["usd"]
    assert (usd.payments_cents, usd.refunds_cents, usd.fees_cents, usd.net_cents) == (4900, 900, 172, 3828)
    assert usd.net_cents == usd.payments_cents - usd.refunds_cents - usd.fees_cents + usd.other_cents


def buy_and_refund(sandbox: StandIn) -> Any:
    session = run(sandbox.service.create_session(order()))
    sandbox.act(session.id, "pay")
    intent = run(sandbox.service.retrieve_session(session.id)).payment_intent
    run(StripeGateway(OPERATOR_KEY, api=sandbox.url).create_refund(intent, amount_cents=900, idempotency_key="k"))
    return session.created_at


# ------------------------------------------------------------------ what is asked for


def test_price_currency_and_order_are_ours() -> None:
    params = session_params(order(4900, currency="eur"))
    (line,) = params["line_items"]
    assert (line["price_data"]["unit_amount"], line["price_data"]["currency"]) == (4900, "eur")
    assert params["client_reference_id"] == params["metadata"]["order"]
    assert params["payment_intent_data"]["metadata"] == params["metadata"]


def test_a_fixed_discount_and_a_field_for_codes_exclude_each_other() -> None:
    assert session_params(order(promotion_code="promo_1"))["discounts"] == [{"promotion_code": "promo_1"}]
    assert "allow_promotion_codes" not in session_params(order(coupon="half"))
    assert session_params(order())["allow_promotion_codes"] is True


def test_a_known_customer_is_named_and_none_is_made() -> None:
    params = session_params(order(customer="cus_1", email="ada@example.com"))
    assert params["customer"] == "cus_1"
    assert not {"customer_email", "customer_creation"} & set(params)


def test_a_seller_of_record_reckons_tax_and_writes_the_invoice() -> None:
    line = CheckoutLine(line_id="l", product_id="p", title="Course", price_cents=4900, tax_code="txcd_10000000")
    params = session_params(order(tax_mode="managed", lines=(line,), options=CheckoutOptions(tax_ids=True)))
    assert params["managed_payments"] == {"enabled": True}
    assert not {"automatic_tax", "tax_id_collection", "invoice_creation", "adaptive_pricing"} & set(params)


def test_stripe_takes_what_a_seller_of_record_is_asked_for(sandbox: StandIn) -> None:
    line = CheckoutLine(line_id="l", product_id="p", title="Course", price_cents=4900, tax_code="txcd_10000000")
    assert run(sandbox.service.create_session(order(tax_mode="managed", lines=(line,)))).status == "open"


@pytest.mark.parametrize("metadata", [{"contents": "x" * 501}, {"k" * 41: "x"}, {str(n): "x" for n in range(50)}])
def test_metadata_that_stripe_cannot_keep_are_refused_before_it_is_asked(metadata: dict[str, str]) -> None:
    with pytest.raises(AppError) as refused:
        session_params(order(metadata=metadata))
    assert refused.value.code == Code.INVALID
