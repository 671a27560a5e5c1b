"""Writes what Stripe is asked for, in the names of one pinned version of its interface; asks nothing itself."""

from typing import Any

from api.errors import AppError, Code
from api.gateways.payments import CheckoutLine, CheckoutRequest, InvoiceData

API_VERSION = "2026-10-28.endive"
METADATA_KEYS_MAX, METADATA_KEY_MAX, METADATA_VALUE_MAX = 50, 40, 500
ORDER, LINE, PRODUCT = "order", "line", "product"  # names of ours in Stripe's metadata
Params = dict[str, Any]


def session(request: CheckoutRequest) -> Params:
    """The parameters of a checkout session. Raises AppError INVALID for metadata that Stripe could not keep."""
    metadata = _metadata({**request.metadata, ORDER: request.order_id})
    return {
        "mode": "payment",
        "client_reference_id": request.order_id,
        "metadata": metadata,
        "payment_intent_data": {"metadata": metadata},
        "line_items": [_line(request, line) for line in request.lines],
        "success_url": request.success_url,
        "cancel_url": request.cancel_url,
        "expires_at": int(request.expires_at.timestamp()),
        "locale": request.locale,
        **_buyer(request),
        **_discounts(request),
        **_taxes(request),
        **_switches(request),
    }


def invoice_data(data: InvoiceData) -> Params:
    """The parameters of a customer's update; an empty field takes away what stood there."""
    address = {
        "line1": data.line1,
        "line2": data.line2,
        "city": data.city,
        "postal_code": data.postal_code,
        "state": data.state,
        "country": data.country,
    }
    return {"name": data.name, "address": address}


def _line(request: CheckoutRequest, line: CheckoutLine) -> Params:
    product: Params = {"name": line.title, "metadata": {PRODUCT: line.product_id}}
    if line.tax_code:
        product["tax_code"] = line.tax_code
    price: Params = {"currency": request.currency, "unit_amount": line.price_cents, "product_data": product}
    if request.tax_mode != "none":
        price["tax_behavior"] = "inclusive"  # the price on our page is what is paid
    names = {LINE: line.line_id, PRODUCT: line.product_id}
    return {"price_data": price, "quantity": line.quantity, "metadata": names}


def _buyer(request: CheckoutRequest) -> Params:
    if request.customer:
        return {"customer": request.customer}
    return {"customer_creation": "always"} | ({"customer_email": request.email} if request.email else {})


def _discounts(request: CheckoutRequest) -> Params:
    """Stripe takes a fixed discount or a field for codes, not both."""
    if request.promotion_code:
        return {"discounts": [{"promotion_code": request.promotion_code}]}
    if request.coupon:
        return {"discounts": [{"coupon": request.coupon}]}
    return {"allow_promotion_codes": True} if request.options.promotion_codes else {}


def _taxes(request: CheckoutRequest) -> Params:
    if request.tax_mode == "managed":
        return {"managed_payments": {"enabled": True}}
    params: Params = {}
    if request.tax_mode == "stripe_tax":
        params["automatic_tax"] = {"enabled": True}
    if request.options.tax_ids:
        params["tax_id_collection"] = {"enabled": True}
    if params and request.customer:  # what the buyer types at checkout is kept with the customer
        params["customer_update"] = {"name": "auto", "address": "auto"}
    return params


def _switches(request: CheckoutRequest) -> Params:
    options = request.options
    params: Params = {}
    if request.tax_mode != "managed":  # there the seller of record sets currencies and writes the invoice
        params["adaptive_pricing"] = {"enabled": options.adaptive_pricing}
        if options.invoice:
            params["invoice_creation"] = {"enabled": True, "invoice_data": {"metadata": {ORDER: request.order_id}}}
    if options.terms:
        params["consent_collection"] = {"terms_of_service": "required"}
        if options.terms_text:
            params["custom_text"] = {"terms_of_service_acceptance": {"message": options.terms_text}}
    if options.recovery:
        codes = "allow_promotion_codes" in _discounts(request)
        params["after_expiration"] = {"recovery": {"enabled": True, "allow_promotion_codes": codes}}
    if options.mobile_app:
        params["origin_context"] = "mobile_app"
    return params


def _metadata(values: dict[str, str]) -> dict[str, str]:
    long = [key for key, value in values.items() if len(key) > METADATA_KEY_MAX or len(value) > METADATA_VALUE_MAX]
    if long or len(values) > METADATA_KEYS_MAX:
        raise AppError(
            Code.INVALID, f"The order holds more than the payment provider can keep ({', '.join(long) or len(values)})."
        )
    return values
