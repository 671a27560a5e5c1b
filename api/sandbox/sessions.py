"""Checkout sessions as the API sees them: made, found, changed, expired. How one is paid is not known here."""

from typing import Any

from api.sandbox.books import Books, Object, merged_metadata
from api.sandbox.checks import currency, metadata
from api.sandbox.errors import StripeFault
from api.sandbox.events import changed
from api.sandbox.lists import Query, embedded
from api.sandbox.session_checks import LIFE_SECONDS_MAX, check
from api.sandbox.session_lines import discount_of, item_of, reckon

TOTAL_CENTS_MIN = 50
RECOVERY_SECONDS = 30 * 24 * 60 * 60

# What every new session of ours begins with.
NEW: Object = {
    "client_secret": None,
    "collected_information": None,
    "consent": None,
    "currency_conversion": None,
    "custom_fields": [],
    "invoice": None,
    "livemode": False,
    "mode": "payment",
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
    "total_details": None,
    "ui_mode": "hosted_page",
}


def create(books: Books, params: Object) -> Object:
    check(books, params)
    items = [item_of(books, line, n) for n, line in enumerate(params["line_items"])]
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


def recover(books: Books, session_id: str) -> Object:
    """A new open session like an expired one that asked for it. Raises StripeFault when it did not."""
    expired = current(books, session_id)
    recovery = (expired["after_expiration"] or {}).get("recovery") or {}
    if not recovery.get("url") or recovery["expires_at"] <= books.now:
        raise StripeFault("The shop does not offer it, or the time for it is over.")
    new_id = _new_id(books)
    changes = {"id": new_id, "created": books.now, "expires_at": books.now + LIFE_SECONDS_MAX, "status": "open"}
    changes |= {"url": _url(books, new_id), "recovered_from": session_id, "discounts": []}
    changes |= {"allow_promotion_codes": recovery["allow_promotion_codes"] or None}
    again = expired | changes
    reckon(books, again, country=None, business=False)
    return books.add(again)


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


def _session(books: Books, params: Object, *, in_currency: str) -> Object:
    session_id = _new_id(books)
    email = params.get("customer_email")
    expires_at = params.get("expires_at", books.now + LIFE_SECONDS_MAX)
    return {
        **NEW,
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
        "consent_collection": params.get("consent_collection"),
        "created": books.now,
        "currency": currency(params.get("currency", in_currency)),
        "custom_text": params.get("custom_text", {}),
        "customer": params.get("customer"),
        "customer_creation": None if "customer" in params else params.get("customer_creation", "if_required"),
        "customer_details": _known(books, params) or (_nobody() | {"email": email} if email else None),
        "customer_email": email,
        "discounts": [discount_of(books, one, in_currency=in_currency) for one in params.get("discounts", [])[:1]],
        "expires_at": expires_at,
        "invoice_creation": {"enabled": False, "invoice_data": {}} | params.get("invoice_creation", {}),
        "locale": params.get("locale"),
        "managed_payments": {"enabled": params.get("managed_payments", {}).get("enabled", False)},
        "metadata": metadata(params),
        "origin_context": params.get("origin_context"),
        "success_url": params["success_url"],
        "tax_id_collection": {"enabled": False, "required": "never"} | params.get("tax_id_collection", {}),
        "url": _url(books, session_id),
        "_payment_intent_data": params.get("payment_intent_data", {}) | _checked_payment_metadata(params),
        "_customer_update": params.get("customer_update", {}),
    }


def _new_id(books: Books) -> str:
    return f"cs_test_{books.new_id('')[1:]}{books.new_id('')[1:]}"


def _url(books: Books, session_id: str) -> str:
    return f"{books.settings.url}/checkout/{session_id}"


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


def _is_due(books: Books, session: Object) -> bool:
    return bool(session["status"] == "open" and session["expires_at"] <= books.now)


def _expired(books: Books, session: Object) -> Object:
    changes: dict[str, Any] = {"status": "expired", "url": None}
    recovery = (session["after_expiration"] or {}).get("recovery")
    if recovery and recovery["enabled"]:
        address = f"{books.settings.url}/recover/{session['id']}"
        changes["after_expiration"] = {
            "recovery": recovery | {"url": address, "expires_at": books.now + RECOVERY_SECONDS}
        }
    return changed(books, "checkout.session.expired", session, **changes)
