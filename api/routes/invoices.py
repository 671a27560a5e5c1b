"""Invoices put right by buyers, and the page of orders without script, where the form for it stands. Decides nothing."""

from typing import Annotated, Any

from msgspec import Meta, Struct
from msgspec.structs import asdict
from starlette.requests import Request
from starlette.responses import Response

from api.errors import AppError, Code
from api.routes import access, pages
from api.routes.contract import Answer, endpoint, service_of
from api.usecases import purchases
from api.usecases.purchases import OrderView

PAGE = "/account/orders/"
Name = Annotated[str, Meta(max_length=200)]
Short = Annotated[str, Meta(max_length=80)]


class InvoiceRequest(Struct, frozen=True, kw_only=True):
    """`tax_id_type` as Stripe names it, for instance eu_vat."""

    name: Name
    line1: Name = ""
    line2: Name = ""
    city: Name = ""
    postal_code: Short = ""
    state: Name = ""
    country: Annotated[str, Meta(max_length=2)] = ""
    tax_id_type: Short = ""
    tax_id: Short = ""


@endpoint("GET", "/api/orders/page", answers={200: str}, page=PAGE, media_type=pages.MEDIA_TYPE)
async def without_script(request: Request) -> Response:
    """Your orders as a page, each with its invoice and a form that puts it right."""
    return pages.shown(request, PAGE, "orders", **_listed(request), refused="", problem="")


def _refused(request: Request, body: InvoiceRequest, error: AppError) -> Response | None:
    """The same page, with what was typed for the order that it is about; None when that is none of theirs."""
    order_id, listed = request.path_params["order_id"], _listed(request)
    if order_id not in listed["written"]:
        return None
    listed["written"][order_id] = asdict(body)
    return pages.shown_again(request, error, PAGE, "orders", **listed, refused=order_id, problem=error.message)


@endpoint(
    "POST",
    "/api/orders/{order_id}/invoice",
    answers={200: OrderView},
    problems=(Code.NOT_FOUND, Code.CONFLICT, Code.PAYMENT_UNAVAILABLE),
    page=PAGE,
    again=_refused,
)
async def correct(request: Request, order_id: str, body: InvoiceRequest) -> Answer:
    """Put the buyer's name, address or tax number on an invoice right; the corrected one comes by mail."""
    service, account = service_of(request), access.signed_in(request).account
    order = await purchases.correct_invoice(service, account, order_id, asdict(body))
    view = purchases.view(service.database.reader, order, owner=True)
    return Answer(body=view, page=f"{PAGE}#invoice_corrected")


def _listed(request: Request) -> dict[str, Any]:
    """The orders, and what stands in each one's form."""
    orders = purchases.listed(service_of(request).database.reader, access.signed_in(request).account)
    return {"orders": orders, "written": {order.id: _written(order) for order in orders if order.paid_at}}


def _written(order: OrderView) -> dict[str, str]:
    return asdict(order.invoice_data) if order.invoice_data else {}


ENDPOINTS = (without_script, correct)
