"""Reads what a course or bundle costs: a whole number in each currency's smallest unit. Does not know what is sold."""

from generator.currencies import CURRENCIES, decimals
from generator.read.fields import nearest
from generator.read.front_matter import Document

AMOUNT_MAX = 99_999_999  # Stripe's limit for one payment
NAMES = {float: "a number with a point", str: "text", bool: "true or false", type(None): "empty"}
STAND_IN = 1
EXAMPLE = "Write 'price: { usd: 4900 }' for 49 dollars"


def parse(document: Document, price: object, *, needed: bool) -> dict[str, int]:
    """The prices by currency, in the order they are written; each fault is reported at its line, an amount stands in for it."""
    if price is None:
        if needed:
            document.problem((), "there is no price", EXAMPLE)
        return {}
    if not isinstance(price, dict) or not price:
        document.problem(("price",), "'price' names no currency", EXAMPLE)
        return {}
    prices = {currency: _amount(document, currency, amount) for currency, amount in price.items()}
    return {currency: amount for currency, amount in prices.items() if currency in CURRENCIES}


def _amount(document: Document, currency: str, amount: object) -> int:
    where = ("price", currency)
    if currency not in CURRENCIES:
        document.problem(where, f"'{currency}' is no currency", _near(currency))
    elif not isinstance(amount, int) or isinstance(amount, bool):
        what = f"the price in {currency} is {_named(amount)}, not a whole number"
        document.problem(where, what, _whole(currency))
    elif amount < 1:
        document.problem(where, f"{amount} {currency} is no price", "Write 'free: true' for a free course")
    elif amount > AMOUNT_MAX:
        document.problem(where, f"{amount} {currency} is more than can be paid at once", f"Keep it to {AMOUNT_MAX}")
    else:
        return amount
    return STAND_IN


def _near(currency: str) -> str:
    lower = currency.lower()
    return f"Write '{lower}'" if lower in CURRENCIES else nearest(lower, ("usd", "eur", "gbp", "chf", "jpy", "cad"))


def _whole(currency: str) -> str:
    places = decimals(currency)
    unit = {0: "whole units", 2: "hundredths", 3: "thousandths"}[places]
    return f"Count in {unit}: {49 * 10**places} is {49:.{places}f} {currency}"


def _named(amount: object) -> str:
    return NAMES.get(type(amount), "something else")
