"""What Stripe refuses beyond names and types: lengths, ranges, currencies, addresses, parameters that exclude each other."""

import re
from typing import Any
from urllib.parse import urlsplit

from api.sandbox.errors import StripeFault

METADATA_KEYS_MAX, METADATA_KEY_MAX, METADATA_VALUE_MAX = 50, 40, 500
EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
AMOUNT_MAX = 99_999_999
CURRENCIES = ("usd", "eur", "gbp", "chf", "cad", "aud", "nzd", "sek", "nok", "dkk", "pln", "czk", "jpy")


def metadata(params: dict[str, Any], *, name: str = "metadata") -> dict[str, str]:
    """The metadata of a request, within Stripe's limits."""
    values: dict[str, str] = params.get(name) or {}
    if len(values) > METADATA_KEYS_MAX:
        raise StripeFault(
            f"Metadata can have up to {METADATA_KEYS_MAX} keys, but you passed in {len(values)}.", param=name
        )
    for key, value in values.items():
        _length(key, METADATA_KEY_MAX, what="keys", param=name)
        _length(value, METADATA_VALUE_MAX, what="values", param=name)
    return values


def currency(text: str) -> str:
    if text.lower() not in CURRENCIES:
        raise StripeFault(
            f"Invalid currency: {text}. Stripe currently supports these currencies: {', '.join(CURRENCIES)}",
            param="currency",
        )
    return text.lower()


def unsigned(amount: int, *, param: str) -> int:
    if amount < 0:
        raise StripeFault(
            "This value must be greater than or equal to 0.", code="parameter_invalid_integer", param=param
        )
    return at_most(amount, AMOUNT_MAX, param=param)


def positive(amount: int, *, param: str) -> int:
    if amount < 1:
        raise StripeFault(
            "This value must be greater than or equal to 1.", code="parameter_invalid_integer", param=param
        )
    return at_most(amount, AMOUNT_MAX, param=param)


def at_most(amount: int, limit: int, *, param: str) -> int:
    if amount > limit:
        raise StripeFault(f"Invalid value: must be at most {limit}", code="amount_too_large", param=param)
    return amount


def url(params: dict[str, Any], name: str) -> None:
    parts = urlsplit(params.get(name) or "https://-/")
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise StripeFault("Not a valid URL", code="url_invalid", param=name)


def email(params: dict[str, Any], name: str) -> None:
    if params.get(name) and not EMAIL.fullmatch(params[name]):
        raise StripeFault(f"Invalid email address: {params[name]}", code="email_invalid", param=name)


def only_one_of(params: dict[str, Any], *names: str) -> None:
    if sum(name in params for name in names) > 1:
        raise StripeFault(f"You may only specify one of these parameters: {', '.join(names)}.", param=names[0])


def required(params: dict[str, Any], name: str) -> None:
    if name not in params:
        raise StripeFault(f"Missing required param: {name}.", code="parameter_missing", param=name)


def text_length(params: dict[str, Any], name: str, limit: int) -> None:
    if len(params.get(name) or "") > limit:
        raise StripeFault(
            f"Invalid string: must be at most {limit} characters", code="parameter_invalid_string", param=name
        )


def _length(text: str, limit: int, *, what: str, param: str) -> None:
    if len(text) > limit:
        raise StripeFault(
            f"Metadata {what} can have up to {limit} characters, but you passed in one of {len(text)}.", param=param
        )
