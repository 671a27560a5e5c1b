"""The lines, discounts and sums of a checkout session."""

from collections.abc import Callable

from api.sandbox import amounts, catalogue, promotions
from api.sandbox.books import Books, Object
from api.sandbox.checks import metadata, only_one_of, positive, unsigned
from api.sandbox.errors import StripeFault, missing_object


def apply_promotion_code(books: Books, session: Object, text: str) -> None:
    """The buyer's code. Raises StripeFault, with a message for them, when it cannot be used."""
    promotion_code = promotions.promotion_code_by_text(books, text)
    subtotal, in_currency = session["amount_subtotal"], session["currency"]
    promotions.usable_promotion_code(books, promotion_code, subtotal_cents=subtotal, in_currency=in_currency)
    session["discounts"] = [_discount_by_code(promotion_code)]


def reckon(books: Books, session: Object, *, country: str | None, business: bool) -> None:
    """Writes the session's sums anew, from its lines, discounts and the buyer's place."""
    items = session["_line_items"]["data"]
    coupon = used_coupon(books, session)
    taxed = session["automatic_tax"]["enabled"] or session["managed_payments"]["enabled"]
    lines = amounts.reckoned(
        [_to_reckon(item, coupon) for item in items],
        amount_off=promotions.amount_off(coupon, session["currency"]) if coupon and coupon["amount_off"] else None,
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


def redeem_discounts(books: Books, session: Object) -> None:
    """Counts the use of the session's discount. Raises StripeFault when others have used it up since."""
    coupon = used_coupon(books, session)
    if coupon is None:
        return
    code = books.find("promotion_code", next(discount["promotion_code"] for discount in session["discounts"]))
    subtotal, in_currency = session["amount_subtotal"], session["currency"]
    if code is None:
        promotions.usable_coupon(books, coupon["id"], in_currency=in_currency)
    else:
        promotions.usable_promotion_code(books, code, subtotal_cents=subtotal, in_currency=in_currency)
    promotions.redeem(books, coupon, code)


def item_of(books: Books, line: Object, n: int) -> Object:
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


def discount_of(books: Books, asked: Object, *, in_currency: str) -> Object:
    only_one_of(asked, "coupon", "promotion_code")
    if "coupon" in asked:
        promotions.usable_coupon(books, asked["coupon"], in_currency=in_currency)
        return {"coupon": asked["coupon"], "promotion_code": None}
    promotion_code = books.find("promotion_code", asked.get("promotion_code"))
    if promotion_code is None:
        raise missing_object(
            "promotion code", str(asked.get("promotion_code")), param="discounts[0][promotion_code]", status=400
        )
    promotions.usable_promotion_code(books, promotion_code, subtotal_cents=0, in_currency=in_currency)
    return _discount_by_code(promotion_code)


def _discount_by_code(promotion_code: Object) -> Object:
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
