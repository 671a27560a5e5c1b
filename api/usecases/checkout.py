"""From a wish to buy to a page where it can be paid; the order is written before the provider is asked, so that nothing is lost.

Network calls stand between transactions, never inside. Prices come from the catalogue; what is opened is decided in `fulfilment`.
"""

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from sqlite3 import Connection

import msgspec
import structlog
from msgspec import Struct
from msgspec.structs import replace

from api import email_address, ids
from api.errors import AppError, Code
from api.gateways.catalog import Catalog
from api.gateways.payments import ProviderUnavailable
from api.gateways.stripe import StripeGateway
from api.model import Order
from api.store import audit, orders
from api.usecases import access, basket, free, limits, mail_codes, payment_page
from api.usecases.basket import Offer
from api.usecases.fulfilment import By
from api.usecases.payment_page import OPEN_FOR, Begun, Buyer, Checkout
from api.usecases.service import Service

log = structlog.get_logger()
REUSED_UNTIL = dt.timedelta(minutes=35)  # the provider wants half an hour for a new session
# In ten minutes. A place is an address that a whole campus or network may share; who is signed in is counted alone.
GUEST_ORDERS_PER_PLACE, ORDERS_PER_BUYER = 600, 20


class Wish(Struct, frozen=True, kw_only=True):
    """What a browser says. `code` is a promotion code; nothing here can be a price."""

    products: tuple[str, ...]
    currency: str | None = None
    code: str | None = None


async def start(service: Service, buyer: Buyer, wish: Wish) -> Checkout:
    """Raises AppError for what cannot be bought, is owned already, or cannot be paid for the moment (then nothing was charged)."""
    now = service.clock()
    if buyer.email:
        buyer = replace(buyer, email=email_address.read(buyer.email))
    await limits.spend(service.database, _limits(buyer), now=now)
    catalog = service.catalog.current()
    currency, offers = basket.offers(catalog, wish.products, currency=wish.currency, now=now)
    _refuse_owned(service.database.reader, buyer, offers, catalog, now=now)
    if not any(offer.price_cents for offer in offers):
        return await _take(service, buyer, _wanted(service, buyer, offers, currency=currency, code=None, now=now))
    gateway = service.stripe_or_refuse()
    promotion = await _promotion(gateway, wish.code)
    wanted = _wanted(service, buyer, offers, currency=currency, code=promotion, now=now)
    begun = await service.database.write(lambda db: _begin(db, wanted, now=now))
    for older in begun.replaced:
        await _withdraw(service, gateway, older)
    return await payment_page.opened(service, gateway, buyer, begun)


def _limits(buyer: Buyer) -> dict[str, int]:
    """A guest can throw the cookie away, and is nobody then but a place."""
    own = {f"orders-buyer:{buyer.key}": ORDERS_PER_BUYER}
    return own if buyer.account else {**own, f"orders-place:{buyer.place}": GUEST_ORDERS_PER_PLACE}


async def _take(service: Service, buyer: Buyer, wanted: Begun) -> Checkout:
    """What is free needs no provider: an account has it at once, a guest after a code to the address."""
    by = By(actor=buyer.account.id if buyer.account else "guest", now=wanted.order.created_at)
    if buyer.account:
        return Checkout(order=await service.database.write(lambda db: _take_once(db, service, buyer, wanted, by)))
    email = free.address_of(buyer.email)
    order = await service.database.write(lambda db: free.write(db, wanted.order, wanted.lines, None, by))
    payload = {free.ORDER: order.id}
    binding = await mail_codes.ask(service, email, purpose=mail_codes.SIGN_IN, place=buyer.place, payload=payload)
    return Checkout(order=order, binding=binding)


def _take_once(db: Connection, service: Service, buyer: Buyer, wanted: Begun, by: By) -> Order:
    """Asks again inside the transaction, for two clicks at once."""
    catalog = service.catalog.current()
    owned = access.owned_products(db, buyer.key, catalog, now=by.now)
    _refuse_any(owned, {line.product_id: line.title for line in wanted.lines})
    return free.write(db, wanted.order, wanted.lines, buyer.account, by)


def cart_key(buyer: Buyer, offers: Sequence[Offer], *, currency: str, code: str | None) -> str:
    """The same for the same things at the same prices for the same address, whoever asks twice."""
    contents = sorted((offer.product_id, offer.price_cents) for offer in offers)
    address = (
        buyer.account.email if buyer.account else buyer.email
    )  # fixed on the payment page: whose it is gets what is paid for
    return hashlib.sha256(msgspec.json.encode([buyer.key, contents, currency, code, address])).hexdigest()


def _refuse_owned(db: Connection, buyer: Buyer, offers: Sequence[Offer], catalog: Catalog, *, now: dt.datetime) -> None:
    if buyer.account is None:  # whether an address owns something is nobody else's business
        return
    owned = access.owned_products(db, buyer.account.id, catalog, now=now)
    _refuse_any(owned, {offer.product_id: offer.title for offer in offers})


def _refuse_any(owned: set[str], titles: Mapping[str, str]) -> None:
    for product_id, title in titles.items():
        if product_id in owned:
            raise AppError(Code.ALREADY_OWNED, f"You own {title} already; it is in your library.")


async def _promotion(gateway: StripeGateway, code: str | None) -> str | None:
    if not code:
        return None
    known = await gateway.promotion_code(code)
    if known is None:
        message = f"The code {code[:40]} is unknown or no longer valid."
        raise AppError(Code.INVALID, message, fields={"code": message})
    return known


def _wanted(
    service: Service, buyer: Buyer, offers: Sequence[Offer], *, currency: str, code: str | None, now: dt.datetime
) -> Begun:
    order_id = ids.new("ord")
    lines = tuple(basket.line(offer, order_id) for offer in offers)
    order = Order(
        id=order_id,
        account_id=buyer.account.id if buyer.account else None,
        email=buyer.account.email if buyer.account else buyer.email,
        state="pending",
        currency=currency,
        total_cents=sum(line.price_cents for line in lines),
        tax_mode=service.catalog.current().tax,
        coupon=code,
        created_at=now,
        expires_at=now + OPEN_FOR,
        livemode=service.livemode,
        cart_key=cart_key(buyer, offers, currency=currency, code=code),
        browser_hash=None if buyer.account else buyer.browser_hash,
    )
    return Begun(order, lines)


def _begin(db: Connection, wanted: Begun, *, now: dt.datetime) -> Begun:
    """The same cart's open order, or the new one; and what it replaces: older orders of the same person for the same things."""
    same = orders.pending_with_cart(db, wanted.order.cart_key or "")
    if same is not None and (same.expires_at or now) > now + REUSED_UNTIL:
        return Begun(same, orders.lines(db, same.id))
    orders.insert(db, wanted.order, wanted.lines)
    actor = wanted.order.account_id or "guest"
    audit.add(
        db, "order.begun", wanted.order.id, actor=actor, now=now, products=[line.product_id for line in wanted.lines]
    )
    kept = orders.find(db, wanted.order.id) or wanted.order  # read back: a second try must ask for the very same thing
    return Begun(kept, orders.lines(db, kept.id), _replaced(db, wanted))


def _replaced(db: Connection, wanted: Begun) -> tuple[Order, ...]:
    products = {line.product_id for line in wanted.lines}
    order = wanted.order
    open_orders = orders.pending_of(db, account_id=order.account_id, browser_hash=order.browser_hash)
    return tuple(
        older
        for older in open_orders
        if older.id != order.id and products & {line.product_id for line in orders.lines(db, older.id)}
    )


async def _withdraw(service: Service, gateway: StripeGateway, older: Order) -> None:
    """Nobody shall pay for the same thing twice: what was paid meanwhile is opened, the unreachable left to reconciliation."""
    if older.stripe_session is None:
        return
    try:
        await gateway.expire_session(older.stripe_session)
    except ProviderUnavailable:
        return
    except AppError:
        settled = await payment_page.check(service, older, actor="return")
        if settled.paid_at or settled.state == "processing":
            raise AppError(
                Code.CONFLICT, "You have just paid for this in another window; it is on its way to your library."
            ) from None
        return
    by = By(actor="checkout", now=service.clock())
    await service.database.write(lambda db: _cancel(db, older.id, by))


def _cancel(db: Connection, order_id: str, by: By) -> None:
    order = orders.find(db, order_id)
    if order is not None and order.state == "pending":
        orders.update(db, replace(order, state="cancelled"))
        audit.add(db, "order.cancelled", order_id, actor=by.actor, now=by.now, reason="replaced by a newer order")
