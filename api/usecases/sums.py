"""Holds the provider's bookings against our books, each by its own id and all together per currency. Repairs nothing.

A booking may be in another currency than its payment (the balance's), so what is compared is the amount of the payment or
refund that was booked; fees and what is left after them exist at the provider only and are told beside it.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from sqlite3 import Connection

from msgspec import Struct

from api.gateways.payments import Booking
from api.gateways.stripe import StripeGateway
from api.model import Payment, Refund
from api.spelling import money
from api.store import payments
from api.usecases.service import Service

DAY = dt.timedelta(days=1)


class CurrencySums(Struct, kw_only=True):
    """Of one currency, in cents: what they booked and what we know of the same things."""

    payments_booked: int = 0
    payments_ours: int = 0
    refunds_booked: int = 0
    refunds_ours: int = 0
    fees: int = 0
    tax: int = 0


class Compared(Struct, kw_only=True):
    """`differences` are sentences for a person; there are none when all is well."""

    sums: dict[str, CurrencySums] = {}
    differences: list[str] = []


async def compare(service: Service, gateway: StripeGateway, *, since: dt.datetime, until: dt.datetime) -> Compared:
    """All bookings since, and every payment of ours that was made from `since` to `until`."""
    db = service.database.reader
    compared = Compared()
    booked: set[str | None] = set()
    async for booking in gateway.each_booking(since=since):
        _compare_booking(db, booking, compared)
        if booking.kind == "payment":
            booked.add(booking.payment_intent)
    _compare_ours(payments.made_between(db, since=since, until=until), booked, compared)
    for currency, sums in sorted(compared.sums.items()):
        compared.differences += _unequal(currency, sums)
    return compared


def window(now: dt.datetime) -> tuple[dt.datetime, dt.datetime]:
    """The last whole day, in UTC."""
    today = now.astimezone(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return today - DAY, today


def sentence(currency: str, sums: CurrencySums) -> str:
    """
    >>> sentence("usd", CurrencySums(payments_booked=4900, refunds_booked=1225, fees=172, tax=782))
    'booked in USD: payments $49, refunds $12.25, fees $1.72; tax in our orders $7.82'
    """
    payments, refunds, fees, tax = (
        money(cents, currency) for cents in (sums.payments_booked, sums.refunds_booked, sums.fees, sums.tax)
    )
    return f"booked in {currency.upper()}: payments {payments}, refunds {refunds}, fees {fees}; tax in our orders {tax}"


def _compare_booking(db: Connection, booking: Booking, compared: Compared) -> None:
    sums = compared.sums.setdefault(booking.source_currency or booking.currency, CurrencySums())
    if booking.kind == "payment":
        known = payments.find_payment(db, booking.payment_intent or "")
        sums.payments_booked += booking.source_cents
        sums.payments_ours += known.amount_cents if known else 0
        sums.tax += payments.tax_of(db, known.order_id) if known else 0
        sums.fees += booking.fee_cents
        compared.differences += _payment_differs(booking, known)
    elif booking.kind == "refund":
        refund = payments.find_refund(db, booking.source)
        sums.refunds_booked += booking.source_cents
        sums.refunds_ours += refund.amount_cents if refund else 0
        compared.differences += _refund_differs(booking, refund)


def _payment_differs(booking: Booking, known: Payment | None) -> Iterable[str]:
    if known is None:
        yield f"{booking.payment_intent or booking.source}: {_money(booking)} booked, but no order of ours knows it"
    elif (known.amount_cents, known.currency) != (booking.source_cents, booking.source_currency):
        yield f"{known.stripe_id}: {_money(booking)} booked, {money(known.amount_cents, known.currency)} in our books"


def _refund_differs(booking: Booking, known: Refund | None) -> Iterable[str]:
    if known is None:
        yield f"{booking.source}: {_money(booking)} booked as refund, but no order of ours knows it"
    elif known.amount_cents != booking.source_cents:
        ours = money(known.amount_cents, booking.source_currency or booking.currency)
        yield f"{known.stripe_id}: {_money(booking)} booked as refund, {ours} in our books"


def _compare_ours(made: Sequence[Payment], booked: set[str | None], compared: Compared) -> None:
    for payment in made:
        if payment.stripe_id not in booked:
            compared.differences.append(
                f"{payment.stripe_id}: {money(payment.amount_cents, payment.currency)} in our books (order {payment.order_id}),"
                " but the provider booked nothing"
            )


def _unequal(currency: str, sums: CurrencySums) -> Iterable[str]:
    for name, booked, ours in (
        ("payments", sums.payments_booked, sums.payments_ours),
        ("refunds", sums.refunds_booked, sums.refunds_ours),
    ):
        if booked != ours:
            yield f"{currency}: {name} of {money(booked, currency)} booked, {money(ours, currency)} in our books"


def _money(booking: Booking) -> str:
    return money(booking.source_cents, booking.source_currency or booking.currency)
