"""Money that went back: which lines it belongs to, and what is closed when a line is wholly refunded. Asks nobody anything.

A refund counts while the provider says it succeeded. Sums are reckoned anew from all refunds each time, so that one that fails
later gives back what it had taken away.
"""

from collections.abc import Iterable, Sequence
from sqlite3 import Connection

import structlog
from msgspec.structs import replace

from api import ids
from api.gateways import payments as provider
from api.model import Line, Order, OrderState, Refund
from api.store import accounts, audit, grants, orders, outbox, payments
from api.usecases.fulfilment import By

log = structlog.get_logger()
# A state only ever gives way to one of a greater number: an old answer that comes late changes nothing.
RANKS = {"pending": 0, "requires_action": 1, "succeeded": 2, "canceled": 3, "failed": 3}
LINE = "refunded_line"  # names the line in the provider's metadata
REASON = "refunded"


def apply(db: Connection, order: Order, told: Iterable[provider.Refund], by: By, *, revoke: bool) -> Order:
    """The order after every refund of its payments is written. With `revoke` a wholly refunded line loses its grants."""
    for each in told:
        _note(db, order, each, by)
    made = [refund for refund in payments.refunds_of(db, order.id) if refund.state == "succeeded"]
    counted = beyond(made, sum(paid.amount_cents for paid in payments.of_order(db, order.id)) - order.total_cents)
    lines = orders.lines(db, order.id)
    shares = allocated(lines, counted)
    for line in lines:
        _settle_line(db, line, shares[line.id], whole=_is_whole(order, counted), by=by, revoke=revoke)
    return _moved(db, order, sum(refund.amount_cents for refund in counted), by)


def beyond(refunds: Sequence[Refund], surplus_cents: int) -> list[Refund]:
    """What is left of the refunds once the money that came in twice for one order has been given back."""
    left = []
    for refund in refunds:
        taken = min(max(surplus_cents, 0), refund.amount_cents)
        surplus_cents -= taken
        if refund.amount_cents > taken:
            left.append(replace(refund, amount_cents=refund.amount_cents - taken))
    return left


def allocated(lines: Sequence[Line], refunds: Iterable[Refund]) -> dict[str, int]:
    """Line -> cents given back: to the line a refund names, else to the one line of just its sum, else to all by what is left."""
    shares = dict.fromkeys((line.id for line in lines), 0)
    for refund in refunds:
        left = {line.id: paid_cents(line) - shares[line.id] for line in lines}
        for line_id, cents in _split(refund, left).items():
            shares[line_id] += cents
    return shares


def paid_cents(line: Line) -> int:
    """What was paid for a line; prices hold their tax."""
    return line.price_cents * line.quantity - line.discount_cents


def _split(refund: Refund, left: dict[str, int]) -> dict[str, int]:
    if refund.line_id in left:
        named = min(refund.amount_cents, left[refund.line_id])
        rest = {line_id: cents for line_id, cents in left.items() if line_id != refund.line_id}
        return {refund.line_id: named, **proportional(refund.amount_cents - named, rest)}
    exact = [line_id for line_id, cents in left.items() if cents == refund.amount_cents]
    if len(exact) == 1:
        return {exact[0]: refund.amount_cents}
    return proportional(refund.amount_cents, left)


def proportional(cents: int, weights: dict[str, int]) -> dict[str, int]:
    """`cents` by weight, to the cent: what rounding leaves goes to the greatest remainders. Never more than a weight.

    >>> proportional(100, {"a": 100, "b": 100, "c": 100})
    {'a': 34, 'b': 33, 'c': 33}
    """
    total = sum(weights.values())
    cents = min(cents, total)
    if total == 0:
        return dict.fromkeys(weights, 0)
    shares = {name: cents * weight // total for name, weight in weights.items()}
    by_remainder = sorted(weights, key=lambda name: (-(cents * weights[name] % total), name))
    for name in by_remainder[: cents - sum(shares.values())]:
        shares[name] += 1
    return shares


def _note(db: Connection, order: Order, told: provider.Refund, by: By) -> None:
    known = payments.find_refund(db, told.id)
    if known is not None and RANKS.get(told.status, 0) <= RANKS.get(known.state, 0):
        return
    refund = Refund(
        id=known.id if known else ids.new("ref"),
        order_id=order.id,
        stripe_id=told.id,
        line_id=_named_line(db, order, told),
        amount_cents=told.amount_cents,
        state=told.status,
        reason=told.reason or "",
        created_at=told.created_at,
        updated_at=by.now,
    )
    payments.put_refund(db, refund)
    audit.add(
        db, f"refund.{told.status}", refund.id, actor=by.actor, now=by.now, order=order.id, cents=told.amount_cents
    )
    _tell(db, order, refund, by)


def _named_line(db: Connection, order: Order, told: provider.Refund) -> str | None:
    named = told.metadata.get(LINE)
    return named if named in {line.id for line in orders.lines(db, order.id)} else None


def _tell(db: Connection, order: Order, refund: Refund, by: By) -> None:
    if refund.state in ("failed", "canceled"):
        log.error("refund_failed", refund=refund.stripe_id, order=order.id)
    account = accounts.find(db, order.account_id) if order.account_id else None
    recipient = order.email or (account.email if account else None)
    if refund.state != "succeeded" or recipient is None:
        return
    payload = {
        "order": order.id,
        "amount_cents": refund.amount_cents,
        "currency": order.currency,
        "titles": [line.title for line in orders.lines(db, order.id)],
    }
    outbox.add(
        db,
        key=f"refund:{refund.stripe_id}:made",
        kind="refund",
        recipient=recipient,
        payload=payload,
        now=by.now,
        account_id=order.account_id,
    )


def _is_whole(order: Order, counted: Sequence[Refund]) -> bool:
    return order.total_cents > 0 and sum(refund.amount_cents for refund in counted) >= order.total_cents


def _settle_line(db: Connection, line: Line, refunded_cents: int, *, whole: bool, by: By, revoke: bool) -> None:
    if refunded_cents != line.refunded_cents:
        orders.update_line(db, replace(line, refunded_cents=refunded_cents))
        audit.add(
            db, "line.refunded", line.id, actor=by.actor, now=by.now, cents=refunded_cents, was=line.refunded_cents
        )
    if not revoke:
        return
    gone = whole or (paid_cents(line) > 0 and refunded_cents >= paid_cents(line))
    for grant in grants.of_line(db, line.id):
        if gone and grants.revoke(db, grant.id, reason=REASON, now=by.now):
            audit.add(db, "grant.revoked", grant.id, actor=by.actor, now=by.now, reason=REASON)
        elif not gone and grant.reason == REASON and grants.restore(db, grant.id, reason="refund failed"):
            audit.add(db, "grant.restored", grant.id, actor=by.actor, now=by.now, reason="refund failed")


def _moved(db: Connection, order: Order, refunded_cents: int, by: By) -> Order:
    if order.paid_at is None:
        return order
    state: OrderState = "paid"
    if refunded_cents:
        state = "refunded" if refunded_cents >= order.total_cents else "partially_refunded"
    if state == order.state:
        return order
    moved = replace(order, state=state)
    orders.update(db, moved)
    audit.add(
        db, f"order.{state}", order.id, actor=by.actor, now=by.now, refunded_cents=refunded_cents, was=order.state
    )
    return moved
