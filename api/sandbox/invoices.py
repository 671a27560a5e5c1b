"""Invoices of paid checkouts, with the buyer's data as they were when it was paid. How one looks is not known here."""

from api.sandbox.books import Books, Object
from api.sandbox.events import record
from api.sandbox.lists import Query, embedded

PREFIX = "SANDBOX"


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
        "id": invoice_id,
        "object": "invoice",
        "amount_due": total,
        "amount_paid": total,
        "amount_remaining": 0,
        "automatic_tax": {"enabled": session["automatic_tax"]["enabled"], "status": session["automatic_tax"]["status"]},
        "billing_reason": "manual",
        "collection_method": "charge_automatically",
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
        "livemode": False,
        "metadata": session["invoice_creation"].get("invoice_data", {}).get("metadata", {}),
        "number": f"{PREFIX}-{count + 1:04d}",
        "status": "paid",
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
        "metadata": item["metadata"],
        "quantity": item["quantity"],
    }
