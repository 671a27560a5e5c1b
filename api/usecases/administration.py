"""What an operator does for a customer: each says what it did and to whom, is safe to repeat, and leaves a row in the audit.

Knows no command line. Raises AppError NOT_FOUND with what was looked for, CONFLICT with why not.
"""

import datetime as dt
from sqlite3 import Connection

from msgspec import Struct

from api import email_address, ids
from api.errors import AppError, Code
from api.gateways.catalog import Catalog
from api.model import Account, Grant, Line, Order
from api.store import accounts, audit, events, grants, orders, outbox
from api.usecases import claims, fulfilment, sessions
from api.usecases.fulfilment import By

OPERATOR = "operator"


class Told(Struct, frozen=True, kw_only=True):
    """`said` is for people, `ids` name what was changed."""

    said: list[str]
    ids: list[str] = []


def grant(
    db: Connection,
    who: str,
    product_id: str,
    catalog: Catalog,
    *,
    until: dt.datetime | None,
    reason: str,
    now: dt.datetime,
) -> Told:
    """Opens a product to an account, made for the address when there is none; once, however often it is asked."""
    product = catalog.product(product_id)
    if product is None:
        known = ", ".join(each.id for each in catalog.products)
        raise AppError(Code.NOT_FOUND, f"There is no product {product_id}. On sale are: {known}.")
    account = _account_or_new(db, who, now=now)
    contents = [product_id, *getattr(product, "courses", ())]
    open_already = {
        held.product_id for held in grants.of_account(db, account.id) if held.source == "staff" and not held.revoked_at
    }
    made = [
        _give(db, account, each, until=until, reason=reason, now=now) for each in contents if each not in open_already
    ]
    said = f"{_name(account)} now has {product.title}" if made else f"{_name(account)} had {product.title} already"
    return Told(said=[f"{said}{f' until {until:%Y-%m-%d}' if until and made else ''}."], ids=made)


def revoke(db: Connection, who: str, product_id: str, *, reason: str, now: dt.datetime) -> Told:
    """Closes a product to an account, with all that the same purchase or gift opened; nothing is paid back."""
    account = find_account(db, who)
    held = grants.of_account(db, account.id)
    named = [each for each in held if each.product_id == product_id]
    if not named:
        raise AppError(Code.NOT_FOUND, f"{_name(account)} never had {product_id}.")
    lines = {each.source_line for each in named if each.source_line}
    gone = [each for each in held if each in named or each.source_line in lines]
    closed = [each.id for each in gone if grants.revoke(db, each.id, reason=reason, now=now)]
    for grant_id in closed:
        audit.add(db, "grant.revoked", grant_id, actor=OPERATOR, now=now, account=account.id, reason=reason)
    said = (
        f"{_name(account)} no longer has {product_id}."
        if closed
        else f"{product_id} was closed to {_name(account)} already."
    )
    return Told(said=[said], ids=closed)


def resend(db: Connection, order_id: str, *, now: dt.datetime) -> Told:
    """The receipt once more, to the address it went to."""
    order = find_order(db, order_id)
    _refuse_erased(db, order)
    row = outbox.newest(db, prefix=f"order:{order.id}:receipt")
    if row is None:
        raise AppError(Code.CONFLICT, f"Order {order.id} is {order.state}; it has had no receipt.")
    key = f"order:{order.id}:receipt:{ids.new('again')}"
    outbox.add(
        db,
        key=key,
        kind="receipt",
        recipient=row["recipient"],
        payload=outbox.payload_of(row),
        now=now,
        account_id=order.account_id,
    )
    audit.add(db, "receipt.resent", order.id, actor=OPERATOR, now=now)
    return Told(said=[f"The receipt of {order.id} goes once more to {row['recipient']}."], ids=[order.id])


def _refuse_erased(db: Connection, order: Order) -> None:
    buyer = accounts.find(db, order.account_id) if order.account_id else None
    if buyer is None or buyer.deleted_at is None:
        return
    invoice = (
        f" Its invoice is still at {order.invoice_url}" if order.invoice_url else " Its payment is still at Stripe"
    )
    raise AppError(
        Code.GONE,
        f"The buyer of {order.id} was erased on {buyer.deleted_at:%Y-%m-%d}, and the receipt and its address with them;"
        f" nothing was sent.{invoice}, for whoever shows that they paid.",
    )


def replay(db: Connection, event_id: str | None, *, now: dt.datetime) -> Told:
    """One event, or all that have failed: as if they had just come. The running service works them off."""
    wanted = [event_id] if event_id else [event.id for event in events.failed(db)]
    done = [each for each in wanted if events.replay(db, each, now=now)]
    if event_id and not done:
        raise _nothing_to_replay(db, event_id)
    for each in done:
        audit.add(db, "event.replayed", each, actor=OPERATOR, now=now)
    said = [f"{each} waits for the service, which works it off within seconds." for each in done]
    return Told(said=said or ["No event has failed."], ids=done)


def _nothing_to_replay(db: Connection, event_id: str) -> AppError:
    known = events.find(db, event_id)
    if known is None:
        return AppError(
            Code.NOT_FOUND, f"No event {event_id} was ever received. 'longwave admin reconcile' fetches it."
        )
    since = f"{known.received_at:%Y-%m-%d}"
    return AppError(
        Code.GONE,
        f"Event {event_id} of {since} was acted on, and what it said was forgotten a month later; nothing was changed."
        f" 'longwave admin reconcile --since {since}' compares everything since then with Stripe.",
    )


def merge(db: Connection, source_name: str, target_name: str, *, now: dt.datetime) -> Told:
    """All purchases and rights of the first account go to the second; the first ends, and its address is free."""
    source, target = _living(db, source_name), _living(db, target_name)
    if source.id == target.id:
        raise AppError(Code.CONFLICT, f"{source_name} and {target_name} are the same account.")
    moved = claims.move(db, source, target, By(actor=OPERATOR, now=now))
    sessions.end_everything(db, source, now=now)
    accounts.mark_merged(db, source.id, into=target.id)
    audit.add(db, "account.merged", source.id, actor=OPERATOR, now=now, into=target.id)
    said = f"{moved.orders} orders and {moved.grants} rights of {_name(source)} now belong to {_name(target)}."
    return Told(
        said=[said, f"{_name(source)} is signed out everywhere and no account any more."], ids=[source.id, target.id]
    )


def find_account(db: Connection, who: str) -> Account:
    """By id or address; one that was merged leads to the other. An erased one is found by its id."""
    found = accounts.find(db, who) if who.startswith("acc_") else accounts.find_by_email(db, _canonical(who))
    while found is not None and found.merged_into:
        found = accounts.find(db, found.merged_into)
    if found is None:
        raise AppError(Code.NOT_FOUND, f"There is no account {who}. Try 'longwave admin find {who}'.")
    return found


def _living(db: Connection, who: str) -> Account:
    """Raises GONE for an erased account: what is given to it is nobody's."""
    account = find_account(db, who)
    if account.deleted_at is None:
        return account
    raise AppError(
        Code.GONE,
        f"The account {account.id} was erased on {account.deleted_at:%Y-%m-%d} and is nobody's any more; nothing was changed."
        " If its owner is back, open what they had to their address: longwave admin grant ADDRESS PRODUCT"
        f" ('longwave admin find {account.id}' lists it).",
    )


def find_order(db: Connection, order_id: str) -> Order:
    """By our id, or by Stripe's id of its payment."""
    found = orders.find_by_payment(db, order_id) if order_id.startswith("pi_") else orders.find(db, order_id)
    if found is None:
        raise AppError(
            Code.NOT_FOUND, f"There is no order {order_id}. Try 'longwave admin find' with the buyer's address."
        )
    return found


def find_line(lines: tuple[Line, ...], name: str) -> Line:
    """By its id or its product's."""
    found = next((line for line in lines if name in (line.id, line.product_id)), None)
    if found is None:
        known = ", ".join(line.product_id for line in lines)
        raise AppError(Code.NOT_FOUND, f"The order has no line {name}; it has {known}.")
    return found


def _account_or_new(db: Connection, who: str, *, now: dt.datetime) -> Account:
    if who.startswith("acc_") or accounts.find_by_email(db, _canonical(who)):
        return _living(db, who)
    return fulfilment.account_of(db, None, email_address.read(who), By(actor=OPERATOR, now=now))


def _give(
    db: Connection, account: Account, product_id: str, *, until: dt.datetime | None, reason: str, now: dt.datetime
) -> str:
    given = Grant(
        id=ids.new("grt"),
        account_id=account.id,
        product_id=product_id,
        source="staff",
        valid_from=now,
        valid_until=until,
        reason=reason,
        created_at=now,
    )
    grants.add(db, given)
    audit.add(
        db, "grant.made", given.id, actor=OPERATOR, now=now, account=account.id, product=product_id, reason=reason
    )
    return given.id


def _canonical(who: str) -> str:
    return email_address.canonical(who) if "@" in who else who


def _name(account: Account) -> str:
    return f"{account.email or 'an erased account'} ({account.id})"
