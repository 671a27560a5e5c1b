"""Customers and their tax numbers, as far as invoices need them."""

import re

from api.sandbox.books import Books, Object, merged_metadata
from api.sandbox.checks import email, metadata
from api.sandbox.errors import StripeFault
from api.sandbox.events import record
from api.sandbox.lists import Query

# A few kinds are checked for their form; the others are taken as they come.
TAX_ID_FORMS = {
    "eu_vat": re.compile(r"[A-Z]{2}[0-9A-Z]{8,12}"),
    "gb_vat": re.compile(r"GB[0-9]{9,12}"),
    "ch_vat": re.compile(r"CHE-?[0-9.]{9,11} ?(MWST|TVA|IVA)?"),
    "us_ein": re.compile(r"[0-9]{2}-[0-9]{7}"),
}
KEPT = ("email", "name", "phone", "description", "address", "preferred_locales", "tax_exempt", "business_name")


def create(books: Books, params: Object) -> Object:
    email(params, "email")
    customer: Object = {
        "id": books.new_id("cus"),
        "object": "customer",
        "address": _address(params.get("address")),
        "balance": 0,
        "business_name": params.get("business_name"),
        "created": books.now,
        "currency": None,
        "default_source": None,
        "delinquent": False,
        "description": params.get("description"),
        "discount": None,
        "email": params.get("email"),
        "invoice_prefix": books.new_id("")[1:9].upper(),
        "invoice_settings": {"custom_fields": None, "default_payment_method": None, "footer": None},
        "livemode": False,
        "metadata": metadata(params),
        "name": params.get("name"),
        "next_invoice_sequence": 1,
        "phone": params.get("phone"),
        "preferred_locales": params.get("preferred_locales", []),
        "shipping": None,
        "tax_exempt": params.get("tax_exempt", "none"),
        "test_clock": None,
    }
    books.add(customer)
    record(books, "customer.created", customer)
    return customer


def retrieve(books: Books, _: Object, customer_id: str) -> Object:
    customer = books.get("customer", customer_id)
    return customer | {"_tax_ids": _tax_ids(books, customer_id, {})}


def update(books: Books, params: Object, customer_id: str) -> Object:
    email(params, "email")
    customer = books.get("customer", customer_id)
    changes = {name: params[name] or None for name in KEPT if name in params}
    if "address" in changes:
        changes["address"] = _address(changes["address"])
    if "metadata" in params:
        changes["metadata"] = merged_metadata(customer["metadata"], metadata(params)) if params["metadata"] else {}
    previous = {name: customer[name] for name, value in changes.items() if customer[name] != value}
    updated = books.put(customer | changes)
    if previous:
        record(books, "customer.updated", updated, previous=previous)
    return updated


def delete(books: Books, _: Object, customer_id: str) -> Object:
    customer = books.get("customer", customer_id)
    books.remove(customer_id)
    record(books, "customer.deleted", customer)
    return {"id": customer_id, "object": "customer", "deleted": True}


def list_all(books: Books, params: Object) -> Object:
    return Query(books, "customer").equal({"email": params.get("email")}).page(params, url="/v1/customers")


def create_tax_id(books: Books, params: Object, customer_id: str) -> Object:
    books.get("customer", customer_id)
    form = TAX_ID_FORMS.get(params["type"])
    if form and not form.fullmatch(params["value"].replace(" ", "").upper()):
        raise StripeFault(f"Invalid value for {params['type']}.", code="tax_id_invalid", param="value")
    tax_id: Object = {
        "id": books.new_id("txi"),
        "object": "tax_id",
        "country": params["value"][:2].upper() if params["type"] == "eu_vat" else None,
        "created": books.now,
        "customer": customer_id,
        "livemode": False,
        "owner": {"type": "customer", "customer": customer_id},
        "type": params["type"],
        "value": params["value"],
        "verification": {"status": "pending", "verified_address": None, "verified_name": None},
    }
    books.add(tax_id)
    record(books, "customer.tax_id.created", tax_id)
    return tax_id


def retrieve_tax_id(books: Books, _: Object, customer_id: str, tax_id: str) -> Object:
    books.get("customer", customer_id)
    return books.get("tax_id", tax_id)


def delete_tax_id(books: Books, params: Object, customer_id: str, tax_id: str) -> Object:
    deleted = retrieve_tax_id(books, params, customer_id, tax_id)
    books.remove(tax_id)
    record(books, "customer.tax_id.deleted", deleted)
    return {"id": tax_id, "object": "tax_id", "deleted": True}


def list_tax_ids(books: Books, params: Object, customer_id: str) -> Object:
    books.get("customer", customer_id)
    return _tax_ids(books, customer_id, params)


def _tax_ids(books: Books, customer_id: str, params: Object) -> Object:
    return (
        Query(books, "tax_id").equal({"customer": customer_id}).page(params, url=f"/v1/customers/{customer_id}/tax_ids")
    )


def _address(given: Object | None) -> Object | None:
    if not given:
        return None
    names = ("city", "country", "line1", "line2", "postal_code", "state")
    return {name: given.get(name) or None for name in names}
