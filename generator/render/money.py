"""Amounts of money as people read them. Knows no rates and adds nothing up."""

from generator.currencies import decimals

SYMBOLS = {
    "usd": "$",
    "eur": "€",
    "gbp": "£",
    "jpy": "¥",
    "inr": "₹",
    "krw": "₩",
    "cad": "CA$",
    "aud": "A$",
    "nzd": "NZ$",
    "hkd": "HK$",
    "sgd": "S$",
    "mxn": "MX$",
    "brl": "R$",
    "ils": "₪",
    "php": "₱",
    "vnd": "₫",
}


def price(amount: int, currency: str) -> str:
    """`amount` in the currency's smallest unit, without empty decimals.

    >>> price(4900, "usd"), price(4950, "eur"), price(120_000, "jpy"), price(4900, "sek")
    ('$49', '€49.50', '¥120,000', '49 SEK')
    """
    number = _number(amount, decimals(currency))
    symbol = SYMBOLS.get(currency)
    return f"{symbol}{number}" if symbol else f"{number} {currency.upper()}"


def plain(amount: int, currency: str) -> str:
    """The amount for machines, as schema.org wants it.

    >>> plain(4950, "eur"), plain(1200, "jpy")
    ('49.50', '1200')
    """
    places = decimals(currency)
    return f"{amount / 10**places:.{places}f}"


def _number(amount: int, places: int) -> str:
    whole, rest = divmod(amount, 10**places)
    return f"{whole:,}.{rest:0{places}d}" if rest else f"{whole:,}"
