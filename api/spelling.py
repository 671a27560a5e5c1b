"""Money and moments as people read them: the same in page, mail and sandbox as in the generator's pages. Knows no clock."""

import datetime as dt

# Stripe's "Supported currencies": where the decimal point stands, else two places from the right.
WHOLE = frozenset(
    ("bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf", "xof", "xpf")
)
THOUSANDTHS = frozenset(("bhd", "jod", "kwd", "omr", "tnd"))
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
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def money(cents: int, currency: str) -> str:
    """`cents` in the currency's smallest unit, without empty decimals.

    >>> money(4900, "usd"), money(-1225, "usd"), money(500, "jpy"), money(4900, "sek")
    ('$49', '-$12.25', '¥500', '49 SEK')
    """
    code = currency.lower()
    number = _number(abs(cents), 0 if code in WHOLE else 3 if code in THOUSANDTHS else 2)
    symbol = SYMBOLS.get(code)
    return f"{'-' if cents < 0 else ''}{f'{symbol}{number}' if symbol else f'{number} {code.upper()}'}"


def day(moment: dt.datetime | str) -> str:
    """Of an aware time, or of one as `times.text` writes it.

    >>> day("2026-01-05T06:00:00.000Z")
    '5 January 2026'
    """
    time = _utc(moment)
    return f"{time.day} {MONTHS[time.month - 1]} {time.year}"


def minute(moment: dt.datetime | str) -> str:
    """
    >>> minute("2026-01-05T06:00:00.000Z")
    '5 January 2026, 06:00 UTC'
    """
    return f"{day(moment)}, {_utc(moment):%H:%M} UTC"


def length(seconds: int) -> str:
    """
    >>> length(62), length(3600)
    ('1:02', '1:00:00')
    """
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _number(amount: int, places: int) -> str:
    whole, rest = divmod(amount, 10**places)
    return f"{whole:,}.{rest:0{places}d}" if rest else f"{whole:,}"


def _utc(moment: dt.datetime | str) -> dt.datetime:
    time = dt.datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return time.astimezone(dt.UTC)
