"""Invoices of paid checkouts, with the buyer's data as they were when it was paid. How one looks is not known here."""

from api.sandbox.books import Books, Object
from api.sandbox.events import record
from api.sandbox.lists import Query, embedded

PREFIX = "SANDBOX"
# What every invoice of a checkout that was paid at once has.
PAID: Object = {
    "amount_overpaid": 0,
    "amount_remaining": 0,
    "amount_shipping": 0,
    "attempt_count": 0,
    "attempted": True,
    "billing_reason": "manual",
    "collection_method": "charge_automatically",
    "default_tax_rates": [],
    "discounts": [],
    "issuer": {"type": "self"},
    "livemode": False,
    "payment_settings": {"default_mandate": None, "payment_method_options": None, "payment_method_types": None},
    "post_payment_credit_notes_amount": 0,
    "pre_payment_credit_notes_amount": 0,
    "starting_balance": 0,
    "status": "paid",
}


def write(books: Books, session: Object) -> str | None:
    """The id of the session's invoice, where it asked for one and has a customer to write it to."""
    if not session["invoice_creation"]["enabled"] or session["customer"] is None:
        return None
    invoice = _invoice(books, session)
    books.add(invoice)
    for type in ("invoice.created", "invoice.finalized", "invoice.paid"):
        record(books, type, invoice)
    return str(invoice["id"])


def list_all(books: Books, params: Object) -> Object:
    filters = {"customer": params.get("customer"), "status": params.get("status")}
    return Query(books, "invoice").equal(filters).page(params, url="/v1/invoices")


def _invoice(books: Books, session: Object) -> Object:
    invoice_id = books.new_id("in")
    count = books.note("invoices") or 0
    books.keep_note("invoices", count + 1)
    details, total = session["customer_details"], session["amount_total"]
    page = f"{books.settings.url}/invoices/{invoice_id}"
    return {
        **PAID,
        "id": invoice_id,
        "object": "invoice",
        "amount_due": total,
        "amount_paid": total,
        "automatic_tax": {"enabled": session["automatic_tax"]["enabled"], "status": session["automatic_tax"]["status"]},
        "created": books.now,
        "currency": session["currency"],
        "customer": session["customer"],
        "customer_address": details["address"],
        "customer_email": details["email"],
        "customer_name": details["name"],
        "customer_tax_exempt": details["tax_exempt"],
        "customer_tax_ids": details["tax_ids"] or [],
        "hosted_invoice_url": page,
        "invoice_pdf": f"{page}/pdf",
        "lines": embedded(
            [_line(books, item) for item in session["_line_items"]["data"]], url=f"/v1/invoices/{invoice_id}/lines"
        ),
        "metadata": session["invoice_creation"].get("invoice_data", {}).get("metadata", {}),
        "number": f"{PREFIX}-{count + 1:04d}",
        "period_end": books.now,
        "period_start": books.now,
        "status_transitions": {"finalized_at": books.now, "paid_at": books.now},
        "subtotal": session["amount_subtotal"],
        "total": total,
        "_discount": session["total_details"]["amount_discount"],
        "_tax": session["total_details"]["amount_tax"],
    }


def _line(books: Books, item: Object) -> Object:
    return {
        "id": books.new_id("il"),
        "object": "line_item",
        "amount": item["amount_subtotal"],
        "currency": item["currency"],
        "description": item["description"],
        "discountable": True,
        "discounts": [],
        "livemode": False,
        "metadata": item["metadata"],
        "period": {"start": books.now, "end": books.now},
        "quantity": item["quantity"],
        "subtotal": item["amount_subtotal"],
    }
