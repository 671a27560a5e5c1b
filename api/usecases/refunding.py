"""Gives money back for an order, with the operator's key; what follows from it is decided where every refund is, in `refunds`.

What Stripe has refunded already is read before it is asked for more, and the key of the asking counts what was found: a command
that is said again, because its answer was lost or in two windows at once, gives the money back once.
"""

from collections.abc import Iterable, Sequence
from sqlite3 import Connection

from msgspec import Struct

from api.errors import AppError, Code
from api.gateways import payments as provider
from api.gateways.payments import ProviderUnavailable
from api.gateways.stripe import StripeGateway
from api.model import Line, Order, Refund
from api.spelling import money
from api.store import audit, orders, payments
from api.usecases import refunds
from api.usecases.administration import OPERATOR, Told, find_line, find_order
from api.usecases.fulfilment import By
from api.usecases.service import Service

NOT_MADE = "refund.not_made"
GONE = ("failed", "canceled")


class Wanted(Struct, frozen=True, kw_only=True):
    """A refund to be made; `known` are those that Stripe had made before, also what came of none."""

    order: Order
    payment_intent: str
    line: Line | None
    amount_cents: int
    known: tuple[provider.Refund, ...]

    @property
    def metadata(self) -> dict[str, str]:
        return {refunds.LINE: self.line.id} if self.line else {}


async def refund(
    service: Service, order_id: str, *, cents: int | None, line_name: str | None, again: bool = False
) -> Told:
    """The whole rest of the order, of one line, or `cents` of either; the same `cents` a second time only with `again`."""
    order = find_order(service.database.reader, order_id)
    if order.stripe_payment_intent is None or order.paid_at is None:
        raise AppError(Code.CONFLICT, f"Order {order.id} is {order.state}; nothing was paid that could be given back.")
    gateway = service.stripe_or_refuse()
    known = await gateway.list_refunds(order.stripe_payment_intent)
    said = _unknown(service, order, known)
    await _written(service, order, known)
    line = find_line(orders.lines(service.database.reader, order.id), line_name) if line_name else None
    made = _made(service, order)
    amount = _amount(order, line, made, cents=cents)
    if cents is not None and not again:
        _refuse_repeated(order, line, made, cents=cents)
    wanted = Wanted(
        order=order, payment_intent=order.stripe_payment_intent, line=line, amount_cents=amount, known=known
    )
    done = await _asked(service, gateway, wanted)
    moved = await _written(service, order, await gateway.list_refunds(order.stripe_payment_intent))
    given = money(amount, order.currency)
    said += [f"{given} of order {order.id} go back to {_name(moved)}; the order is now {moved.state}."]
    return Told(said=said, ids=[order.id, done.id])


async def _asked(service: Service, gateway: StripeGateway, wanted: Wanted) -> provider.Refund:
    """When the answer is lost, whether the refund was made is seen at Stripe. Else the operator is told to say it again."""
    key = _key(service.database.reader, wanted)
    try:
        return await gateway.create_refund(
            wanted.payment_intent, amount_cents=wanted.amount_cents, idempotency_key=key, metadata=wanted.metadata
        )
    except ProviderUnavailable as unavailable:
        if not unavailable.may_have_happened:
            raise
        if found := await _found(gateway, wanted):
            return found
        if not unavailable.answered:
            raise _unsure(unavailable, "Whether the refund was made is not known yet") from unavailable
        await service.database.write(lambda db: _note_not_made(db, service, wanted))
        raise _unsure(unavailable, "Stripe had an error, and no refund was made") from unavailable


def _key(db: Connection, wanted: Wanted) -> str:
    """The same for the same command until Stripe shows its refund. Stripe repeats its errors too, so one that is certain counts."""
    failed = sum(row["action"] == NOT_MADE for row in audit.of(db, wanted.order.id))
    about = wanted.line.id if wanted.line else "order"
    return f"{wanted.order.id}-refund-{about}-{len(wanted.known)}-{wanted.amount_cents}-{failed}"


async def _found(gateway: StripeGateway, wanted: Wanted) -> provider.Refund | None:
    before = {one.id for one in wanted.known}
    listed = await gateway.list_refunds(wanted.payment_intent)
    alike = (one for one in listed if one.id not in before and one.amount_cents == wanted.amount_cents)
    return next((one for one in alike if one.metadata.get(refunds.LINE) == wanted.metadata.get(refunds.LINE)), None)


def _note_not_made(db: Connection, service: Service, wanted: Wanted) -> None:
    audit.add(
        db, NOT_MADE, wanted.order.id, actor=OPERATOR, now=service.clock(), cents=wanted.amount_cents,
        line=wanted.line.id if wanted.line else None,
    )  # fmt: skip


def _unsure(unavailable: ProviderUnavailable, what: str) -> ProviderUnavailable:
    said = f"{what}. Run the same command again: it gives the money back once at most."
    return ProviderUnavailable(said, may_have_happened=True, answered=unavailable.answered)


def _unknown(service: Service, order: Order, known: Iterable[provider.Refund]) -> list[str]:
    """What the operator should hear of: refunds that Stripe has and we had not been told of."""
    db = service.database.reader
    new = [one for one in known if one.status not in GONE and payments.find_refund(db, one.id) is None]
    return [
        f"Stripe had given back {money(one.amount_cents, order.currency)} on {one.created_at:%Y-%m-%d %H:%M} UTC ({one.id});"
        " our books did not know it yet."
        for one in new
    ]


async def _written(service: Service, order: Order, told: Sequence[provider.Refund]) -> Order:
    by, revoke = By(actor=OPERATOR, now=service.clock()), service.settings.refund_revokes
    return await service.database.write(lambda db: refunds.apply(db, find_order(db, order.id), told, by, revoke=revoke))


def _made(service: Service, order: Order) -> list[Refund]:
    """Those under way too."""
    return [one for one in payments.refunds_of(service.database.reader, order.id) if one.state not in GONE]


def _refuse_repeated(order: Order, line: Line | None, made: Sequence[Refund], *, cents: int) -> None:
    line_id = line.id if line else None
    same = [one for one in made if (one.amount_cents, one.line_id) == (cents, line_id)]
    if same:
        raise AppError(
            Code.CONFLICT,
            f"{money(cents, order.currency)} of {line.title if line else f'order {order.id}'} went back on"
            f" {same[-1].created_at:%Y-%m-%d %H:%M} UTC already ({same[-1].stripe_id}); nothing more was given back."
            " To give as much once more, say --again.",
        )


def _amount(order: Order, line: Line | None, made: Sequence[Refund], *, cents: int | None) -> int:
    left = order.total_cents - sum(one.amount_cents for one in made)
    if line:
        under_way = sum(one.amount_cents for one in made if one.line_id == line.id and one.state != "succeeded")
        left = min(left, refunds.paid_cents(line) - line.refunded_cents - under_way)
    if left <= 0:
        raise AppError(Code.CONFLICT, f"{line.title if line else f'Order {order.id}'} is wholly refunded already.")
    if cents is not None and not 0 < cents <= left:
        raise AppError(
            Code.INVALID,
            f"{money(cents, order.currency)} cannot be given back; at most {money(left, order.currency)} can"
            f" (--cents {left}).",
        )
    return cents or left


def _name(order: Order) -> str:
    return order.email or "a buyer whose account was erased"
