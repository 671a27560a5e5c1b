"""How a checkout is paid: at once, later, refused; payment intents, charges and what the balance books for them."""

from typing import Any

from msgspec import Struct

from api.sandbox import amounts, balance, customers, invoices, session_lines, sessions
from api.sandbox.books import Books, Object
from api.sandbox.errors import StripeFault
from api.sandbox.events import changed, record
from api.sandbox.lists import Query

DECLINED = "Your card was declined."
METHODS = {"card": "card", "delayed": "sepa_debit"}


class Buyer(Struct, frozen=True, kw_only=True):
    """What a person typed on the checkout page."""

    email: str
    name: str = ""
    business_name: str = ""
    country: str = "DE"
    tax_id: str = ""
    terms_accepted: bool = True


def pay(books: Books, session_id: str, buyer: Buyer, *, delayed: bool = False) -> Object:
    """Completes an open session. A delayed method leaves it unpaid until `settle`. Raises StripeFault when it is not open."""
    session = _open(books, session_id)
    _take_details(books, session, buyer)
    session_lines.redeem_discounts(books, session)
    changes: dict[str, Any] = {"status": "complete", "url": None, "payment_status": "no_payment_required"}
    if session["amount_total"]:
        intent = _confirmed(books, session, method=METHODS["delayed" if delayed else "card"])
        if not delayed:
            _succeed(books, intent)
        changes |= {"payment_intent": intent["id"], "payment_status": "unpaid" if delayed else "paid"}
    if not delayed or not session["amount_total"]:
        changes |= {"invoice": invoices.write(books, session)}
    return changed(books, "checkout.session.completed", session, **changes)


def decline(books: Books, session_id: str, buyer: Buyer) -> Object:
    """A refused card: the session stays open and may be paid in another way."""
    session = _open(books, session_id)
    _take_details(books, session, buyer)
    intent = _confirmed(books, session, method="card")
    _fail(books, intent, code="card_declined", message=DECLINED)
    session["payment_intent"] = intent["id"]
    return books.put(session)


def settle(books: Books, session_id: str, *, succeeds: bool) -> Object:
    """The end of a delayed payment. Raises StripeFault when none is under way."""
    session = sessions.current(books, session_id)
    intent = books.find("payment_intent", session["payment_intent"])
    if intent is None or intent["status"] != "processing":
        raise StripeFault("No delayed payment of this session is under way.", code="payment_intent_unexpected_state")
    if not succeeds:
        _fail(books, intent, code="payment_method_not_available", message="The bank returned the debit.")
        return changed(books, "checkout.session.async_payment_failed", session)
    _succeed(books, intent)
    paid = {"payment_status": "paid", "invoice": invoices.write(books, session)}
    return changed(books, "checkout.session.async_payment_succeeded", session, **paid)


def list_intents(books: Books, params: Object) -> Object:
    filters = {"customer": params.get("customer")}
    return Query(books, "payment_intent").equal(filters).page(params, url="/v1/payment_intents")


def list_charges(books: Books, params: Object) -> Object:
    filters = {"customer": params.get("customer"), "payment_intent": params.get("payment_intent")}
    return Query(books, "charge").equal(filters).page(params, url="/v1/charges")


def _open(books: Books, session_id: str) -> Object:
    session = sessions.current(books, session_id)
    if session["status"] != "open":
        raise StripeFault(
            f"This checkout is {session['status']} and cannot be paid.", code="payment_intent_unexpected_state"
        )
    return session


def _take_details(books: Books, session: Object, buyer: Buyer) -> None:
    consent = session["consent_collection"] or {}
    if consent.get("terms_of_service") == "required" and not buyer.terms_accepted:
        raise StripeFault("The terms must be accepted.", param="consent")
    tax_ids = [{"type": "eu_vat", "value": buyer.tax_id}] if buyer.tax_id else []
    session["customer_details"] = {
        "address": {
            "city": None,
            "country": buyer.country,
            "line1": None,
            "line2": None,
            "postal_code": None,
            "state": None,
        },
        "business_name": buyer.business_name or None,
        "email": buyer.email,
        "individual_name": buyer.name or None,
        "name": buyer.business_name or buyer.name or None,
        "phone": None,
        "tax_exempt": "reverse" if _reverse(buyer) else "none",
        "tax_ids": tax_ids,
    }
    if consent.get("terms_of_service") == "required":
        session["consent"] = {"promotions": None, "terms_of_service": "accepted"}
    session_lines.reckon(books, session, country=buyer.country, business=bool(buyer.tax_id))
    if session["automatic_tax"]["enabled"]:
        session["automatic_tax"]["status"] = "complete"
    _keep_customer(books, session, buyer)


def _reverse(buyer: Buyer) -> bool:
    return bool(buyer.tax_id) and buyer.country != amounts.SELLER_COUNTRY


def _keep_customer(books: Books, session: Object, buyer: Buyer) -> None:
    details = session["customer_details"]
    if session["customer"] is None and session["customer_creation"] == "always":
        known = {"email": buyer.email, "name": details["name"] or "", "address": details["address"]}
        session["customer"] = customers.create(books, known)["id"]
    elif session["customer"]:
        asked = session["_customer_update"]
        updates = {name: details[name] for name in ("name", "address") if asked.get(name) == "auto" and details[name]}
        if updates:
            customers.update(books, updates, session["customer"])
    if session["customer"] and buyer.tax_id and session["tax_id_collection"]["enabled"]:
        customers.create_tax_id(books, {"type": "eu_vat", "value": buyer.tax_id}, session["customer"])


def _confirmed(books: Books, session: Object, *, method: str) -> Object:
    """The session's payment intent, made at the first attempt and used again after a refused one, with a new charge."""
    standing = books.find("payment_intent", session["payment_intent"])
    intent = standing or _intent(books, session)
    charge = _charge(books, session, intent, method=method)
    status = "processing" if method != "card" else "requires_action"
    intent |= {
        "amount": session["amount_total"],
        "latest_charge": charge["id"],
        "status": status,
        "last_payment_error": None,
        "customer": session["customer"],
    }
    if standing is None:
        books.add(intent)
        record(books, "payment_intent.created", intent)
    else:
        books.put(intent)
    if status == "processing":
        record(books, "payment_intent.processing", intent)
    return intent


def _intent(books: Books, session: Object) -> Object:
    intent_id = books.new_id("pi")
    data = session["_payment_intent_data"]
    return {
        "id": intent_id,
        "object": "payment_intent",
        "amount": session["amount_total"],
        "amount_capturable": 0,
        "amount_received": 0,
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": "automatic_async",
        "client_secret": f"{intent_id}_secret_{books.new_id('')[1:]}",
        "confirmation_method": "automatic",
        "created": books.now,
        "currency": session["currency"],
        "customer": session["customer"],
        "description": data.get("description"),
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "metadata": data.get("metadata", {}),
        "next_action": None,
        "payment_method": None,
        "payment_method_options": {},
        "payment_method_types": session["payment_method_types"],
        "processing": None,
        "receipt_email": data.get("receipt_email"),
        "statement_descriptor": data.get("statement_descriptor"),
        "status": "requires_payment_method",
        "transfer_data": None,
        "transfer_group": None,
    }


def _charge(books: Books, session: Object, intent: Object, *, method: str) -> Object:
    details = session["customer_details"]
    charge: Object = {
        "id": books.new_id("ch"),
        "object": "charge",
        "amount": session["amount_total"],
        "amount_captured": 0,
        "amount_refunded": 0,
        "balance_transaction": None,
        "billing_details": {name: details[name] for name in ("address", "email", "name", "phone")},
        "captured": False,
        "created": books.now,
        "currency": session["currency"],
        "customer": session["customer"],
        "description": intent["description"],
        "disputed": False,
        "failure_code": None,
        "failure_message": None,
        "livemode": False,
        "metadata": intent["metadata"],
        "outcome": None,
        "paid": False,
        "payment_intent": intent["id"],
        "payment_method": books.new_id("pm"),
        "payment_method_details": {"type": method},
        "receipt_email": intent["receipt_email"],
        "receipt_url": None,
        "refunded": False,
        "status": "pending",
    }
    return books.add(charge)


def _succeed(books: Books, intent: Object) -> None:
    charge = books.get("charge", intent["latest_charge"])
    amount = charge["amount"]
    kind = "charge" if charge["payment_method_details"]["type"] == "card" else "payment"
    booked = balance.book(
        books, kind, amount, currency=charge["currency"], source=charge["id"], fee=amounts.fee(amount)
    )
    charge |= {
        "amount_captured": amount,
        "balance_transaction": booked["id"],
        "captured": True,
        "paid": True,
        "receipt_url": f"{books.settings.url}/receipts/{charge['id']}",
        "status": "succeeded",
    }
    books.put(charge)
    record(books, "charge.succeeded", charge)
    succeeded = {"status": "succeeded", "amount_received": amount, "payment_method": charge["payment_method"]}
    changed(books, "payment_intent.succeeded", intent, **succeeded)


def _fail(books: Books, intent: Object, *, code: str, message: str) -> None:
    charge = books.get("charge", intent["latest_charge"])
    charge |= {"status": "failed", "failure_code": code, "failure_message": message}
    books.put(charge)
    record(books, "charge.failed", charge)
    error = {"charge": charge["id"], "code": code, "message": message, "type": "card_error"}
    changed(books, "payment_intent.payment_failed", intent, status="requires_payment_method", last_payment_error=error)
