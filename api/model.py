"""What the business is made of, as frozen values; knows no HTTP, no SQL and no Stripe. Money: cents and a currency. Times: UTC."""

import datetime as dt
from typing import Literal

from msgspec import Struct

OrderState = Literal[
    "pending", "processing", "paid", "failed", "expired", "cancelled", "refunded", "partially_refunded"
]
TaxMode = Literal["none", "stripe_tax", "managed"]
ProductKind = Literal["course", "bundle"]
GrantSource = Literal["purchase", "free", "bundle", "staff"]
EventState = Literal["received", "done", "ignored", "failed"]


class Account(Struct, frozen=True, kw_only=True):
    """A person, known by an address. Without `confirmed_at` nobody has shown yet that the address is theirs."""

    id: str
    email: str | None
    email_canonical: str | None
    name: str = ""
    locale: str = ""
    stripe_customer: str | None = None
    created_at: dt.datetime
    confirmed_at: dt.datetime | None = None
    delete_after: dt.datetime | None = None
    deleted_at: dt.datetime | None = None
    merged_into: str | None = None


class Session(Struct, frozen=True, kw_only=True):
    """A browser that is signed in. `fresh_until`: until then it may do what asks for a recent sign-in."""

    id_hash: str
    id: str
    account_id: str
    created_at: dt.datetime
    seen_at: dt.datetime
    expires_at: dt.datetime
    fresh_until: dt.datetime
    user_agent_label: str = ""
    address_prefix: str = ""
    revoked_at: dt.datetime | None = None


class Passkey(Struct, frozen=True, kw_only=True):
    id: str
    account_id: str
    credential_id: bytes
    public_key: bytes
    sign_count: int
    transports: tuple[str, ...] = ()
    name: str = ""
    created_at: dt.datetime
    used_at: dt.datetime | None = None
    revoked_at: dt.datetime | None = None


class Device(Struct, frozen=True, kw_only=True):
    """An app with tokens of its own."""

    id: str
    account_id: str
    name: str
    scopes: tuple[str, ...]
    created_at: dt.datetime
    seen_at: dt.datetime | None = None
    revoked_at: dt.datetime | None = None


class Line(Struct, frozen=True, kw_only=True):
    """One product of an order as it was when it was ordered; `contents` are the courses it opens.

    With `include_future` later ones too: what is added to the bundle, or with `all_courses` every course there ever is.
    """

    id: str
    order_id: str
    product_id: str
    kind: ProductKind
    title: str
    contents: tuple[str, ...]
    include_future: bool = False
    all_courses: bool = False
    price_cents: int
    tax_cents: int = 0
    discount_cents: int = 0
    refunded_cents: int = 0
    quantity: int = 1


class Order(Struct, frozen=True, kw_only=True):
    """What somebody wants to buy or has bought; without `account_id` a guest's that is not paid yet."""

    id: str
    account_id: str | None
    email: str | None
    state: OrderState
    currency: str
    total_cents: int
    discount_cents: int = 0
    tax_cents: int = 0
    tax_mode: TaxMode = "none"
    coupon: str | None = None
    stripe_session: str | None = None
    stripe_payment_intent: str | None = None
    invoice_url: str | None = None
    invoice_data: str | None = None
    attempt: int = 1
    created_at: dt.datetime
    expires_at: dt.datetime | None = None
    paid_at: dt.datetime | None = None
    livemode: bool = False
    cart_key: str | None = None
    browser_hash: str | None = None


class Payment(Struct, frozen=True, kw_only=True):
    id: str
    order_id: str
    stripe_id: str
    charge: str | None = None
    amount_cents: int
    currency: str
    state: str
    created_at: dt.datetime


class Refund(Struct, frozen=True, kw_only=True):
    id: str
    order_id: str
    stripe_id: str
    line_id: str | None = None
    amount_cents: int
    state: str
    reason: str = ""
    created_at: dt.datetime
    updated_at: dt.datetime


class Grant(Struct, frozen=True, kw_only=True):
    """The right of an account to a product. Access is any grant that is now valid, not held and not revoked."""

    id: str
    account_id: str
    product_id: str
    source: GrantSource
    source_line: str | None = None
    valid_from: dt.datetime
    valid_until: dt.datetime | None = None
    hold_at: dt.datetime | None = None
    revoked_at: dt.datetime | None = None
    reason: str = ""
    created_at: dt.datetime


class Certificate(Struct, frozen=True, kw_only=True):
    """That somebody, under the `name` they chose, has completed a course as it was then."""

    id: str
    account_id: str
    course_id: str
    title: str
    name: str
    lectures: int
    seconds: int
    completed_at: dt.datetime
    issued_at: dt.datetime
