"""The provider's page where an order is paid: opened once for each order, found again when an answer was lost, asked how far it is.

Knows nothing of what is bought or whether it may be; the provider is asked between transactions, never inside.
"""

import asyncio
import datetime as dt
import hashlib
from sqlite3 import Connection

from msgspec import Struct
from msgspec.structs import replace

from api.errors import AppError, Code
from api.gateways.payments import CheckoutLine, CheckoutRequest, CheckoutSession, ProviderUnavailable
from api.gateways.stripe import StripeGateway
from api.model import Account, Line, Order
from api.store import accounts, customers, orders
from api.usecases import fulfilment, limits, snapshot
from api.usecases.fulfilment import By
from api.usecases.service import Service

OPEN_FOR = dt.timedelta(hours=2)
CHECKS_PER_ORDER = 20  # in ten minutes
WAITED_FOR_OTHER, WAIT_SECONDS = 10, 0.3


class Buyer(Struct, frozen=True, kw_only=True):
    """Who buys: an account, or a browser that is known by a cookie of its own. `email` is what a guest has typed."""

    account: Account | None
    browser_hash: str | None
    email: str | None = None
    place: str = ""
    locale: str = "auto"

    @property
    def key(self) -> str:
        return self.account.id if self.account else self.browser_hash or ""


class Checkout(Struct, frozen=True, kw_only=True):
    """An order and the address where it can be paid; without one it is settled, or waits for the code that `binding` goes with."""

    order: Order
    url: str | None = None
    binding: str | None = None


class Begun(Struct, frozen=True):
    """An order with its lines, and the open orders it takes the place of."""

    order: Order
    lines: tuple[Line, ...]
    replaced: tuple[Order, ...] = ()


async def opened(service: Service, gateway: StripeGateway, buyer: Buyer, begun: Begun) -> Checkout:
    order = begun.order
    if order.stripe_session:
        return await _reopened(service, gateway, order)
    customer = await _customer(service, gateway, buyer.account, order)
    try:
        session = await gateway.create_session(_request(service, buyer, begun, customer=customer))
    except ProviderUnavailable as unavailable:
        found = (
            await _look_before_asking_again(service, gateway, order, customer, answered=unavailable.answered)
            if unavailable.may_have_happened
            else None
        )
        if found is None:
            raise
        session = found
    except AppError as refused:
        return await _asked_twice_at_once(service, gateway, order, refused)
    return await _attached(service, order, session)


async def check(service: Service, order: Order, *, actor: str) -> Order:
    """Asks the provider how far the payment is, and moves the order: what the buyer's return does when the webhook is late."""
    gateway = service.stripe_or_refuse()
    if order.stripe_session is None or order.paid_at is not None:
        return order
    await limits.spend(service.database, {f"check:{order.id}": CHECKS_PER_ORDER}, now=service.clock())
    session = await gateway.retrieve_session(order.stripe_session)
    by = By(actor=actor, now=service.clock())
    return await service.database.write(lambda db: fulfilment.settle(db, session, by)) or order


async def _asked_twice_at_once(service: Service, gateway: StripeGateway, order: Order, refused: AppError) -> Checkout:
    """A double click: the other request holds the key, and its session is ours too as soon as it is written down."""
    if refused.code is not Code.CONFLICT:
        raise refused
    for _ in range(WAITED_FOR_OTHER):
        await asyncio.sleep(WAIT_SECONDS)
        current = orders.find(service.database.reader, order.id)
        if current is not None and current.stripe_session:
            return await _reopened(service, gateway, current)
    raise refused


async def _reopened(service: Service, gateway: StripeGateway, order: Order) -> Checkout:
    session = await gateway.retrieve_session(order.stripe_session or "")
    if session.status == "open":
        return Checkout(order=order, url=session.url)
    by = By(actor="return", now=service.clock())
    settled = await service.database.write(lambda db: fulfilment.settle(db, session, by)) or order
    if settled.state == "expired":
        raise AppError(Code.CONFLICT, "The payment page had run out. Please try again.")
    return Checkout(order=settled, url=None)


async def _customer(service: Service, gateway: StripeGateway, account: Account | None, order: Order) -> str | None:
    """The account's customer, made once and kept: the key makes a repetition the same customer."""
    if account is None or account.stripe_customer or account.email is None:
        return account.stripe_customer if account else None
    address = hashlib.sha256(account.email.encode()).hexdigest()[:16]
    try:
        made = await gateway.create_customer(
            email=account.email,
            account_id=account.id,
            idempotency_key=f"{account.id}-customer-{address}-{order.attempt}",
            name=account.name,
            locale=account.locale,
        )
    except ProviderUnavailable as unavailable:
        if not unavailable.may_have_happened:
            raise
        found = await gateway.find_customer(account.email, account_id=account.id)
        if found is None:
            if unavailable.answered:  # the same key would repeat the same error for a day
                await service.database.write(lambda db: _next_attempt(db, order))
            raise
        made = found
    now = service.clock()
    await service.database.write(lambda db: _keep_customer(db, account.id, made.id, now=now))
    return made.id


def _keep_customer(db: Connection, account_id: str, stripe_customer: str, *, now: dt.datetime) -> None:
    accounts.set_customer(db, account_id, stripe_customer)
    customers.note(db, stripe_customer, account_id, now=now)


def _request(service: Service, buyer: Buyer, begun: Begun, *, customer: str | None) -> CheckoutRequest:
    order, address = begun.order, service.settings.url
    tax_code = service.settings.tax_code if order.tax_mode != "none" else ""
    return CheckoutRequest(
        order_id=order.id,
        attempt=order.attempt,
        currency=order.currency,
        lines=tuple(_asked(line, tax_code=tax_code) for line in begun.lines if line.price_cents),
        success_url=f"{address}/checkout/done/?order={order.id}",
        cancel_url=f"{address}/checkout/cancelled/",
        expires_at=order.expires_at or order.created_at + OPEN_FOR,
        metadata=snapshot.metadata(order, begun.lines, email=order.email),
        customer=customer,
        email=None if customer else order.email,
        locale=buyer.locale,
        tax_mode=order.tax_mode,
        promotion_code=order.coupon,
        options=service.checkout_options,
    )


def _asked(line: Line, *, tax_code: str) -> CheckoutLine:
    return CheckoutLine(
        line_id=line.id,
        product_id=line.product_id,
        title=line.title,
        price_cents=line.price_cents,
        quantity=line.quantity,
        tax_code=tax_code,
    )


async def _look_before_asking_again(
    service: Service, gateway: StripeGateway, order: Order, customer: str | None, *, answered: bool
) -> CheckoutSession | None:
    """The provider repeats its first answer for a key, an error too: a new attempt is right once a look has found no session.

    But without any answer it may still be about to make one, and only the same key keeps it from making two.
    Only open ones count: nobody was told the address of a session whose making was not answered.
    """
    try:
        found = await gateway.find_sessions(order.id, created_after=order.created_at, status="open", customer=customer)
    except ProviderUnavailable:
        return None  # the key stays the same, so asking again cannot make two
    if not found and answered:
        await service.database.write(lambda db: _next_attempt(db, order))
    return found[0] if found else None


def _next_attempt(db: Connection, order: Order) -> None:
    current = orders.find(db, order.id)
    if current is not None and current.attempt == order.attempt and current.stripe_session is None:
        orders.update(db, replace(current, attempt=current.attempt + 1))


async def _attached(service: Service, order: Order, session: CheckoutSession) -> Checkout:
    def attach(db: Connection) -> Order:
        current = orders.find(db, order.id) or order
        if current.stripe_session is None:
            current = replace(current, stripe_session=session.id, stripe_payment_intent=session.payment_intent)
            orders.update(db, current)
        return current

    return Checkout(order=await service.database.write(attach), url=session.url)
