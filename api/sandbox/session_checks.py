"""What Stripe refuses in the request for a checkout session, before anything is made of it."""

from api.sandbox.books import Books, Object
from api.sandbox.checks import email, only_one_of, required, text_length, url
from api.sandbox.errors import StripeFault

LIFE_SECONDS_MIN, LIFE_SECONDS_MAX = 30 * 60, 24 * 60 * 60
SKEW_SECONDS = 60
REFERENCE_LENGTH_MAX = 200
LINES_MAX = 100
TAXING = ("automatic_tax", "tax_id_collection")


def check(books: Books, params: Object) -> None:
    required(params, "mode")
    if params["mode"] != "payment" or params.get("ui_mode", "hosted_page") != "hosted_page":
        raise StripeFault("The stand-in offers mode=payment on a hosted page only.", param="mode")
    for name in ("line_items", "success_url"):
        required(params, name)
    if not 0 < len(params["line_items"]) <= LINES_MAX:
        raise StripeFault(f"Between 1 and {LINES_MAX} line items are needed.", param="line_items")
    for together in (
        ("allow_promotion_codes", "discounts"),
        ("customer", "customer_email"),
        ("customer", "customer_creation"),
    ):
        only_one_of(params, *together)
    for name in ("success_url", "cancel_url"):
        url(params, name)
    text_length(params, "client_reference_id", REFERENCE_LENGTH_MAX)
    email(params, "customer_email")
    _check_life(books, params)
    _check_customer(books, params)
    _check_managed(params)


def _check_life(books: Books, params: Object) -> None:
    life = params.get("expires_at", books.now + LIFE_SECONDS_MAX) - books.now
    if life < LIFE_SECONDS_MIN - SKEW_SECONDS:
        raise StripeFault(
            "The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation.", param="expires_at"
        )
    if life > LIFE_SECONDS_MAX + SKEW_SECONDS:
        raise StripeFault(
            "The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.", param="expires_at"
        )


def _check_customer(books: Books, params: Object) -> None:
    update = params.get("customer_update", {})
    if "customer" not in params:
        if update:
            raise StripeFault("`customer_update` can only be used with `customer`.", param="customer_update")
        return
    customer = books.get("customer", params["customer"], param="customer", status=400)
    if params.get("tax_id_collection", {}).get("enabled") and update.get("name") != "auto":
        message = (
            "Tax ID collection requires updating business name on the customer: set `customer_update[name]` to `auto`."
        )
        raise StripeFault(message, param="tax_id_collection")
    placeless = not (customer["address"] or {}).get("country")
    if params.get("automatic_tax", {}).get("enabled") and placeless and update.get("address") != "auto":
        message = "Automatic tax calculation in Checkout requires an address on the Customer or `customer_update[address]`=auto."
        raise StripeFault(message, code="customer_tax_location_invalid", param="automatic_tax")


def _check_managed(params: Object) -> None:
    """The seller of record reckons the tax itself, by each product's tax code."""
    if not params.get("managed_payments", {}).get("enabled"):
        return
    for name in TAXING:
        if params.get(name, {}).get("enabled"):
            raise StripeFault(f"`{name}` cannot be used with `managed_payments`.", param=name)
    for n, line in enumerate(params["line_items"]):
        if not line.get("price_data", {}).get("product_data", {}).get("tax_code", "price" in line):
            raise StripeFault("With `managed_payments` every product needs a tax code.", param=f"line_items[{n}]")
