"""What a buyer is told of an order by mail: that it is paid, or could not be. Knows no provider, and moves nothing."""

import datetime as dt
from collections.abc import Sequence
from sqlite3 import Connection

from api.model import Account, Line, Order
from api.store import orders, outbox


def send_receipt(db: Connection, order: Order, lines: Sequence[Line], account: Account, *, now: dt.datetime) -> None:
    """Once an order, to the address it was paid from; nobody is written to where there is none."""
    recipient = order.email or account.email
    if recipient is None:
        return
    payload = {
        "order": order.id,
        "currency": order.currency,
        "total_cents": order.total_cents,
        "discount_cents": order.discount_cents,
        "tax_cents": order.tax_cents,
        "lines": [{"title": line.title, "price_cents": line.price_cents * line.quantity} for line in lines],
        "invoice_url": order.invoice_url or "",
        "confirmed": account.confirmed_at is not None,
        "account_email": account.email or "",
    }
    outbox.add(
        db,
        key=f"order:{order.id}:receipt",
        kind="receipt",
        recipient=recipient,
        payload=payload,
        now=now,
        account_id=account.id,
    )


def tell_of_failure(db: Connection, order: Order, *, to: str | None, now: dt.datetime) -> None:
    """Once an order, to whoever tried to pay it."""
    if not to:
        return
    titles = [line.title for line in orders.lines(db, order.id)]
    outbox.add(
        db,
        key=f"order:{order.id}:failed",
        kind="payment_failed",
        recipient=to,
        payload={"order": order.id, "titles": titles},
        now=now,
        account_id=order.account_id,
    )
