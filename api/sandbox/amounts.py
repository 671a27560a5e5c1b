"""Reckons what a checkout costs, in whole cents: discounts shared out in proportion, taxes in or on top, fees. Knows no objects."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from msgspec import Struct

SELLER_COUNTRY = "DE"
# Rates of the stand-in's own little world: enough to see a tax, none, and a reversed charge.
TAX_PERCENT = {"DE": Decimal(19), "FR": Decimal(20), "AT": Decimal(20), "NL": Decimal(21), "IE": Decimal(23)}
FEE_PERCENT, FEE_CENTS = Decimal("2.9"), 30


class Item(Struct, frozen=True, kw_only=True):
    """One line to be reckoned; `inclusive` when its price holds the tax."""

    price_cents: int
    quantity: int
    discounted: bool = True
    inclusive: bool = False


class Reckoned(Struct, frozen=True, kw_only=True):
    subtotal_cents: int
    discount_cents: int
    tax_cents: int
    total_cents: int


def reckoned(
    items: Sequence[Item],
    *,
    amount_off: int | None = None,
    percent_off: Decimal | None = None,
    tax_percent: Decimal = Decimal(0),
) -> list[Reckoned]:
    """Each line's figures. The lines' discounts add up to the coupon's exactly, as they do at Stripe.

    >>> [line.discount_cents for line in reckoned([Item(price_cents=100, quantity=1)] * 3, amount_off=100)]
    [34, 33, 33]
    """
    subtotals = [item.price_cents * item.quantity for item in items]
    bases = [subtotal if item.discounted else 0 for item, subtotal in zip(items, subtotals, strict=True)]
    off = _discount(sum(bases), amount_off=amount_off, percent_off=percent_off)
    return [
        _line(item, subtotal, discount, tax_percent=tax_percent)
        for item, subtotal, discount in zip(items, subtotals, shared(off, bases), strict=True)
    ]


def shared(amount: int, weights: Sequence[int]) -> list[int]:
    """`amount` in whole parts by weight: rounded down, what is left goes to the largest remainders, the first among equals."""
    whole = sum(weights)
    if not whole:
        return [0] * len(weights)
    parts = [amount * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda n: (-(amount * weights[n] % whole), n))
    for n in by_remainder[: amount - sum(parts)]:
        parts[n] += 1
    return parts


def fee(amount_cents: int) -> int:
    return cents(amount_cents * FEE_PERCENT / 100) + FEE_CENTS if amount_cents else 0


def tax_rate(country: str | None, *, business: bool) -> Decimal:
    """None where the seller owes no tax, nor for a business of another member country (reverse charge)."""
    if country is None or (business and country != SELLER_COUNTRY):
        return Decimal(0)
    return TAX_PERCENT.get(country, Decimal(0))


def exact(number: int | float) -> Decimal:
    """12.5 as it is written, not as binary fractions have it."""
    return Decimal(str(number))


def cents(sum_exact: Decimal) -> int:
    return int(sum_exact.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def _discount(base: int, *, amount_off: int | None, percent_off: Decimal | None) -> int:
    if percent_off is not None:
        return cents(base * percent_off / 100)
    return min(base, amount_off or 0)


def _line(item: Item, subtotal: int, discount: int, *, tax_percent: Decimal) -> Reckoned:
    net = subtotal - discount
    if item.inclusive:
        tax = net - cents(net / (1 + tax_percent / 100))
        return Reckoned(subtotal_cents=subtotal, discount_cents=discount, tax_cents=tax, total_cents=net)
    tax = cents(net * tax_percent / 100)
    return Reckoned(subtotal_cents=subtotal, discount_cents=discount, tax_cents=tax, total_cents=net + tax)
