"""An order as text that travels with its payment, so that an order a restored backup has lost can be made anew. Pure."""

import datetime as dt
from collections.abc import Mapping, Sequence

import msgspec
from msgspec import Struct

from api.gateways.payments import CheckoutSession
from api.model import Line, Order, ProductKind, TaxMode

PIECE_CHARACTERS = 500  # what the provider keeps under one name
ACCOUNT, EMAIL, PIECE = "account", "email", "snapshot_"


class LineSnapshot(Struct, frozen=True, array_like=True):
    id: str
    product_id: str
    kind: ProductKind
    title: str
    contents: tuple[str, ...]
    include_future: bool
    price_cents: int
    quantity: int
    all_courses: bool = False


class Snapshot(Struct, frozen=True, array_like=True):
    """Version, what was ordered, when, and how it is taxed."""

    version: int
    created_at: dt.datetime
    tax_mode: TaxMode
    lines: tuple[LineSnapshot, ...]


def metadata(order: Order, lines: Sequence[Line], *, email: str | None) -> dict[str, str]:
    """`email` is the address of the account, by which it is found again when it is lost too."""
    kept = Snapshot(1, order.created_at, order.tax_mode, tuple(map(_kept, lines)))
    text = msgspec.json.encode(kept).decode()
    pieces = [text[at : at + PIECE_CHARACTERS] for at in range(0, len(text), PIECE_CHARACTERS)]
    named = {f"{PIECE}{number}": piece for number, piece in enumerate(pieces)}
    if order.account_id and email:
        named |= {ACCOUNT: order.account_id, EMAIL: email}
    return named


def restored(session: CheckoutSession) -> tuple[Order, tuple[Line, ...]] | None:
    """The order a session was made for, as it was before anything was paid; None when the session is none of ours."""
    text = _joined(session.metadata)
    if not (text and session.order_id):
        return None
    kept = msgspec.json.decode(text, type=Snapshot)
    order = Order(
        id=session.order_id,
        account_id=session.metadata.get(ACCOUNT),
        email=session.metadata.get(EMAIL),
        state="pending",
        currency=session.currency,
        total_cents=sum(line.price_cents * line.quantity for line in kept.lines),
        tax_mode=kept.tax_mode,
        stripe_session=session.id,
        created_at=kept.created_at,
        expires_at=session.expires_at,
        livemode=session.livemode,
    )
    return order, tuple(_line(line, order.id) for line in kept.lines)


def _kept(line: Line) -> LineSnapshot:
    return LineSnapshot(
        line.id,
        line.product_id,
        line.kind,
        line.title,
        line.contents,
        line.include_future,
        line.price_cents,
        line.quantity,
        line.all_courses,
    )


def _line(kept: LineSnapshot, order_id: str) -> Line:
    return Line(
        id=kept.id,
        order_id=order_id,
        product_id=kept.product_id,
        kind=kept.kind,
        title=kept.title,
        contents=kept.contents,
        include_future=kept.include_future,
        all_courses=kept.all_courses,
        price_cents=kept.price_cents,
        quantity=kept.quantity,
    )


def _joined(named: Mapping[str, str]) -> str:
    count = sum(name.startswith(PIECE) for name in named)
    return "".join(named.get(f"{PIECE}{number}", "") for number in range(count))
