"""Turns what Stripe answers into values of our own; asks nothing and keeps nothing of Stripe's types."""

import datetime as dt
import json
from collections.abc import Iterable
from typing import Any

from msgspec.structs import replace

from api import email_address
from api.gateways.payments import (
    BalanceSum,
    Booking,
    CheckoutSession,
    Customer,
    Discount,
    Invoice,
    PaidLine,
    Payment,
    ProviderEvent,
    Refund,
)
from api.gateways.stripe_requests import LINE, ORDER, PRODUCT

PAYMENTS = {"charge", "payment"}
REFUNDS = {"refund", "payment_refund", "refund_failure", "payment_failure_refund"}
PAYOUTS = {"payout", "payout_cancel", "payout_failure"}  # from the balance to the bank: nothing earned or lost
Answer = Any  # Stripe's objects are read by name; the contract tests hold the names to the package's types


def session(answer: Answer) -> CheckoutSession:
    totals = answer.total_details
    buyer = answer.customer_details
    metadata = _metadata(answer)
    recovery = _part(_part(answer, "after_expiration"), "recovery")
    return CheckoutSession(
        id=answer.id,
        url=answer.url,
        status=answer.status,
        payment_status=answer.payment_status,
        order_id=answer.client_reference_id or metadata.get(ORDER),
        currency=answer.currency,
        subtotal_cents=answer.amount_subtotal,
        discount_cents=totals.amount_discount if totals else 0,
        tax_cents=totals.amount_tax if totals else 0,
        total_cents=answer.amount_total,
        customer=_id(answer.customer),
        email=_address((buyer.email if buyer else None) or answer.customer_email),
        name=buyer.name if buyer else None,
        payment_intent=_id(answer.payment_intent),
        livemode=answer.livemode,
        created_at=time(answer.created),
        expires_at=time(answer.expires_at),
        metadata=metadata,
        terms_accepted=_part(_part(answer, "consent"), "terms_of_service") == "accepted",
        recovery_url=_part(recovery, "url"),
        discounts=tuple(_discount(one) for one in _part(answer, "discounts") or ()),
        lines=tuple(_line(item) for item in answer.line_items.data) if _part(answer, "line_items") else (),
        payment=payment(answer.payment_intent) if _is_whole(answer.payment_intent) else None,
        invoice_id=_id(answer.invoice),
        invoice=_invoice(answer.invoice) if _is_whole(answer.invoice) else None,
    )


def _address(written: str | None) -> str | None:
    return email_address.tidied(written) if written else None


def payment(answer: Answer) -> Payment:
    return Payment(
        id=answer.id,
        status=answer.status,
        amount_cents=answer.amount,
        received_cents=answer.amount_received,
        currency=answer.currency,
        order_id=_metadata(answer).get(ORDER),
        charge=_id(answer.latest_charge),
        created_at=time(answer.created),
    )


def refund(answer: Answer) -> Refund:
    return Refund(
        id=answer.id,
        payment_intent=_id(answer.payment_intent),
        charge=_id(answer.charge),
        amount_cents=answer.amount,
        currency=answer.currency,
        status=answer.status,
        reason=answer.reason,
        failure_reason=_part(answer, "failure_reason"),
        created_at=time(answer.created),
        metadata=_metadata(answer),
    )


def account_of(customer: Answer) -> str | None:
    """The account of ours that a customer was made for."""
    return _metadata(customer).get("account")


def customer(answer: Answer) -> Customer:
    return Customer(id=answer.id, email=answer.email, name=answer.name)


def event(answer: Answer) -> ProviderEvent:
    """An event that was listed; its payload is written anew, with the same content that was sent."""
    return event_of(answer.to_dict(), payload=json.dumps(answer.to_dict(), separators=(",", ":"), default=str))


def event_of(values: dict[str, Any], *, payload: str) -> ProviderEvent:
    """An event as decoded JSON. Raises KeyError or TypeError when it is none."""
    about = values["data"]["object"]
    metadata = about.get("metadata") or {}
    intent = about["id"] if about["object"] == "payment_intent" else about.get("payment_intent")
    return ProviderEvent(
        id=str(values["id"]),
        type=str(values["type"]),
        livemode=values["livemode"] is True,
        api_version=values.get("api_version"),
        created_at=time(values["created"]),
        object_id=str(about["id"]),
        object_kind=str(about["object"]),
        payment_intent=intent if isinstance(intent, str) else None,
        order_id=about.get("client_reference_id") or metadata.get(ORDER),
        payload=payload,
    )


def booking(answer: Answer) -> Booking:
    source = _part(answer, "source")
    whole = source if _is_whole(source) else None
    return Booking(
        type=answer.type,
        kind="payment"
        if answer.type in PAYMENTS
        else "refund"
        if answer.type in ("refund", "payment_refund")
        else "other",
        currency=answer.currency,
        amount_cents=answer.amount,
        fee_cents=answer.fee,
        net_cents=answer.net,
        source=_id(source) or answer.id,
        payment_intent=_id(_part(whole, "payment_intent")),
        source_cents=whole.amount if whole else abs(answer.amount),
        source_currency=whole.currency if whole else answer.currency,
    )


def summed(bookings: Iterable[Booking]) -> dict[str, BalanceSum]:
    """
    >>> charge = Booking(type="charge", currency="usd", amount_cents=4900, fee_cents=172, net_cents=4728)
    >>> summed([charge])["usd"].net_cents
    4728
    """
    sums: dict[str, BalanceSum] = {}
    for one in bookings:
        if one.type not in PAYOUTS:
            sums[one.currency] = _plus(sums.get(one.currency) or BalanceSum(currency=one.currency), one)
    return sums


def time(seconds: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(seconds, dt.UTC)


def _plus(sums: BalanceSum, one: Booking) -> BalanceSum:
    known = one.type in PAYMENTS or one.type in REFUNDS
    return replace(
        sums,
        payments_cents=sums.payments_cents + (one.amount_cents if one.type in PAYMENTS else 0),
        refunds_cents=sums.refunds_cents - (one.amount_cents if one.type in REFUNDS else 0),
        fees_cents=sums.fees_cents + one.fee_cents,
        other_cents=sums.other_cents + (0 if known else one.amount_cents),
        net_cents=sums.net_cents + one.net_cents,
        count=sums.count + 1,
    )


def _line(item: Answer) -> PaidLine:
    names = _metadata(item)
    return PaidLine(
        line_id=names.get(LINE),
        product_id=names.get(PRODUCT),
        title=item.description or "",
        quantity=item.quantity or 1,
        subtotal_cents=item.amount_subtotal,
        discount_cents=item.amount_discount,
        tax_cents=item.amount_tax,
        total_cents=item.amount_total,
    )


def _discount(one: Answer) -> Discount:
    code = _part(one, "promotion_code")
    promoted = _part(_part(code, "promotion"), "coupon") if _is_whole(code) else None
    return Discount(
        coupon=_id(_part(one, "coupon") or promoted),
        promotion_code=_id(code),
        code=code.code if _is_whole(code) else None,
    )


def _invoice(answer: Answer) -> Invoice:
    return Invoice(
        id=answer.id,
        number=answer.number,
        page_url=answer.hosted_invoice_url,
        pdf_url=answer.invoice_pdf,
    )


def _metadata(answer: Answer) -> dict[str, str]:
    kept = _part(answer, "metadata")
    return dict(kept.to_dict()) if kept else {}


def _id(reference: Answer) -> str | None:
    """The id of what is told by its id or, expanded, as a whole."""
    return reference if reference is None or isinstance(reference, str) else str(reference.id)


def _is_whole(reference: Answer) -> bool:
    return reference is not None and not isinstance(reference, str)


def _part(answer: Answer, name: str) -> Any:
    """A part that Stripe leaves out where it does not apply."""
    return getattr(answer, name, None) if answer is not None else None
