"""What our gateway relies on, asked of the stand-in and, with STRIPE_TEST_KEY, of Stripe.

Paying needs a browser at Stripe, so what follows a payment is asked of the stand-in alone: the tests that take `sandbox`.
"""

import asyncio
import datetime as dt
import secrets
from collections.abc import Coroutine
from typing import Any, TypeVar

import pytest
import stripe
from msgspec.structs import replace

from api.errors import AppError, Code
from api.gateways.payments import (
    CheckoutLine,
    CheckoutOptions,
    CheckoutRequest,
    CheckoutSession,
    InvoiceData,
    ProviderEvent,
)
from api.gateways.stripe import StripeGateway
from api.gateways.stripe_requests import API_VERSION
from api.sandbox.settings import utc_now
from tests.contracts.conftest import Target
from tests.stand_in import StandIn, until

T = TypeVar("T")
HOUR = dt.timedelta(hours=1)


def run(asked: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(asked)


def order(*prices_cents: int, **changes: Any) -> CheckoutRequest:
    """An order with a line for every price, under an id that nobody has used."""
    lines = [
        CheckoutLine(line_id=f"line_{n}", product_id=f"course-{n}", title=f"Course {n}", price_cents=cents)
        for n, cents in enumerate(prices_cents or (4900,), start=1)
    ]
    values: dict[str, Any] = {
        "order_id": f"ord_{secrets.token_hex(8)}",
        "attempt": 1,
        "currency": "usd",
        "lines": tuple(lines),
        "success_url": "http://localhost:8000/checkout/done/?session={CHECKOUT_SESSION_ID}",
        "cancel_url": "http://localhost:8000/checkout/cancelled/",
        "expires_at": utc_now() + HOUR,
    }
    return CheckoutRequest(**values | changes)


def opened(target: Target, request: CheckoutRequest) -> CheckoutSession:
    return run(target.gateway.create_session(request))


def client(target: Target) -> stripe.StripeClient:
    addresses: Any = {"api": target.api} if target.api else {}
    return stripe.StripeClient(target.key, stripe_version=API_VERSION, base_addresses=addresses, max_network_retries=0)


def coupon(target: Target, **more: Any) -> str:
    params: Any = {"duration": "once", **more}
    made = client(target).v1.coupons.create(params)
    return str(made.id)


def promotion_code(target: Target, coupon_id: str) -> tuple[str, str]:
    """Its id and what a buyer types."""
    params: Any = {"promotion": {"type": "coupon", "coupon": coupon_id}, "code": secrets.token_hex(5).upper()}
    made = client(target).v1.promotion_codes.create(params)
    return str(made.id), str(made.code)


def paid(sandbox: StandIn, request: CheckoutRequest, action: str = "pay", **fields: str) -> CheckoutSession:
    session = run(sandbox.service.create_session(request))
    assert sandbox.act(session.id, action, **fields).status_code == 303
    return run(sandbox.service.retrieve_session(session.id))


def refusal(asked: Coroutine[Any, Any, Any]) -> AppError:
    with pytest.raises(AppError) as refused:
        run(asked)
    return refused.value


# ------------------------------------------------------------------ sessions


def test_a_new_session_is_open_and_carries_the_order(target: Target) -> None:
    request = order(4900, 1900, metadata={"account": "acc_1"})
    session = opened(target, request)
    assert (session.status, session.payment_status) == ("open", "unpaid")
    assert session.order_id == request.order_id
    assert session.metadata == {"account": "acc_1", "order": request.order_id}
    assert (session.subtotal_cents, session.total_cents, session.currency) == (6800, 6800, "usd")
    assert session.url
    assert session.livemode is False


def test_a_retrieved_session_names_our_lines(target: Target) -> None:
    session = opened(target, order(4900, 1900))
    lines = run(target.gateway.retrieve_session(session.id)).lines
    assert {(line.line_id, line.product_id, line.total_cents) for line in lines} == {
        ("line_1", "course-1", 4900),
        ("line_2", "course-2", 1900),
    }


def test_the_same_attempt_opens_one_session(target: Target) -> None:
    request = order()
    assert opened(target, request).id == opened(target, request).id


def test_another_attempt_opens_another_session(target: Target) -> None:
    request = order()
    assert opened(target, request).id != opened(target, replace(request, attempt=2)).id


def test_the_same_attempt_with_another_price_is_refused(target: Target) -> None:
    request = order(4900)
    opened(target, request)
    other = replace(order(100), order_id=request.order_id, expires_at=request.expires_at)
    assert refusal(target.gateway.create_session(other)).code == Code.CONFLICT


def test_a_session_is_found_by_its_order(target: Target) -> None:
    request = order()
    session = opened(target, request)
    found = run(target.gateway.find_sessions(request.order_id, created_after=session.created_at))
    assert [one.id for one in found] == [session.id]


def test_an_order_that_never_reached_stripe_has_no_session(target: Target) -> None:
    assert run(target.gateway.find_sessions("ord_nobody", created_after=utc_now())) == ()


def test_an_expired_session_cannot_be_paid_or_expired_again(target: Target) -> None:
    session = opened(target, order())
    expired = run(target.gateway.expire_session(session.id))
    assert (expired.status, expired.url) == ("expired", None)
    assert refusal(target.gateway.expire_session(session.id)).code == Code.CONFLICT


def test_an_unknown_session_is_not_found(target: Target) -> None:
    assert refusal(target.gateway.retrieve_session("cs_test_nobody")).code == Code.NOT_FOUND


def test_sessions_are_listed_by_status(target: Target) -> None:
    session = opened(target, order())
    run(target.gateway.expire_session(session.id))
    listed = run(target.gateway.list_sessions(created_after=session.created_at - HOUR, status="expired"))
    assert session.id in {one.id for one in listed}
    assert {one.status for one in listed} == {"expired"}


@pytest.mark.parametrize("minutes", [10, 26 * 60])
def test_a_session_lives_half_an_hour_to_a_day(target: Target, minutes: int) -> None:
    request = order(expires_at=utc_now() + dt.timedelta(minutes=minutes))
    assert refusal(target.gateway.create_session(request)).code == Code.INVALID


def test_all_switches_are_names_that_stripe_knows(target: Target) -> None:
    options = CheckoutOptions(tax_ids=True, recovery=True, mobile_app=True, adaptive_pricing=True)
    assert opened(target, order(options=options)).status == "open"


def test_prices_of_two_currencies_stay_in_theirs(target: Target) -> None:
    assert opened(target, order(4500, currency="eur")).currency == "eur"


def test_too_small_a_sum_is_refused(target: Target) -> None:
    assert refusal(target.gateway.create_session(order(10))).code == Code.INVALID


# ------------------------------------------------------------------ discounts


def test_a_percentage_is_taken_off_to_the_cent(target: Target) -> None:
    session = opened(target, order(4999, 1001, coupon=coupon(target, percent_off=33.3)))
    whole = run(target.gateway.retrieve_session(session.id))
    assert whole.discount_cents == 1998
    assert sum(line.discount_cents for line in whole.lines) == 1998
    assert whole.total_cents == sum(line.total_cents for line in whole.lines) == 4002


def test_a_fixed_sum_is_shared_by_all_lines(target: Target) -> None:
    session = opened(target, order(3000, 2000, coupon=coupon(target, amount_off=1000, currency="usd")))
    lines = run(target.gateway.retrieve_session(session.id)).lines
    assert {line.line_id: line.discount_cents for line in lines} == {"line_1": 600, "line_2": 400}


def test_a_promotion_code_is_told_with_its_coupon(target: Target) -> None:
    coupon_id = coupon(target, percent_off=25)
    code_id, code = promotion_code(target, coupon_id)
    assert run(target.gateway.promotion_code(code)) == code_id
    session = opened(target, order(promotion_code=code_id))
    (discount,) = run(target.gateway.retrieve_session(session.id)).discounts
    assert (discount.coupon, discount.promotion_code, discount.code) == (coupon_id, code_id, code)


def test_a_code_that_nobody_made_is_none(target: Target) -> None:
    assert run(target.gateway.promotion_code("NOBODYMADETHIS")) is None


def test_an_unknown_coupon_is_refused(target: Target) -> None:
    assert refusal(target.gateway.create_session(order(coupon="nobody-made-this"))).code == Code.NOT_FOUND


def test_all_taken_off_leaves_nothing_to_pay(target: Target) -> None:
    session = opened(target, order(coupon=coupon(target, percent_off=100)))
    assert (session.total_cents, session.status) == (0, "open")


# ------------------------------------------------------------------ customers


def customer_of(target: Target) -> str:
    account = f"acc_{secrets.token_hex(8)}"
    made = run(
        target.gateway.create_customer(
            email="ada@example.com", account_id=account, name="Ada", idempotency_key=f"customer-{account}"
        )
    )
    return made.id


def test_a_customer_is_made_once(target: Target) -> None:
    asked = {"email": "ada@example.com", "account_id": "acc_1", "idempotency_key": f"customer-{secrets.token_hex(8)}"}
    first = run(target.gateway.create_customer(**asked))
    assert run(target.gateway.create_customer(**asked)).id == first.id


def test_a_customer_is_deleted_and_deleted_again(target: Target) -> None:
    customer = customer_of(target)
    for _ in range(2):
        run(target.gateway.delete_customer(customer))
    listed = client(target).v1.customers.list({"limit": 100})
    assert customer not in {each.id for each in listed.data}


def test_a_known_customer_keeps_the_session(target: Target) -> None:
    customer = customer_of(target)
    assert opened(target, order(customer=customer)).customer == customer


def test_invoice_data_are_kept_with_the_customer(target: Target) -> None:
    customer = customer_of(target)
    data = InvoiceData(
        name="Ada GmbH", line1="Weg 1", city="Bonn", country="DE", tax_id_type="eu_vat", tax_id="DE123456789"
    )
    assert run(target.gateway.update_invoice_data(customer, data)).name == "Ada GmbH"
    run(target.gateway.update_invoice_data(customer, data))
    kept = client(target).v1.customers.tax_ids.list(customer)
    assert [(one.type, one.value) for one in kept.data] == [("eu_vat", "DE123456789")]


def test_a_tax_number_that_is_none_is_refused(target: Target) -> None:
    data = InvoiceData(name="Ada", country="DE", tax_id_type="eu_vat", tax_id="nonsense")
    assert refusal(target.gateway.update_invoice_data(customer_of(target), data)).code == Code.INVALID


# ------------------------------------------------------------------ errors and parameters


def test_an_unknown_parameter_is_refused_with_its_name(target: Target) -> None:
    params: Any = {"mode": "payment", "colour": "red"}
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client(target).v1.checkout.sessions.create(params)
    assert (refused.value.code, refused.value.param, refused.value.http_status) == ("parameter_unknown", "colour", 400)


def test_two_ways_to_a_discount_exclude_each_other(target: Target) -> None:
    params: Any = {
        "mode": "payment",
        "success_url": "https://shop.example/",
        "line_items": [
            {"price_data": {"currency": "usd", "unit_amount": 900, "product_data": {"name": "x"}}, "quantity": 1}
        ],
        "allow_promotion_codes": True,
        "discounts": [{"coupon": "any"}],
    }
    with pytest.raises(stripe.InvalidRequestError):
        client(target).v1.checkout.sessions.create(params)


def test_a_wrong_key_is_told_apart(target: Target) -> None:
    wrong = StripeGateway("sk_wrong_key", api=target.api)
    assert refusal(wrong.retrieve_session("cs_test_x")).code == Code.PAYMENT_UNAVAILABLE


def test_what_is_many_is_listed_in_pages(target: Target) -> None:
    for _ in range(3):
        customer_of(target)
    listed = client(target).v1.customers.list({"limit": 2})
    assert listed.has_more
    rest = client(target).v1.customers.list({"limit": 2, "starting_after": listed.data[-1].id})
    assert not {one.id for one in listed.data} & {one.id for one in rest.data}


def test_the_account_s_events_are_listed_oldest_first(target: Target) -> None:
    since = utc_now() - dt.timedelta(minutes=1)
    customer = customer_of(target)

    def listed() -> list[ProviderEvent]:
        return list(run(target.gateway.list_events(created_after=since, types=["customer.created"])))

    until(lambda: customer in {event.object_id for event in listed()}, what="the event")
    events = listed()
    assert [event.created_at for event in events] == sorted(event.created_at for event in events)


def test_an_endpoint_is_made_once_and_its_secret_shown_once(target: Target) -> None:
    url = f"https://shop.example/{secrets.token_hex(8)}"
    made = run(target.gateway.keep_webhook_endpoint(url, types=["refund.created"]))
    assert made
    assert made.startswith("whsec_")
    assert run(target.gateway.keep_webhook_endpoint(url, types=["refund.created", "refund.updated"])) is None
    endpoints = client(target).v1.webhook_endpoints
    (kept,) = [one for one in endpoints.list({"limit": 100}).auto_paging_iter() if one.url == url]
    endpoints.delete(kept.id)
    assert (kept.api_version, kept.enabled_events) == (API_VERSION, ["refund.created", "refund.updated"])


def test_a_charge_that_is_none_cannot_be_refunded(target: Target) -> None:
    asked = target.gateway.create_refund("pi_nobody", amount_cents=100, idempotency_key=secrets.token_hex(8))
    assert refusal(asked).code == Code.NOT_FOUND


# ------------------------------------------------------------------ after a payment: the stand-in alone


def test_a_paid_session_tells_payment_invoice_and_buyer(sandbox: StandIn) -> None:
    session = paid(sandbox, order(4900))
    assert (session.status, session.payment_status, session.email) == ("complete", "paid", "ada@example.com")
    assert session.payment
    assert (session.payment.status, session.payment.received_cents) == ("succeeded", 4900)
    assert session.payment.order_id == session.order_id
    assert session.invoice
    assert session.invoice.page_url
    assert session.customer


def test_a_refused_card_leaves_the_session_open(sandbox: StandIn) -> None:
    session = run(sandbox.service.create_session(order()))
    answer = sandbox.act(session.id, "decline")
    assert "declined" in answer.text
    again = run(sandbox.service.retrieve_session(session.id))
    assert (again.status, again.payment_status) == ("open", "unpaid")
    assert again.payment
    assert again.payment.status == "requires_payment_method"
    assert sandbox.act(session.id, "pay").status_code == 303


def test_a_paid_session_cannot_be_paid_twice(sandbox: StandIn) -> None:
    session = paid(sandbox, order())
    assert sandbox.act(session.id, "pay").status_code != 303
    assert refusal(sandbox.service.expire_session(session.id)).code == Code.CONFLICT


def test_nothing_to_pay_completes_without_a_payment(sandbox: StandIn) -> None:
    whole = sandbox_target(sandbox)
    session = paid(sandbox, order(coupon=coupon(whole, percent_off=100)))
    assert (session.payment_status, session.payment_intent, session.total_cents) == ("no_payment_required", None, 0)


def test_a_delayed_payment_is_unpaid_until_it_arrives(sandbox: StandIn) -> None:
    session = paid(sandbox, order(), "delayed")
    assert (session.status, session.payment_status) == ("complete", "unpaid")
    sandbox.operate(f"sessions/{session.id}/succeed")
    assert run(sandbox.service.retrieve_session(session.id)).payment_status == "paid"


def test_a_delayed_payment_may_fail(sandbox: StandIn) -> None:
    session = paid(sandbox, order(), "delayed")
    sandbox.operate(f"sessions/{session.id}/fail")
    failed = run(sandbox.service.retrieve_session(session.id))
    assert failed.payment
    assert (failed.payment_status, failed.payment.status) == ("unpaid", "requires_payment_method")


def test_a_typed_promotion_code_is_told_with_the_session(sandbox: StandIn) -> None:
    _, code = promotion_code(sandbox_target(sandbox), coupon(sandbox_target(sandbox), percent_off=50))
    session = run(sandbox.service.create_session(order(4900)))
    assert "24.50" in sandbox.act(session.id, "code", promotion_code=code.lower()).text
    sandbox.act(session.id, "pay")
    bought = run(sandbox.service.retrieve_session(session.id))
    assert (bought.total_cents, bought.discount_cents, bought.discounts[0].code) == (2450, 2450, code)


def test_a_code_used_up_is_refused_at_the_page(sandbox: StandIn) -> None:
    _, code = promotion_code(
        sandbox_target(sandbox), coupon(sandbox_target(sandbox), percent_off=50, max_redemptions=1)
    )
    for status in (200, 422):
        session = run(sandbox.service.create_session(order()))
        assert sandbox.act(session.id, "code", promotion_code=code).status_code == status
        sandbox.act(session.id, "pay")


def test_a_refund_in_parts_never_passes_what_was_paid(sandbox: StandIn) -> None:
    payment = intent_of(paid(sandbox, order(4900)))
    refund = run(sandbox.operator.create_refund(payment, amount_cents=900, idempotency_key=secrets.token_hex(8)))
    assert (refund.status, refund.amount_cents, refund.payment_intent) == ("succeeded", 900, payment)
    too_much = sandbox.operator.create_refund(payment, amount_cents=4001, idempotency_key=secrets.token_hex(8))
    assert refusal(too_much).code == Code.CONFLICT
    run(sandbox.operator.create_refund(payment, amount_cents=4000, idempotency_key=secrets.token_hex(8)))
    assert sum(one.amount_cents for one in run(sandbox.service.list_refunds(payment))) == 4900


def test_a_refund_said_twice_is_made_once(sandbox: StandIn) -> None:
    payment = intent_of(paid(sandbox, order(4900)))
    key = secrets.token_hex(8)
    for _ in range(2):
        run(sandbox.operator.create_refund(payment, amount_cents=900, idempotency_key=key))
    assert len(run(sandbox.service.list_refunds(payment))) == 1


def test_the_service_s_key_may_not_refund(sandbox: StandIn) -> None:
    payment = intent_of(paid(sandbox, order()))
    asked = sandbox.service.create_refund(payment, amount_cents=100, idempotency_key=secrets.token_hex(8))
    assert refusal(asked).code == Code.PAYMENT_UNAVAILABLE
    assert run(sandbox.service.list_refunds(payment)) == ()


def test_the_session_of_a_payment_is_found(sandbox: StandIn) -> None:
    session = paid(sandbox, order())
    found = run(sandbox.service.find_session_of_payment(intent_of(session)))
    assert found
    assert found.id == session.id


def sandbox_target(sandbox: StandIn) -> Target:
    return Target(gateway=sandbox.operator, key="sk_test_contract", api=sandbox.url)


def intent_of(session: CheckoutSession) -> str:
    assert session.payment_intent
    return session.payment_intent
