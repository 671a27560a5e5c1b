"""Checkout sessions as the API sees them: made, found, changed, expired. How one is paid is not known here."""

from collections.abc import Callable
from typing import Any

from api.sandbox import amounts, catalogue
from api.sandbox.books import Books, Object, merged_metadata
from api.sandbox.checks import currency, metadata, only_one_of, positive, required, text_length, unsigned, url
from api.sandbox.errors import StripeFault, missing_object
from api.sandbox.events import changed
from api.sandbox.lists import Query, embedded

LIFE_SECONDS_MIN, LIFE_SECONDS_MAX = 30 * 60, 24 * 60 * 60
SKEW_SECONDS = 60
TOTAL_CENTS_MIN = 50
REFERENCE_LENGTH_MAX = 200
LINES_MAX = 100


def create(books: Books, params: Object) -> Object:
    _check(books, params)
    items = [_item(books, line, n) for n, line in enumerate(params["line_items"])]
    in_currency = items[0]["price"]["currency"]
    if any(item["price"]["currency"] != in_currency for item in items):
        raise StripeFault("All prices on a Checkout session must have the same currency.", param="line_items")
    session = _session(books, params, in_currency=in_currency)
    session["_line_items"] = embedded(items, url=f"/v1/checkout/sessions/{session['id']}/line_items")
    reckon(books, session, country=None, business=False)
    if 0 < session["amount_total"] < TOTAL_CENTS_MIN:
        message = "The Checkout Session's total amount due must add up to at least 0.50."
        raise StripeFault(message, code="amount_too_small", param="line_items")
    return books.add(session)


def retrieve(books: Books, _: Object, session_id: str) -> Object:
    return current(books, session_id)


def current(books: Books, session_id: str) -> Object:
    """The session, expired when its time has come."""
    session = books.get("checkout.session", session_id)
    return _expired(books, session) if _is_due(books, session) else session


def update(books: Books, params: Object, session_id: str) -> Object:
    session = current(books, session_id)
    if "metadata" in params:
        kept = merged_metadata(session["metadata"], metadata(params)) if params["metadata"] else {}
        session["metadata"] = kept
    return books.put(session)


def expire(books: Books, _: Object, session_id: str) -> Object:
    session = current(books, session_id)
    if session["status"] != "open":
        raise StripeFault(
            'Only Checkout Sessions with a status in ["open"] can be expired. '
            f"This Checkout Session has a status of {session['status']}."
        )
    return _expired(books, session)


def expire_due(books: Books) -> None:
    """Every open session whose time has come."""
    for session in books.where("checkout.session", status="open"):
        if _is_due(books, session):
            _expired(books, session)


def list_all(books: Books, params: Object) -> Object:
    filters = {
        "customer": params.get("customer"),
        "customer_details.email": params.get("customer_details", {}).get("email"),
        "payment_intent": params.get("payment_intent"),
        "status": params.get("status"),
    }
    return Query(books, "checkout.session").equal(filters).page(params, url="/v1/checkout/sessions")


def list_line_items(books: Books, params: Object, session_id: str) -> Object:
    """Lines in the order in which they were asked for."""
    items: list[Object] = current(books, session_id)["_line_items"]["data"]
    ids = [item["id"] for item in items]
    start = ids.index(params["starting_after"]) + 1 if params.get("starting_after") in ids else 0
    limit = params.get("limit", 10)
    url = f"/v1/checkout/sessions/{session_id}/line_items"
    return embedded(items[start : start + limit], url=url) | {"has_more": len(items) > start + limit}


def apply_promotion_code(books: Books, session: Object, text: str) -> None:
    """The buyer's code. Raises StripeFault, with a message for them, when it cannot be used."""
    promotion_code = catalogue.promotion_code_by_text(books, text)
    subtotal, in_currency = session["amount_subtotal"], session["currency"]
    catalogue.usable_promotion_code(books, promotion_code, subtotal_cents=subtotal, in_currency=in_currency)
    session["discounts"] = [_discount_of(promotion_code)]


def reckon(books: Books, session: Object, *, country: str | None, business: bool) -> None:
    """Writes the session's sums anew, from its lines, discounts and the buyer's place."""
    items = session["_line_items"]["data"]
    coupon = used_coupon(books, session)
    taxed = session["automatic_tax"]["enabled"] or session["managed_payments"]["enabled"]
    lines = amounts.reckoned(
        [_to_reckon(item, coupon) for item in items],
        amount_off=catalogue.amount_off(coupon, session["currency"]) if coupon and coupon["amount_off"] else None,
        percent_off=amounts.exact(coupon["percent_off"]) if coupon and coupon["percent_off"] else None,
        tax_percent=amounts.tax_rate(country, business=business) if taxed else amounts.exact(0),
    )
    for item, line in zip(items, lines, strict=True):
        item["amount_subtotal"], item["amount_discount"] = line.subtotal_cents, line.discount_cents
        item["amount_tax"], item["amount_total"] = line.tax_cents, line.total_cents
    _sum_up(session, items)


def used_coupon(books: Books, session: Object) -> Object | None:
    """The coupon of the session's discount, whether or not another buyer may still use it."""
    for discount in session["discounts"]:
        if discount["promotion_code"]:
            promotion_code = books.get("promotion_code", discount["promotion_code"])
            return books.find("coupon", promotion_code["promotion"]["coupon"])
        return books.find("coupon", discount["coupon"])
    return None


def _check(books: Books, params: Object) -> None:
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
    _check_life(books, params)
    _check_customer(books, params)


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


def _item(books: Books, line: Object, n: int) -> Object:
    param = f"line_items[{n}]"
    only_one_of(line, "price", "price_data")
    quantity = positive(line.get("quantity", 1), param=f"{param}[quantity]")
    price = _price(books, line, param=param)
    product = books.get("product", price["product"])
    return {
        "id": books.new_id("li"),
        "object": "item",
        "adjustable_quantity": None,
        "amount_discount": 0,
        "amount_subtotal": unsigned(price["unit_amount"] * quantity, param=param),
        "amount_tax": 0,
        "amount_total": price["unit_amount"] * quantity,
        "currency": price["currency"],
        "description": product["name"],
        "metadata": metadata(line),
        "price": price,
        "quantity": quantity,
    }


def _price(books: Books, line: Object, *, param: str) -> Object:
    if "price" in line:
        price = books.get("price", line["price"], param=f"{param}[price]", status=400)
        if not price["active"]:
            raise StripeFault("The price specified is inactive.", code="resource_missing", param=f"{param}[price]")
        return price
    if "price_data" not in line:
        raise StripeFault(f"Missing required param: {param}[price].", code="parameter_missing", param=f"{param}[price]")
    data = line["price_data"]
    only_one_of(data, "product", "product_data")
    product_id = data.get("product") or catalogue.create_product(books, {**data["product_data"], "active": False})["id"]
    books.get("product", product_id, param=f"{param}[price_data][product]", status=400)
    return catalogue.price_of(books, data, product_id=product_id, active=False)


def _session(books: Books, params: Object, *, in_currency: str) -> Object:
    session_id = f"cs_test_{books.new_id('')[1:]}{books.new_id('')[1:]}"
    email = params.get("customer_email")
    expires_at = params.get("expires_at", books.now + LIFE_SECONDS_MAX)
    return {
        "id": session_id,
        "object": "checkout.session",
        "adaptive_pricing": {"enabled": params.get("adaptive_pricing", {}).get("enabled", True)},
        "after_expiration": _after_expiration(params),
        "allow_promotion_codes": params.get("allow_promotion_codes"),
        "amount_subtotal": 0,
        "amount_total": 0,
        "automatic_tax": _automatic_tax(params),
        "billing_address_collection": params.get("billing_address_collection"),
        "cancel_url": params.get("cancel_url"),
        "client_reference_id": params.get("client_reference_id"),
        "client_secret": None,
        "collected_information": None,
        "consent": None,
        "consent_collection": params.get("consent_collection"),
        "created": books.now,
        "currency": currency(params.get("currency", in_currency)),
        "currency_conversion": None,
        "custom_fields": [],
        "custom_text": params.get("custom_text", {}),
        "customer": params.get("customer"),
        "customer_creation": None if "customer" in params else params.get("customer_creation", "if_required"),
        "customer_details": _known(books, params) or (_nobody() | {"email": email} if email else None),
        "customer_email": email,
        "discounts": [_discount(books, one, in_currency=in_currency) for one in params.get("discounts", [])[:1]],
        "expires_at": expires_at,
        "invoice": None,
        "invoice_creation": params.get("invoice_creation", {"enabled": False}),
        "livemode": False,
        "locale": params.get("locale"),
        "managed_payments": {"enabled": params.get("managed_payments", {}).get("enabled", False)},
        "metadata": metadata(params),
        "mode": "payment",
        "origin_context": params.get("origin_context"),
        "payment_intent": None,
        "payment_link": None,
        "payment_method_collection": "if_required",
        "payment_method_options": {},
        "payment_method_types": ["card", "sepa_debit"],
        "payment_status": "unpaid",
        "phone_number_collection": {"enabled": False},
        "recovered_from": None,
        "setup_intent": None,
        "shipping_address_collection": None,
        "shipping_cost": None,
        "shipping_options": [],
        "status": "open",
        "submit_type": None,
        "subscription": None,
        "success_url": params["success_url"],
        "tax_id_collection": params.get("tax_id_collection", {"enabled": False}),
        "total_details": None,
        "ui_mode": "hosted_page",
        "url": f"{books.settings.url}/checkout/{session_id}",
        "_payment_intent_data": params.get("payment_intent_data", {}) | _checked_payment_metadata(params),
        "_customer_update": params.get("customer_update", {}),
    }


def _checked_payment_metadata(params: Object) -> Object:
    return {"metadata": metadata(params.get("payment_intent_data", {}))}


def _after_expiration(params: Object) -> Object | None:
    recovery = params.get("after_expiration", {}).get("recovery")
    if not recovery:
        return None
    codes = recovery.get("allow_promotion_codes", False)
    return {
        "recovery": {"allow_promotion_codes": codes, "enabled": recovery["enabled"], "expires_at": None, "url": None}
    }


def _automatic_tax(params: Object) -> Object:
    enabled = params.get("automatic_tax", {}).get("enabled", False)
    status = "requires_location_inputs" if enabled else None
    provider = "stripe" if enabled else None
    return {
        "enabled": enabled,
        "liability": {"type": "self"} if enabled else None,
        "provider": provider,
        "status": status,
    }


def _nobody() -> Object:
    return {
        "address": None,
        "business_name": None,
        "email": None,
        "individual_name": None,
        "name": None,
        "phone": None,
        "tax_exempt": "none",
        "tax_ids": None,
    }


def _known(books: Books, params: Object) -> Object | None:
    customer = books.find("customer", params.get("customer"))
    return _nobody() | {"email": customer["email"]} if customer else None


def _discount(books: Books, asked: Object, *, in_currency: str) -> Object:
    only_one_of(asked, "coupon", "promotion_code")
    if "coupon" in asked:
        catalogue.usable_coupon(books, asked["coupon"], in_currency=in_currency)
        return {"coupon": asked["coupon"], "promotion_code": None}
    promotion_code = books.find("promotion_code", asked.get("promotion_code"))
    if promotion_code is None:
        raise missing_object(
            "promotion code", str(asked.get("promotion_code")), param="discounts[0][promotion_code]", status=400
        )
    catalogue.usable_promotion_code(books, promotion_code, subtotal_cents=0, in_currency=in_currency)
    return _discount_of(promotion_code)


def _discount_of(promotion_code: Object) -> Object:
    return {"coupon": None, "promotion_code": promotion_code["id"]}


def _to_reckon(item: Object, coupon: Object | None) -> amounts.Item:
    products = (coupon or {}).get("_applies_to", {}).get("products")
    price = item["price"]
    return amounts.Item(
        price_cents=price["unit_amount"],
        quantity=item["quantity"],
        discounted=products is None or price["product"] in products,
        inclusive=price["tax_behavior"] == "inclusive",
    )


def _sum_up(session: Object, items: list[Object]) -> None:
    total: Callable[[str], int] = lambda name: sum(item[name] for item in items)  # noqa: E731
    session["amount_subtotal"], session["amount_total"] = total("amount_subtotal"), total("amount_total")
    session["total_details"] = {
        "amount_discount": total("amount_discount"),
        "amount_shipping": 0,
        "amount_tax": total("amount_tax"),
    }


def _is_due(books: Books, session: Object) -> bool:
    return bool(session["status"] == "open" and session["expires_at"] <= books.now)


def _expired(books: Books, session: Object) -> Object:
    changes: dict[str, Any] = {"status": "expired", "url": None}
    recovery = (session["after_expiration"] or {}).get("recovery")
    if recovery and recovery["enabled"]:
        address = f"{books.settings.url}/recover/{session['id']}"
        changes["after_expiration"] = {"recovery": recovery | {"url": address, "expires_at": books.now + 30 * 86400}}
    return changed(books, "checkout.session.expired", session, **changes)
