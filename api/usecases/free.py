"""What costs nothing is owned in one click by whoever is signed in, by others after a code by mail. Asks no provider."""

from sqlite3 import Connection
from typing import Any

from api.errors import AppError, Code
from api.model import Account, Line, Order
from api.store import audit, orders
from api.usecases import fulfilment
from api.usecases.fulfilment import By

ORDER = "order"  # in the payload of the code by mail


def write(db: Connection, order: Order, lines: tuple[Line, ...], account: Account | None, by: By) -> Order:
    """The order of what is free; open at once for an account, waiting for its code for a guest."""
    orders.insert(db, order, lines)
    products = [line.product_id for line in lines]
    audit.add(db, "order.begun", order.id, actor=by.actor, now=by.now, products=products)
    return fulfilment.fulfil_free(db, order, account, by) if account else order


def open_ordered(db: Connection, account: Account, payload: dict[str, Any], by: By) -> Order | None:
    """Called when the code was right: the order that asked for it now belongs to the account of its address. Harmless to repeat."""
    order = orders.find(db, str(payload.get(ORDER, "")))
    if order is None or order.total_cents or order.paid_at or order.state != "pending":
        return None
    return fulfilment.fulfil_free(db, order, account, by)


def address_of(email: str | None) -> str:
    """Raises INVALID: a guest has to say where the code shall go."""
    if not email:
        message = "Write your mail address: what is free is kept in an account of yours."
        raise AppError(Code.INVALID, message, fields={"email": message})
    return email
