"""Moves an order to where its payment is, and opens what was paid for: the one way in for webhook, return and reconciliation.

Runs inside the write transaction of its caller, so that two who come at once come one after the other. Asks nobody anything.
"""

import datetime as dt
from collections.abc import Sequence
from sqlite3 import Connection
from typing import Any, Literal

import structlog
from msgspec import Struct
from msgspec.structs import replace

from api import email_address, ids, spelling
from api.errors import AppError, Code
from api.gateways.payments import CheckoutSession, PaidLine
from api.model import Account, Grant, GrantSource, Line, Order, Payment
from api.store import accounts, audit, customers, grants, orders, payments
from api.usecases import order_mails, snapshot

log = structlog.get_logger()
Place = Literal["open", "expired", "unpaid", "refused", "paid"]
# From which states a session that is not paid may move its order, and where to. Paid comes from everywhere.
MOVES: dict[Place, tuple[tuple[str, ...], Any]] = {
    "expired": (("pending",), "expired"),
    "unpaid": (("pending", "expired", "cancelled"), "processing"),
    "refused": (("pending", "processing"), "failed"),
}
PAID_STATES = ("paid", "refunded", "partially_refunded")


class By(Struct, frozen=True, kw_only=True):
    """Who moves things, and when: 'stripe', 'return', 'reconciliation', 'operator' or an account's id."""

    actor: str
    now: dt.datetime


def settle(db: Connection, session: CheckoutSession, by: By) -> Order | None:
    """The order of `session` after it has moved by rule, if there was anything to move; None when the session is none of ours."""
    order = _known(db, session, by)
    if order is None:
        return None
    place = whereabouts(session)
    if place == "paid":
        return _paid(db, order, session, by)
    return _unpaid(db, order, session, place, by)


def whereabouts(session: CheckoutSession) -> Place:
    """Where the provider says the payment is."""
    if session.status == "open":
        return "open"
    if session.status == "expired":
        return "expired"
    if session.payment_status != "unpaid":
        return "paid"
    refused = session.payment is not None and session.payment.status in ("requires_payment_method", "canceled")
    return "refused" if refused else "unpaid"


def fulfil_free(db: Connection, order: Order, account: Account, by: By) -> Order:
    """Opens an order that costs nothing, once its account is certain."""
    if order.paid_at:
        return order
    moved = replace(order, account_id=account.id, email=account.email, state="paid", paid_at=by.now)
    orders.update(db, moved)
    lines = orders.lines(db, order.id)
    _open(db, account, lines, source="free", by=by)
    audit.add(db, "order.paid", order.id, actor=by.actor, now=by.now, total_cents=0, account=account.id)
    return moved


def _known(db: Connection, session: CheckoutSession, by: By) -> Order | None:
    order = orders.find(db, session.order_id) if session.order_id else None
    if order is not None:
        return order
    kept = snapshot.restored(session)
    if kept is None:
        return None
    order, lines = kept
    account = account_of(db, order.account_id, order.email, by) if order.account_id else None
    order = replace(order, account_id=account.id if account else None)
    orders.insert(db, order, lines)
    audit.add(db, "order.made_anew", order.id, actor=by.actor, now=by.now, session=session.id)
    log.warning("order_made_anew", order=order.id, session=session.id)
    return order


def _unpaid(db: Connection, order: Order, session: CheckoutSession, place: Place, by: By) -> Order:
    """A session that was replaced by a newer one has no say any more, except that it was paid after all."""
    moved = order if order.stripe_session else replace(order, stripe_session=session.id)
    if place in MOVES and moved.stripe_session == session.id:
        sources, target = MOVES[place]
        if order.state in sources:
            moved = replace(moved, state=target, stripe_payment_intent=session.payment_intent)
            audit.add(db, f"order.{target}", order.id, actor=by.actor, now=by.now, session=session.id)
            if moved.state == "failed":
                order_mails.tell_of_failure(db, moved, to=order.email or session.email, now=by.now)
    if moved != order:
        orders.update(db, moved)
    return moved


def _paid(db: Connection, order: Order, session: CheckoutSession, by: By) -> Order:
    if order.paid_at is not None:
        return _paid_before(db, order, session, by)
    lines = _reckoned(db, order, session)
    account = _owner(db, order, session, by)
    moved = replace(
        order,
        state="paid",
        account_id=account.id,
        email=session.email or order.email or account.email,
        total_cents=session.total_cents,
        discount_cents=session.discount_cents,
        tax_cents=session.tax_cents,
        coupon=_coupon(session) or order.coupon,
        stripe_session=session.id,
        stripe_payment_intent=session.payment_intent,
        invoice_url=_invoice_url(session),
        paid_at=by.now,
    )
    orders.update(db, moved)
    if session.customer:
        customers.note(db, session.customer, account.id, now=by.now)
    for line in lines:
        orders.update_line(db, line)
    _add_payment(db, moved, session, by)
    _open(db, account, lines, source="purchase", by=by)
    order_mails.send_receipt(db, moved, lines, account, now=by.now)
    audit.add(
        db, "order.paid", order.id, actor=by.actor, now=by.now, was=order.state, total_cents=session.total_cents,
        currency=session.currency, account=account.id, session=session.id,
    )  # fmt: skip
    return moved


def _paid_before(db: Connection, order: Order, session: CheckoutSession, by: By) -> Order:
    """The second time changes nothing, unless somebody has paid the same order in two sessions: that money must be seen."""
    if session.payment_intent and session.payment_intent != order.stripe_payment_intent:
        known = {payment.stripe_id for payment in payments.of_order(db, order.id)}
        if session.payment_intent not in known:
            _add_payment(db, order, session, by)
            audit.add(db, "order.paid_again", order.id, actor=by.actor, now=by.now, session=session.id)
            log.error("order_paid_again", order=order.id, session=session.id)
        return order
    if order.invoice_url is None and (url := _invoice_url(session)):
        order = replace(order, invoice_url=url)
        orders.update(db, order)
    return order


def _reckoned(db: Connection, order: Order, session: CheckoutSession) -> tuple[Line, ...]:
    """Our lines with what the provider took for each. Raises CONFLICT when it took something else than we asked for."""
    lines = orders.lines(db, order.id)
    asked = sum(line.price_cents * line.quantity for line in lines)
    if (session.currency, session.subtotal_cents) != (order.currency, asked):
        raise AppError(
            Code.CONFLICT,
            f"Session {session.id} is for {spelling.money(session.subtotal_cents, session.currency)},"
            f" order {order.id} for {spelling.money(asked, order.currency)}.",
        )
    if sum(paid.total_cents for paid in session.lines) != session.total_cents:
        raise AppError(Code.CONFLICT, f"The lines of session {session.id} do not add up to {session.total_cents}.")
    taken = {paid.line_id or paid.product_id: paid for paid in session.lines}
    return tuple(_with_sums(line, taken.get(line.id) or taken.get(line.product_id), session) for line in lines)


def _with_sums(line: Line, paid: PaidLine | None, session: CheckoutSession) -> Line:
    if paid is None:
        if line.price_cents == 0:  # what is free is not sent to the provider
            return line
        raise AppError(Code.CONFLICT, f"Session {session.id} has no line for {line.product_id}.")
    return replace(line, discount_cents=paid.discount_cents, tax_cents=paid.tax_cents)


def _owner(db: Connection, order: Order, session: CheckoutSession, by: By) -> Account:
    """Who signed in to buy owns it, whatever address the payer's wallet reports; a guest's purchase waits at the paid address."""
    if order.account_id:
        account = accounts.find(db, order.account_id)
        while account is not None and account.merged_into:
            account = accounts.find(db, account.merged_into)
        if account is not None and account.deleted_at is None:
            return account
    return account_of(db, None, session.email or order.email, by, customer=session.customer)


def account_of(
    db: Connection, account_id: str | None, email: str | None, by: By, *, customer: str | None = None
) -> Account:
    """The account of that id, else of that address, else a new one that nobody can open but with a code to the address."""
    if account_id and (account := accounts.find(db, account_id)):
        return account
    if not email:
        raise AppError(Code.CONFLICT, "The payment names no address, so nobody can be given what was paid for.")
    canonical = email_address.canonical(email)
    if known := accounts.find_by_email(db, canonical):
        return known
    account = Account(
        id=account_id or ids.new("acc"),
        email=email,
        email_canonical=canonical,
        stripe_customer=None if customer and accounts.has_customer(db, customer) else customer,
        created_at=by.now,
    )
    accounts.insert(db, account)
    audit.add(db, "account.made", account.id, actor=by.actor, now=by.now)
    if not email_address.is_readable(email):
        log.error("account_out_of_reach", account=account.id)  # `longwave doctor` says what to do
    return account


def _add_payment(db: Connection, order: Order, session: CheckoutSession, by: By) -> None:
    if not session.payment_intent:  # nothing was to be paid
        return
    paid = session.payment
    payments.add(
        db,
        Payment(
            id=ids.new("pay"),
            order_id=order.id,
            stripe_id=session.payment_intent,
            charge=paid.charge if paid else None,
            amount_cents=session.total_cents,
            currency=session.currency,
            state=paid.status if paid else "succeeded",
            created_at=paid.created_at if paid else by.now,
        ),
    )


def _open(db: Connection, account: Account, lines: Sequence[Line], *, source: GrantSource, by: By) -> None:
    """A grant for each product, and for each course that a bundle holds today: later ones open by rule, see `access`."""
    for line in lines:
        _grant(db, account, line, product_id=line.product_id, source=source, by=by)
        if line.kind == "bundle":
            for course_id in line.contents:
                _grant(db, account, line, product_id=course_id, source="bundle", by=by)


def _grant(db: Connection, account: Account, line: Line, *, product_id: str, source: GrantSource, by: By) -> None:
    grant = Grant(
        id=ids.new("grt"),
        account_id=account.id,
        product_id=product_id,
        source=source,
        source_line=line.id,
        valid_from=by.now,
        created_at=by.now,
    )
    if grants.add(db, grant):
        audit.add(
            db, "grant.made", grant.id, actor=by.actor, now=by.now, account=account.id, product=product_id, line=line.id
        )


def _coupon(session: CheckoutSession) -> str | None:
    return next((one.code or one.coupon for one in session.discounts), None)


def _invoice_url(session: CheckoutSession) -> str | None:
    return (session.invoice.pdf_url or session.invoice.page_url) if session.invoice else None
