"""Products and prices, as the API makes and changes them."""

from decimal import Decimal

from api.sandbox.books import Books, Object
from api.sandbox.checks import currency, metadata, only_one_of, required, unsigned
from api.sandbox.errors import StripeFault
from api.sandbox.events import record
from api.sandbox.lists import Query
from api.sandbox.updates import updated


def create_product(books: Books, params: Object) -> Object:
    if books.any(params.get("id", "")):
        raise StripeFault(f"Product already exists: {params['id']}", code="resource_already_exists", param="id")
    product: Object = {
        "id": params.get("id") or books.new_id("prod"),
        "object": "product",
        "active": params.get("active", True),
        "created": books.now,
        "default_price": None,
        "description": params.get("description"),
        "images": params.get("images", []),
        "livemode": False,
        "marketing_features": [],
        "metadata": metadata(params),
        "name": params["name"],
        "package_dimensions": None,
        "shippable": None,
        "statement_descriptor": params.get("statement_descriptor"),
        "tax_code": params.get("tax_code"),
        "type": "service",
        "unit_label": params.get("unit_label"),
        "updated": books.now,
        "url": params.get("url"),
    }
    books.add(product)
    record(books, "product.created", product)
    if "default_price_data" in params:
        price = create_price(books, {**params["default_price_data"], "product": product["id"]})
        books.put(product | {"default_price": price["id"]})
        product["default_price"] = price["id"]
    return product


def update_product(books: Books, params: Object, product_id: str) -> Object:
    return updated(books, books.get("product", product_id), params, "product.updated")


def list_products(books: Books, params: Object) -> Object:
    query = Query(books, "product").equal({"active": params.get("active"), "url": params.get("url")})
    if "ids" in params:
        marks = ", ".join("?" * len(params["ids"]))
        query.also(f"id IN ({marks})", *params["ids"])
    return query.page(params, url="/v1/products")


def create_price(books: Books, params: Object) -> Object:
    only_one_of(params, "product", "product_data")
    if "recurring" in params:
        raise StripeFault("The stand-in knows one-time prices only.", param="recurring")
    if "product" not in params:
        required(params, "product_data")
    product_id = params.get("product") or create_product(books, params["product_data"])["id"]
    books.get("product", product_id, param="product", status=400)
    price = price_of(books, params, product_id=product_id)
    record(books, "price.created", price)
    return price


def price_of(books: Books, params: Object, *, product_id: str, active: bool = True) -> Object:
    """A price as it stands in the books, by `unit_amount` or a whole `unit_amount_decimal`."""
    exact = params.get("unit_amount_decimal", Decimal(params.get("unit_amount", -1)))
    if exact < 0 and "unit_amount" not in params and "unit_amount_decimal" not in params:
        raise StripeFault("Missing required param: unit_amount.", code="parameter_missing", param="unit_amount")
    amount = unsigned(int(exact), param="unit_amount")
    price: Object = {
        "id": books.new_id("price"),
        "object": "price",
        "active": params.get("active", active),
        "billing_scheme": "per_unit",
        "created": books.now,
        "currency": currency(params["currency"]),
        "custom_unit_amount": None,
        "livemode": False,
        "lookup_key": params.get("lookup_key"),
        "metadata": metadata(params),
        "nickname": params.get("nickname"),
        "product": product_id,
        "recurring": None,
        "tax_behavior": params.get("tax_behavior", "unspecified"),
        "tiers_mode": None,
        "transform_quantity": None,
        "type": "one_time",
        "unit_amount": amount,
        "unit_amount_decimal": str(exact),
    }
    return books.add(price)


def update_price(books: Books, params: Object, price_id: str) -> Object:
    return updated(books, books.get("price", price_id), params, "price.updated")


def list_prices(books: Books, params: Object) -> Object:
    names = ("active", "currency", "product", "type")
    query = Query(books, "price").equal({name: params.get(name) for name in names})
    if "lookup_keys" in params:
        marks = ", ".join("?" * len(params["lookup_keys"]))
        query.also(f"json_extract(data, '$.lookup_key') IN ({marks})", *params["lookup_keys"])
    return query.page(params, url="/v1/prices")
