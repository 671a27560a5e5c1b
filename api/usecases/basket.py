"""What the products somebody asks for are and cost, by the catalogue alone: a browser only names them. Writes nothing."""

import datetime as dt
from collections.abc import Sequence

from msgspec import Struct

from api import ids
from api.errors import AppError, Code
from api.gateways.catalog import Bundle, Catalog, Course
from api.model import Line, ProductKind

PRODUCTS_MAX = 20


class Offer(Struct, frozen=True, kw_only=True):
    """A product at its price of now; `contents` are the courses it opens."""

    product_id: str
    kind: ProductKind
    title: str
    contents: tuple[str, ...]
    include_future: bool
    all_courses: bool = False
    price_cents: int


class Named(Struct, frozen=True):
    """A product by what it is called, and where its page is."""

    id: str
    title: str
    address: str


def named(catalog: Catalog, product_ids: Sequence[str]) -> tuple[Named, ...]:
    """Those that the catalogue has."""
    known = (catalog.product(product_id) for product_id in dict.fromkeys(product_ids))
    return tuple(Named(each.id, each.title, _address(each)) for each in known if each)


def offers(
    catalog: Catalog, product_ids: Sequence[str], *, currency: str | None, now: dt.datetime
) -> tuple[str, tuple[Offer, ...]]:
    """The currency and an offer for each product. Raises AppError for what is unknown, not sold, or twice in the basket."""
    wanted = tuple(dict.fromkeys(product_ids))
    if not wanted or len(wanted) > PRODUCTS_MAX:
        raise _refused(f"Name one to {PRODUCTS_MAX} products.")
    chosen = (currency or catalog.currency).lower()
    found = tuple(_offer(catalog, product_id, currency=chosen, now=now) for product_id in wanted)
    _refuse_overlap(found)
    return chosen, found


def line(offer: Offer, order_id: str) -> Line:
    return Line(
        id=ids.new("lin"),
        order_id=order_id,
        product_id=offer.product_id,
        kind=offer.kind,
        title=offer.title,
        contents=offer.contents,
        include_future=offer.include_future,
        all_courses=offer.all_courses,
        price_cents=offer.price_cents,
    )


def _offer(catalog: Catalog, product_id: str, *, currency: str, now: dt.datetime) -> Offer:
    product = catalog.product(product_id)
    if product is None:
        raise _refused(f"There is no product {product_id[:80]} in this shop. Please choose from the catalogue.")
    if isinstance(product, Bundle):
        _refuse_ended(product, now=now)
        kind: ProductKind = "bundle"
        contents, include_future, free = product.courses, product.include_future, False
    else:
        _refuse_announced(product)
        kind, contents, include_future, free = "course", (product.id,), False, product.free
    return Offer(
        product_id=product.id,
        kind=kind,
        title=product.title,
        contents=contents,
        include_future=include_future,
        all_courses=isinstance(product, Bundle) and product.all_courses,
        price_cents=0 if free else _price(product, currency),
    )


def _address(product: Course | Bundle) -> str:
    return f"/{'bundles' if isinstance(product, Bundle) else 'courses'}/{product.slug}/"


def _price(product: Course | Bundle, currency: str) -> int:
    price = product.prices.get(currency)
    if price is None:
        known = ", ".join(sorted(product.prices)) or "no currency yet"
        message = f"{product.title} has no price in {currency[:8]}; it is sold in {known}."
        raise AppError(Code.INVALID, message, fields={"currency": message})
    return price


def _refuse_announced(course: Course) -> None:
    if course.notify:
        raise AppError(Code.NOT_ON_SALE, f"{course.title} is announced, but not on sale yet.")


def _refuse_ended(bundle: Bundle, *, now: dt.datetime) -> None:
    if bundle.until and now >= end_of_offer(bundle.until):
        raise AppError(Code.GONE, f"The offer {bundle.title} ended on {bundle.until}.")


def end_of_offer(until: str) -> dt.datetime:
    """A date alone ends with its day; a time without a zone is UTC.

    >>> end_of_offer("2026-03-01").isoformat()
    '2026-03-02T00:00:00+00:00'
    """
    end = dt.datetime.fromisoformat(until)
    if len(until) == len("2026-03-01"):
        end += dt.timedelta(days=1)
    return end if end.tzinfo else end.replace(tzinfo=dt.UTC)


def _refuse_overlap(found: Sequence[Offer]) -> None:
    """Nobody should pay twice for a course because it is also in a bundle of the same basket."""
    for bundle in (offer for offer in found if offer.kind == "bundle"):
        for offer in found:
            if offer is not bundle and set(offer.contents) <= set(bundle.contents):
                raise AppError(Code.CONFLICT, f"{offer.title} is already part of {bundle.title}; please choose one.")


def _refused(message: str) -> AppError:
    return AppError(Code.INVALID, message, fields={"products": message})
