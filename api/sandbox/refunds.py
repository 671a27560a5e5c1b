"""Money given back, whole or in part: at once, pending, or failed after all."""

from api.sandbox import balance
from api.sandbox.books import Books, Object, merged_metadata
from api.sandbox.checks import metadata, only_one_of, positive
from api.sandbox.errors import StripeFault, missing_object
from api.sandbox.events import changed, record
from api.sandbox.lists import Query

NOTE = "refunds_stay_pending"


def create(books: Books, params: Object) -> Object:
    """By charge or payment intent; never more than was charged and is not refunded yet."""
    charge = _charge(books, params)
    rest = charge["amount"] - charge["amount_refunded"]
    if rest == 0:
        raise StripeFault(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    amount = positive(params.get("amount", rest), param="amount")
    if amount > rest:
        message = f"Refund amount ({_money(amount)}) is greater than unrefunded amount on charge ({_money(rest)})"
        raise StripeFault(message, param="amount")
    pending = bool(books.note(NOTE)) or charge["payment_method_details"]["type"] != "card"
    refund = _refund(books, charge, params, amount=amount, status="pending" if pending else "succeeded")
    books.add(refund)
    _count(books, charge, amount)
    record(books, "refund.created", refund)
    record(books, "charge.refunded", charge)
    return refund


def update(books: Books, params: Object, refund_id: str) -> Object:
    refund = books.get("refund", refund_id)
    kept = merged_metadata(refund["metadata"], metadata(params)) if params.get("metadata") else {}
    return changed(books, "refund.updated", refund, metadata=kept)


def settle(books: Books, refund_id: str, *, succeeds: bool) -> Object:
    """The end of a refund: a pending one succeeds or fails; banks fail succeeded ones too, days later."""
    refund = books.get("refund", refund_id)
    if refund["status"] == "failed" or (succeeds and refund["status"] != "pending"):
        raise StripeFault(f"This refund is {refund['status']} already.")
    if succeeds:
        return changed(books, "refund.updated", refund, status="succeeded", pending_reason=None)
    charge = books.get("charge", refund["charge"])
    back = balance.book(books, "refund_failure", refund["amount"], currency=refund["currency"], source=refund["id"])
    _count(books, charge, -refund["amount"])
    changes = {
        "status": "failed",
        "failure_reason": "expired_or_canceled_card",
        "failure_balance_transaction": back["id"],
    }
    changed(books, "refund.failed", refund, **changes)
    record(books, "refund.updated", refund)
    return refund


def stay_pending(books: Books, pending: bool) -> None:
    """Whether refunds from now on wait for `settle`, as those of delayed methods always do."""
    books.keep_note(NOTE, pending)


def list_all(books: Books, params: Object) -> Object:
    filters = {"charge": params.get("charge"), "payment_intent": params.get("payment_intent")}
    return Query(books, "refund").equal(filters).page(params, url="/v1/refunds")


def _charge(books: Books, params: Object) -> Object:
    only_one_of(params, "charge", "payment_intent")
    if "charge" in params:
        charge = books.get("charge", params["charge"], param="charge", status=400)
    elif "payment_intent" in params:
        intent = books.get("payment_intent", params["payment_intent"], param="payment_intent", status=400)
        if intent["latest_charge"] is None or intent["status"] != "succeeded":
            raise StripeFault(
                f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund.",
                param="payment_intent",
            )
        charge = books.get("charge", intent["latest_charge"])
    else:
        raise StripeFault("One of the following params should be provided for this request: payment_intent or charge.")
    if charge["status"] != "succeeded":
        raise missing_object("charge", charge["id"], param="charge", status=400)
    return charge


def _refund(books: Books, charge: Object, params: Object, *, amount: int, status: str) -> Object:
    refund_id = books.new_id("re")
    kind = "refund" if charge["payment_method_details"]["type"] == "card" else "payment_refund"
    booked = balance.book(books, kind, -amount, currency=charge["currency"], source=refund_id)
    return {
        "id": refund_id,
        "object": "refund",
        "amount": amount,
        "balance_transaction": booked["id"],
        "charge": charge["id"],
        "created": books.now,
        "currency": charge["currency"],
        "destination_details": {"type": charge["payment_method_details"]["type"]},
        "failure_balance_transaction": None,
        "failure_reason": None,
        "metadata": metadata(params),
        "payment_intent": charge["payment_intent"],
        "pending_reason": "processing" if status == "pending" else None,
        "reason": params.get("reason"),
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": status,
        "transfer_reversal": None,
    }


def _count(books: Books, charge: Object, amount: int) -> None:
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    books.put(charge)


def _money(cents: int) -> str:
    return f"{cents / 100:.2f}"
