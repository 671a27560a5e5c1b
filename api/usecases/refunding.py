"""Gives money back for an order, with the operator's key; what follows from it is decided where every refund is, in `refunds`."""

from collections.abc import Iterable, Sequence

from api.errors import AppError, Code
from api.model import Line, Order, Refund
from api.store import orders, payments
from api.usecases import refunds
from api.usecases.administration import OPERATOR, Told, find_line, find_order
from api.usecases.fulfilment import By
from api.usecases.service import Service


async def refund(service: Service, order_id: str, *, cents: int | None, line_name: str | None) -> Told:
    """The whole rest of the order, of one line, or `cents` of either. Asked twice within a day it is done once."""
    db = service.database.reader
    order = find_order(db, order_id)
    if order.stripe_payment_intent is None or order.paid_at is None:
        raise AppError(Code.CONFLICT, f"Order {order.id} is {order.state}; nothing was paid that could be given back.")
    line = find_line(orders.lines(db, order.id), line_name) if line_name else None
    amount = _amount(order, line, _made(service, order), cents=cents)
    gateway = service.stripe_or_refuse()
    await gateway.create_refund(
        order.stripe_payment_intent,
        amount_cents=amount,
        idempotency_key=f"{order.id}-refund-{line.id if line else 'order'}-{_sum(_made(service, order))}-{amount}",
        metadata={refunds.LINE: line.id} if line else {},
    )
    told = await gateway.list_refunds(order.stripe_payment_intent)
    by, revoke = By(actor=OPERATOR, now=service.clock()), service.settings.refund_revokes
    moved = await service.database.write(
        lambda db: refunds.apply(db, find_order(db, order.id), told, by, revoke=revoke)
    )
    said = f"{amount} {order.currency} of order {order.id} go back to {order.email}; the order is now {moved.state}."
    return Told(said=[said], ids=[order.id, *(one.id for one in told[:1])])


def _made(service: Service, order: Order) -> list[Refund]:
    """Those under way too."""
    made = payments.refunds_of(service.database.reader, order.id)
    return [one for one in made if one.state not in ("failed", "canceled")]


def _sum(made: Iterable[Refund]) -> int:
    return sum(one.amount_cents for one in made)


def _amount(order: Order, line: Line | None, made: Sequence[Refund], *, cents: int | None) -> int:
    left = order.total_cents - _sum(made)
    if line:
        under_way = _sum(one for one in made if one.line_id == line.id and one.state != "succeeded")
        left = min(left, refunds.paid_cents(line) - line.refunded_cents - under_way)
    if left <= 0:
        raise AppError(Code.CONFLICT, f"{line.title if line else f'Order {order.id}'} is wholly refunded already.")
    if cents is not None and not 0 < cents <= left:
        raise AppError(Code.INVALID, f"{cents} cannot be given back; 1 to {left} {order.currency} can.")
    return cents or left
