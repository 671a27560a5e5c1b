"""What buyers see of their own orders, and the data of an invoice that they may put right. Decides nothing about payment."""

import datetime as dt
from collections.abc import Mapping, Sequence
from sqlite3 import Connection

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from api import times
from api.errors import AppError, Code
from api.gateways.payments import InvoiceData
from api.model import Account, Line, Order, OrderState
from api.store import accounts, audit, orders, outbox, payments
from api.usecases import access
from api.usecases.permissions import Action, own
from api.usecases.service import Service


class LineView(Struct, frozen=True, kw_only=True):
    product_id: str
    kind: str
    title: str
    price_cents: int
    discount_cents: int
    tax_cents: int
    refunded_cents: int


class OrderView(Struct, frozen=True, kw_only=True):
    """An order as its buyer sees it. `total_cents` is what is or was to be paid; `invoice_url` is for its owner only."""

    id: str
    state: OrderState
    currency: str
    total_cents: int
    discount_cents: int
    tax_cents: int
    refunded_cents: int
    lines: list[LineView]
    created_at: dt.datetime
    paid_at: dt.datetime | None = None
    invoice_url: str | None = None
    invoice_data: InvoiceData | None = None


def listed(db: Connection, account: Account) -> list[OrderView]:
    """Everything paid or on its way, the newest first; what was begun and left is nobody's concern."""
    shown = ("paid", "processing", "failed", "refunded", "partially_refunded")
    return [view(db, order, owner=True) for order in orders.of_account(db, account.id) if order.state in shown]


def seen(db: Connection, order_id: str, account: Account | None, *, browser_hash: str | None) -> Order:
    """Raises NOT_FOUND for an order of somebody else, as for none."""
    return access.check_owner(orders.find(db, order_id), account, browser_hash=browser_hash)


def of_browser(db: Connection, account: Account | None, *, browser_hash: str | None) -> Order | None:
    """The newest order of whoever comes back from the payment page."""
    begun = orders.of_account(db, account.id)[:1] if account else ()
    if begun:
        return begun[0]
    return orders.of_browser(db, browser_hash) if browser_hash else None


def view(db: Connection, order: Order, *, owner: bool) -> OrderView:
    """`owner` is False for a guest's browser, which learns how far the payment is and nothing personal."""
    lines = orders.lines(db, order.id)
    refunded = sum(refund.amount_cents for refund in payments.refunds_of(db, order.id) if refund.state == "succeeded")
    return OrderView(
        id=order.id,
        state=order.state,
        currency=order.currency,
        total_cents=order.total_cents,
        discount_cents=order.discount_cents,
        tax_cents=order.tax_cents,
        refunded_cents=refunded,
        lines=_lines(lines),
        created_at=order.created_at,
        paid_at=order.paid_at,
        invoice_url=order.invoice_url if owner else None,
        invoice_data=invoice_data(order) if owner else None,
    )


def invoice_data(order: Order) -> InvoiceData | None:
    return msgspec.json.decode(order.invoice_data, type=InvoiceData) if order.invoice_data else None


async def correct_invoice(service: Service, account: Account, order_id: str, fields: Mapping[str, str]) -> Order:
    """Keeps what the invoice should say (`fields` of InvoiceData), tells the provider for later ones, and mails it corrected.

    A paid invoice is never changed at the provider; ours refers to it, which is how a correction is written.
    """
    order = own(account, Action.CHANGE, orders.find(service.database.reader, order_id))
    if order.paid_at is None:
        raise AppError(Code.CONFLICT, "There is no invoice before an order is paid.")
    data = InvoiceData(**fields)
    if not data.name.strip():
        raise AppError(Code.INVALID, "An invoice needs a name.", fields={"name": "Write a name."})
    if account.stripe_customer and order.total_cents:
        await service.stripe_or_refuse().update_invoice_data(account.stripe_customer, data)
    now = service.clock()
    return await service.database.write(lambda db: _keep_invoice_data(db, order_id, account, data, now=now))


def _keep_invoice_data(
    db: Connection, order_id: str, account: Account, data: InvoiceData, *, now: dt.datetime
) -> Order:
    order = own(account, Action.CHANGE, orders.find(db, order_id))
    kept = msgspec.json.encode(data).decode()
    if kept == order.invoice_data:
        return order
    changed = replace(order, invoice_data=kept)
    orders.update(db, changed)
    audit.add(db, "invoice.corrected", order_id, actor=account.id, now=now)
    number = sum(row["action"] == "invoice.corrected" for row in audit.of(db, order_id))
    recipient = (accounts.find(db, account.id) or account).email
    if recipient:
        outbox.add(
            db,
            key=f"order:{order_id}:invoice:{number}",
            kind="invoice_corrected",
            recipient=recipient,
            account_id=account.id,
            payload=_corrected(db, changed, data),
            now=now,
        )
    return changed


def _corrected(db: Connection, order: Order, data: InvoiceData) -> dict[str, object]:
    """All that stands on an invoice: the mail is the document."""
    return {
        "order": order.id,
        "paid_at": times.text(order.paid_at or order.created_at),
        "currency": order.currency,
        "total_cents": order.total_cents,
        "discount_cents": order.discount_cents,
        "tax_cents": order.tax_cents,
        "lines": [
            {"title": line.title, "price_cents": line.price_cents * line.quantity}
            for line in orders.lines(db, order.id)
        ],
        "buyer": msgspec.to_builtins(data),
        "invoice_url": order.invoice_url or "",
    }


def _lines(lines: Sequence[Line]) -> list[LineView]:
    return [
        LineView(
            product_id=line.product_id,
            kind=line.kind,
            title=line.title,
            price_cents=line.price_cents * line.quantity,
            discount_cents=line.discount_cents,
            tax_cents=line.tax_cents,
            refunded_cents=line.refunded_cents,
        )
        for line in lines
    ]
