"""Money that came and money that went back, by the provider's ids: each is written once. Knows no states by meaning."""

import datetime as dt
from sqlite3 import Connection

from api import times
from api.model import Payment, Refund
from api.store.rows import as_columns, as_struct


def add(db: Connection, payment: Payment) -> None:
    """A payment that is known already stays as it is, but for its state and charge."""
    db.execute(
        """
        INSERT INTO payments (id, order_id, stripe_id, charge, amount_cents, currency, state, created_at)
        VALUES (:id, :order_id, :stripe_id, :charge, :amount_cents, :currency, :state, :created_at)
        ON CONFLICT (stripe_id) DO UPDATE SET state = excluded.state, charge = COALESCE(excluded.charge, payments.charge)
        """,
        as_columns(payment),
    )


def of_order(db: Connection, order_id: str) -> tuple[Payment, ...]:
    rows = db.execute("SELECT * FROM payments WHERE order_id = ? ORDER BY created_at", (order_id,))
    return tuple(as_struct(row, Payment) for row in rows)


def find_payment(db: Connection, stripe_id: str) -> Payment | None:
    row = db.execute("SELECT * FROM payments WHERE stripe_id = ?", (stripe_id,)).fetchone()
    return as_struct(row, Payment) if row else None


def tax_of(db: Connection, order_id: str) -> int:
    """Cents of tax in what was paid for an order."""
    return int(db.execute("SELECT tax_cents FROM orders WHERE id = ?", (order_id,)).fetchone()[0])


def put_refund(db: Connection, refund: Refund) -> None:
    """Writes a refund, or the state of one that is known."""
    db.execute(
        """
        INSERT INTO refunds (id, order_id, stripe_id, line_id, amount_cents, state, reason, created_at, updated_at)
        VALUES (:id, :order_id, :stripe_id, :line_id, :amount_cents, :state, :reason, :created_at, :updated_at)
        ON CONFLICT (stripe_id) DO UPDATE SET state = excluded.state, updated_at = excluded.updated_at
        """,
        as_columns(refund),
    )


def find_refund(db: Connection, stripe_id: str) -> Refund | None:
    row = db.execute("SELECT * FROM refunds WHERE stripe_id = ?", (stripe_id,)).fetchone()
    return as_struct(row, Refund) if row else None


def refunds_of(db: Connection, order_id: str) -> tuple[Refund, ...]:
    """The oldest first."""
    rows = db.execute("SELECT * FROM refunds WHERE order_id = ? ORDER BY created_at, stripe_id", (order_id,))
    return tuple(as_struct(row, Refund) for row in rows)


def made_between(db: Connection, *, since: dt.datetime, until: dt.datetime) -> tuple[Payment, ...]:
    rows = db.execute(
        "SELECT * FROM payments WHERE created_at >= ? AND created_at < ? ORDER BY created_at",
        (times.text(since), times.text(until)),
    )
    return tuple(as_struct(row, Payment) for row in rows)
