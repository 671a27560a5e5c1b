"""What we ask of the payment provider and what it tells us, as values of our own; knows no provider's package and no network."""

import datetime as dt
from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

from api.errors import AppError, Code

TaxMode = Literal["none", "stripe_tax", "managed"]


class ProviderUnavailable(AppError):
    """The provider is away or in error. With `may_have_happened` it can have done what was asked: look before asking again.

    `answered`, were it with an error, it does nothing more about it; otherwise it may still be at it.
    """

    def __init__(
        self, message: str, *, may_have_happened: bool, answered: bool = True, retry_after_seconds: int | None = None
    ) -> None:
        super().__init__(Code.PAYMENT_UNAVAILABLE, message, retry_after_seconds=retry_after_seconds)
        self.may_have_happened = may_have_happened
        self.answered = answered


class CheckoutLine(Struct, frozen=True, kw_only=True):
    """What is to be paid for one order line; `price_cents` is for one piece."""

    line_id: str
    product_id: str
    title: str
    price_cents: int
    quantity: int = 1
    tax_code: str = ""


class CheckoutOptions(Struct, frozen=True, kw_only=True):
    """The switches of the provider's checkout page."""

    promotion_codes: bool = True
    invoice: bool = True
    tax_ids: bool = False
    terms: bool = False  # the buyer must accept the terms, the waiver of withdrawal among them
    terms_text: str = ""  # printed beside the box, for instance that instant delivery ends the right of withdrawal
    adaptive_pricing: bool = False
    recovery: bool = False  # an expired checkout keeps an address where it can be taken up again
    mobile_app: bool = False


class CheckoutRequest(Struct, frozen=True, kw_only=True):
    """An order to be paid. `metadata` carries all that fulfilment needs; `coupon` and `promotion_code` are the provider's ids."""

    order_id: str
    attempt: int
    currency: str
    lines: tuple[CheckoutLine, ...]
    success_url: str
    cancel_url: str
    expires_at: dt.datetime
    metadata: Mapping[str, str] = {}
    customer: str | None = None
    email: str | None = None
    locale: str = "auto"
    tax_mode: TaxMode = "none"
    coupon: str | None = None
    promotion_code: str | None = None
    options: CheckoutOptions = CheckoutOptions()


class Discount(Struct, frozen=True, kw_only=True):
    """`code` is what the buyer typed, where they typed one."""

    coupon: str | None
    promotion_code: str | None = None
    code: str | None = None


class PaidLine(Struct, frozen=True, kw_only=True):
    """A line as the provider reckoned it: total = subtotal - discount + tax (tax only where prices do not hold it already)."""

    line_id: str | None
    product_id: str | None
    title: str
    quantity: int
    subtotal_cents: int
    discount_cents: int
    tax_cents: int
    total_cents: int


class Payment(Struct, frozen=True, kw_only=True):
    id: str
    status: str  # requires_payment_method | processing | succeeded | canceled | …
    amount_cents: int
    received_cents: int
    currency: str
    order_id: str | None
    charge: str | None
    created_at: dt.datetime


class Invoice(Struct, frozen=True, kw_only=True):
    id: str
    number: str | None
    page_url: str | None
    pdf_url: str | None


class CheckoutSession(Struct, frozen=True, kw_only=True):
    """A checkout as it now stands. `lines`, `payment` and `invoice` are there when it was retrieved, not when it was listed.

    `invoice_id` is there either way, where an invoice was written.
    """

    id: str
    url: str | None
    status: Literal["open", "complete", "expired"]
    payment_status: Literal["paid", "unpaid", "no_payment_required"]
    order_id: str | None
    currency: str
    subtotal_cents: int
    discount_cents: int
    tax_cents: int
    total_cents: int
    customer: str | None
    email: str | None
    name: str | None
    payment_intent: str | None
    livemode: bool
    created_at: dt.datetime
    expires_at: dt.datetime
    metadata: Mapping[str, str]
    terms_accepted: bool = False
    recovery_url: str | None = None
    discounts: tuple[Discount, ...] = ()
    lines: tuple[PaidLine, ...] = ()
    payment: Payment | None = None
    invoice_id: str | None = None
    invoice: Invoice | None = None


class Refund(Struct, frozen=True, kw_only=True):
    id: str
    payment_intent: str | None
    charge: str | None
    amount_cents: int
    currency: str
    status: str  # pending | requires_action | succeeded | failed | canceled
    reason: str | None
    failure_reason: str | None
    created_at: dt.datetime
    metadata: Mapping[str, str]


class Customer(Struct, frozen=True, kw_only=True):
    id: str
    email: str | None
    name: str | None


class InvoiceData(Struct, frozen=True, kw_only=True):
    """What an invoice prints of its buyer. `tax_id` goes with its kind, for instance ('eu_vat', 'DE123456789')."""

    name: str
    line1: str = ""
    line2: str = ""
    city: str = ""
    postal_code: str = ""
    state: str = ""
    country: str = ""
    tax_id_type: str = ""
    tax_id: str = ""


class ProviderEvent(Struct, frozen=True, kw_only=True):
    """A hint that an object has changed. `payload` is the text as it came."""

    id: str
    type: str
    livemode: bool
    api_version: str | None
    created_at: dt.datetime
    object_id: str
    object_kind: str
    payment_intent: str | None
    order_id: str | None
    payload: str


class Booking(Struct, frozen=True, kw_only=True):
    """One balance transaction; what went out is negative. `source_…` is the charge or refund booked, in its own currency."""

    type: str
    kind: Literal["payment", "refund", "other"] = "other"
    currency: str
    amount_cents: int
    fee_cents: int
    net_cents: int
    source: str = ""
    payment_intent: str | None = None
    source_cents: int = 0
    source_currency: str = ""


class BalanceSum(Struct, frozen=True, kw_only=True):
    """What came and went in one currency: net = payments - refunds - fees + other. Refunds that failed are taken off `refunds`."""

    currency: str
    payments_cents: int = 0
    refunds_cents: int = 0
    fees_cents: int = 0
    other_cents: int = 0
    net_cents: int = 0
    count: int = 0
