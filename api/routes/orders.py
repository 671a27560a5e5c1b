"""Orders by their buyers: begun, looked at, asked about. What things cost is not decided here."""

import re
import secrets
from typing import Annotated

from msgspec import Meta, Struct
from starlette.requests import Request
from starlette.responses import Response

from api.errors import AppError, Code
from api.model import Account, Order, OrderState
from api.routes import access, cookies, pages, visitors
from api.routes.access import Access
from api.routes.contract import Answer, endpoint, service_of
from api.usecases import basket, checkout, mail_codes, payment_page, purchases
from api.usecases.basket import Named
from api.usecases.checkout import Wish
from api.usecases.payment_page import Buyer, Checkout
from api.usecases.purchases import OrderView
from api.usecases.secret_words import token_hash

CANCELLED_PAGE, CODE_PAGE, LIBRARY_PAGE = "/checkout/cancelled/", "/account/code/", "/account/"
CART_SECONDS = 7 * 86400
OWN_CART = re.compile(r"[A-Za-z0-9_-]{43}")  # 256 bits
Short = Annotated[str, Meta(max_length=80)]


class OrderRequest(Struct, frozen=True, kw_only=True):
    """Ids from the catalogue; `code` is a promotion code, `email` a guest's address."""

    products: Annotated[tuple[Short, ...], Meta(min_length=1, max_length=50)]
    currency: Short | None = None
    code: Short | None = None
    email: Annotated[str, Meta(max_length=320)] | None = None


class OrderBegun(Struct, frozen=True, kw_only=True):
    """`url`: where to go on; the payment page, the page for the code by mail, or the library."""

    id: str
    state: OrderState
    url: str


REFUSALS = (
    Code.ALREADY_OWNED,
    Code.CONFLICT,
    Code.GONE,
    Code.NOT_ON_SALE,
    Code.PAYMENT_UNAVAILABLE,
    Code.RATE_LIMITED,
    Code.UNAVAILABLE,
)
WORTH_ANOTHER_TRY = (
    Code.INVALID,
    Code.PAYMENT_UNAVAILABLE,
    Code.RATE_LIMITED,
    Code.STORAGE_FULL,
    Code.UNAVAILABLE,
)


def _refused(request: Request, body: OrderRequest, error: AppError) -> Response | None:
    """The form once more, with what was typed and the way back; None when trying again will not help."""
    products = _named(request, body)
    if error.code not in WORTH_ANOTHER_TRY or not products:
        return None
    typed = {"currency": body.currency or "", "email": body.email or "", "code": body.code or ""}
    return pages.shown_again(
        request,
        error,
        CANCELLED_PAGE,
        "order_again",
        products=products,
        problem=error.message,
        fields=error.fields or {},
        **typed,
    )


@endpoint(
    "POST",
    "/api/orders",
    answers={201: OrderBegun},
    problems=REFUSALS,
    access=Access.PUBLIC,
    page=CANCELLED_PAGE,
    again=_refused,
)
async def begin(request: Request, body: OrderRequest) -> Answer:
    """Buy: answers with the address of the payment page; what is free needs none."""
    cart = cookies.value(request, cookies.CART)
    if not OWN_CART.fullmatch(cart):  # it is said again, in a header
        cart = secrets.token_urlsafe(32)
    buyer = Buyer(
        account=_account(request),
        browser_hash=token_hash(cart),
        email=body.email,
        place=visitors.of(request).place,
    )
    wish = Wish(products=body.products, currency=body.currency, code=body.code)
    begun = await checkout.start(service_of(request), buyer, wish)
    url = _next_page(begun)
    headers = [cookies.kept(cookies.CART, cart, seconds=CART_SECONDS)]
    if begun.binding:
        seconds = int(mail_codes.LIFE.total_seconds())
        headers.append(cookies.kept(cookies.ASKING, begun.binding, seconds=seconds))
    order = OrderBegun(id=begun.order.id, state=begun.order.state, url=url)
    return Answer(body=order, status=201, page=url, headers=tuple(headers))


@endpoint("GET", "/api/orders", answers={200: list[OrderView]})
async def listed(request: Request) -> Answer:
    """Your orders that were paid or are on their way, the newest first."""
    return Answer(body=purchases.listed(service_of(request).database.reader, access.signed_in(request).account))


@endpoint("GET", "/api/orders/{order_id}", answers={200: OrderView}, problems=(Code.NOT_FOUND,), access=Access.PUBLIC)
async def seen(request: Request, order_id: str) -> Answer:
    """One order of yours, or of this browser, and how far its payment is."""
    service, account = service_of(request), _account(request)
    order = purchases.seen(service.database.reader, order_id, account, browser_hash=browser_hash(request))
    return Answer(body=purchases.view(service.database.reader, order, owner=_is_owner(order, account)))


@endpoint(
    "POST",
    "/api/orders/{order_id}/check",
    answers={200: OrderView},
    problems=(Code.NOT_FOUND, Code.CONFLICT, Code.PAYMENT_UNAVAILABLE, Code.RATE_LIMITED),
    access=Access.PUBLIC,
)
async def check(request: Request, order_id: str) -> Answer:
    """Asks Stripe how far the payment is: what a buyer who comes back need not wait for."""
    service, account = service_of(request), _account(request)
    order = purchases.seen(service.database.reader, order_id, account, browser_hash=browser_hash(request))
    checked = await payment_page.check(service, order, actor="return")
    return Answer(body=purchases.view(service.database.reader, checked, owner=_is_owner(checked, account)))


def browser_hash(request: Request) -> str | None:
    """Of the cookie by which a guest's browser is known."""
    cart = cookies.value(request, cookies.CART)
    return token_hash(cart) if cart else None


def _named(request: Request, body: OrderRequest) -> tuple[Named, ...]:
    try:
        return basket.named(service_of(request).catalog.current(), body.products)
    except AppError:  # there is no catalogue for the moment
        return ()


def _account(request: Request) -> Account | None:
    known = access.signed_in_or_none(request, service_of(request))
    return known.account if known else None


def _is_owner(order: Order, account: Account | None) -> bool:
    """Not whoever is signed in where a guest has bought."""
    return account is not None and order.account_id == account.id


def _next_page(begun: Checkout) -> str:
    if begun.url:
        return begun.url
    return CODE_PAGE if begun.binding else f"{LIBRARY_PAGE}#added"


ENDPOINTS = (begin, listed, seen, check)
