"""What the account's balance books: every movement of money with Stripe's fee, in the currency of the payment."""

from api.sandbox.books import Books, Object
from api.sandbox.lists import Query

DAYS_UNTIL_AVAILABLE = 2
CATEGORIES = {"payment": "charge", "payment_refund": "refund"}


def book(books: Books, type: str, amount: int, *, currency: str, source: str, fee: int = 0) -> Object:
    """`amount` is negative for what goes out."""
    fees = [
        {
            "amount": fee,
            "application": None,
            "currency": currency,
            "description": "Processing fee",
            "type": "stripe_fee",
        }
    ]
    booked: Object = {
        "id": books.new_id("txn"),
        "object": "balance_transaction",
        "amount": amount,
        "available_on": books.now + DAYS_UNTIL_AVAILABLE * 86400,
        "balance_type": "payments",
        "created": books.now,
        "currency": currency,
        "description": None,
        "exchange_rate": None,
        "fee": fee,
        "fee_details": fees if fee else [],
        "net": amount - fee,
        "reporting_category": CATEGORIES.get(type, type),
        "source": source,
        "status": "pending",
        "type": type,
    }
    return books.add(booked)


def list_all(books: Books, params: Object) -> Object:
    filters = {name: params.get(name) for name in ("currency", "source", "type")}
    return Query(books, "balance_transaction").equal(filters).page(params, url="/v1/balance_transactions")


def retrieve(books: Books, _: Object) -> Object:
    """The balance: what of the bookings may be paid out already, and what may not yet."""
    sums: dict[bool, dict[str, int]] = {True: {}, False: {}}
    for booked in books.where("balance_transaction"):
        side = sums[booked["available_on"] <= books.now]
        side[booked["currency"]] = side.get(booked["currency"], 0) + booked["net"]
    parts = {
        name: [
            {"amount": amount, "currency": currency, "source_types": {"card": amount}}
            for currency, amount in side.items()
        ]
        for name, side in (("available", sums[True]), ("pending", sums[False]))
    }
    return {"object": "balance", "livemode": False, **parts}
