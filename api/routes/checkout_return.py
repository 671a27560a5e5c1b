"""The answer for a buyer who comes back from paying without script: how far it is, and a link to look again."""

from contextlib import suppress

from starlette.requests import Request
from starlette.responses import Response

from api.errors import AppError, Code
from api.routes import access, pages
from api.routes.access import Access
from api.routes.contract import endpoint, service_of
from api.routes.orders import browser_hash
from api.usecases import payment_page, purchases

PATH, PAGE = "/api/checkout", "/checkout/done/"
WAITING = "We are waiting for word of your payment. This takes some seconds, with some ways to pay some days."
# State -> heading and sentence.
SAID = {
    "paid": ("Paid", "Thank you. Your purchase is in your library, and the receipt is on its way to you by mail."),
    "pending": ("Processing", WAITING),
    "processing": ("Processing", WAITING),
    "failed": ("The payment failed", "Nothing was charged. Please try again, perhaps with another way to pay."),
    "expired": ("Not paid", "The payment page has run out. Nothing was charged."),
    "cancelled": ("Not paid", "This order was replaced by a newer one. Nothing was charged."),
    "refunded": ("Refunded", "The money for this order has been given back."),
    "partially_refunded": ("Partly refunded", "A part of the money for this order has been given back."),
}


@endpoint(
    "GET", PATH, answers={200: str}, problems=(Code.NOT_FOUND,), access=Access.PUBLIC, media_type=pages.MEDIA_TYPE
)
async def returned(request: Request) -> Response:
    """The newest order of this browser."""
    service = service_of(request)
    known = access.signed_in_or_none(request, service)
    account = known.account if known else None
    order = purchases.of_browser(service.database.reader, account, browser_hash=browser_hash(request))
    if order is None:
        raise AppError(Code.NOT_FOUND, "This browser has ordered nothing here lately.")
    with suppress(AppError):  # the page then says what we know
        order = await payment_page.check(service, order, actor="return")
    heading, sentence = SAID[order.state]
    again = "" if order.paid_at else PATH
    return pages.shown(request, PAGE, "order", heading=heading, sentence=sentence, again=again)


ENDPOINTS = (returned,)
