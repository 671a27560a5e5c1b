"""Coupons and promotion codes: made, changed, and whether one may still be used."""

from decimal import Decimal
from typing import Any

from api.sandbox.books import Books, Object
from api.sandbox.checks import currency, metadata, only_one_of
from api.sandbox.errors import StripeFault, missing_object
from api.sandbox.events import record
from api.sandbox.lists import Query
from api.sandbox.updates import updated


def create_coupon(books: Books, params: Object) -> Object:
    only_one_of(params, "amount_off", "percent_off")
    if "amount_off" not in params and "percent_off" not in params:
        raise StripeFault("Must provide percent_off or amount_off.", code="parameter_missing", param="percent_off")
    if "amount_off" in params and "currency" not in params:
        raise StripeFault("Must provide currency with amount_off.", code="parameter_missing", param="currency")
    if not 0 < params.get("percent_off", 1) <= 100:
        raise StripeFault("Invalid percent_off: must be more than 0 and at most 100", param="percent_off")
    coupon_id = params.get("id") or books.new_id("")[1:9]
    if books.any(coupon_id):
        raise StripeFault("Coupon already exists.", code="resource_already_exists", param="id")
    coupon: Object = {
        "id": coupon_id,
        "object": "coupon",
        "amount_off": params.get("amount_off"),
        "created": books.now,
        "currency": currency(params["currency"]) if "amount_off" in params else None,
        "duration": params.get("duration", "once"),
        "duration_in_months": params.get("duration_in_months"),
        "livemode": False,
        "max_redemptions": params.get("max_redemptions"),
        "metadata": metadata(params),
        "name": params.get("name"),
        "percent_off": _number(params.get("percent_off")),
        "redeem_by": params.get("redeem_by"),
        "times_redeemed": 0,
        "valid": True,
        "_applies_to": params.get("applies_to", {}),
        "_currency_options": params.get("currency_options", {}),
    }
    books.add(coupon)
    record(books, "coupon.created", coupon)
    return coupon


def retrieve_coupon(books: Books, _: Object, coupon_id: str) -> Object:
    return _with_validity(books, books.get("coupon", coupon_id))


def update_coupon(books: Books, params: Object, coupon_id: str) -> Object:
    return updated(books, books.get("coupon", coupon_id), params, "coupon.updated")


def delete_coupon(books: Books, _: Object, coupon_id: str) -> Object:
    coupon = books.get("coupon", coupon_id)
    books.remove(coupon_id)
    record(books, "coupon.deleted", coupon)
    return {"id": coupon_id, "object": "coupon", "deleted": True}


def list_coupons(books: Books, params: Object) -> Object:
    page = Query(books, "coupon").page(params, url="/v1/coupons")
    return page | {"data": [_with_validity(books, coupon) for coupon in page["data"]]}


def create_promotion_code(books: Books, params: Object) -> Object:
    coupon_id = params["promotion"].get("coupon")
    if coupon_id is None:
        raise StripeFault(
            "Missing required param: promotion[coupon].", code="parameter_missing", param="promotion[coupon]"
        )
    books.get("coupon", coupon_id, param="promotion[coupon]", status=400)
    code = params.get("code") or books.new_id("")[1:9].upper()
    if any(standing["active"] for standing in _codes(books, code)):
        raise StripeFault(f"An active promotion code with `code: {code}` already exists.", param="code")
    promotion_code: Object = {
        "id": books.new_id("promo"),
        "object": "promotion_code",
        "active": params.get("active", True),
        "code": code,
        "created": books.now,
        "customer": params.get("customer"),
        "expires_at": params.get("expires_at"),
        "livemode": False,
        "max_redemptions": params.get("max_redemptions"),
        "metadata": metadata(params),
        "promotion": {"type": "coupon", "coupon": coupon_id},
        "restrictions": {
            "first_time_transaction": params.get("restrictions", {}).get("first_time_transaction", False),
            "minimum_amount": params.get("restrictions", {}).get("minimum_amount"),
            "minimum_amount_currency": params.get("restrictions", {}).get("minimum_amount_currency"),
        },
        "times_redeemed": 0,
        "_code": code.lower(),
    }
    books.add(promotion_code)
    record(books, "promotion_code.created", promotion_code)
    return promotion_code


def update_promotion_code(books: Books, params: Object, code_id: str) -> Object:
    return updated(books, books.get("promotion_code", code_id), params, "promotion_code.updated")


def list_promotion_codes(books: Books, params: Object) -> Object:
    code = params.get("code")
    filters = {
        "active": params.get("active"),
        "_code": code.lower() if code else None,
        "promotion.coupon": params.get("coupon"),
        "customer": params.get("customer"),
    }
    return Query(books, "promotion_code").equal(filters).page(params, url="/v1/promotion_codes")


def usable_coupon(books: Books, coupon_id: str, *, in_currency: str) -> Object:
    """Raises StripeFault when the coupon is unknown, used up, past its day or for another currency."""
    coupon = books.find("coupon", coupon_id)
    if coupon is None:
        raise missing_object("coupon", coupon_id, param="discounts[0][coupon]", status=400)
    if not _with_validity(books, coupon)["valid"]:
        raise StripeFault(f"Coupon {coupon_id} is used up or has expired.", code="coupon_expired", param="discounts")
    if coupon["amount_off"] is not None and amount_off(coupon, in_currency) is None:
        raise StripeFault(f"The coupon {coupon_id} is not in {in_currency}.", param="discounts")
    return coupon


def usable_promotion_code(books: Books, promotion_code: Object, *, subtotal_cents: int, in_currency: str) -> Object:
    """Its coupon. Raises StripeFault when code or coupon cannot be used for this sum."""
    limits = promotion_code["restrictions"]
    used_up = (
        promotion_code["max_redemptions"] and promotion_code["times_redeemed"] >= promotion_code["max_redemptions"]
    )
    past = promotion_code["expires_at"] and promotion_code["expires_at"] <= books.now
    if not promotion_code["active"] or used_up or past:
        raise StripeFault("This promotion code cannot be redeemed: it is used up, past or inactive.", param="discounts")
    if limits["minimum_amount"] and subtotal_cents < limits["minimum_amount"]:
        raise StripeFault("This promotion code asks for a larger sum.", param="discounts")
    return usable_coupon(books, promotion_code["promotion"]["coupon"], in_currency=in_currency)


def promotion_code_by_text(books: Books, text: str) -> Object:
    """The active code as a person types it. Raises StripeFault when there is none."""
    for promotion_code in _codes(books, text):
        if promotion_code["active"]:
            return promotion_code
    raise StripeFault("This code is invalid.", code="resource_missing", param="promotion_code")


def redeem(books: Books, coupon: Object, promotion_code: Object | None) -> None:
    for used in (coupon, promotion_code):
        if used is not None:
            books.put(used | {"times_redeemed": used["times_redeemed"] + 1})


def amount_off(coupon: Object, in_currency: str) -> int | None:
    if coupon["currency"] == in_currency:
        return int(coupon["amount_off"])
    option: Any = coupon["_currency_options"].get(in_currency)
    return int(option["amount_off"]) if option else None


def _codes(books: Books, text: str) -> list[Object]:
    return books.where("promotion_code", _code=text.strip().lower())


def _with_validity(books: Books, coupon: Object) -> Object:
    used_up = coupon["max_redemptions"] is not None and coupon["times_redeemed"] >= coupon["max_redemptions"]
    past = coupon["redeem_by"] is not None and coupon["redeem_by"] <= books.now
    return coupon | {"valid": not (used_up or past)}


def _number(value: Decimal | int | None) -> int | float | None:
    """As JSON has it: 25 and not 25.0."""
    if value is None:
        return None
    return int(value) if value == int(value) else float(value)
