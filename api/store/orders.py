"""Orders and their lines. Knows what is stored, not which state may follow which."""

import datetime as dt
from collections.abc import Iterable
from sqlite3 import Connection

from api import times
from api.model import Line, Order
from api.store.rows import as_columns, as_struct

OPEN_LISTED_MAX = 500
ORDERS_LISTED_MAX = 200


def insert(db: Connection, order: Order, lines: Iterable[Line]) -> None:
    db.execute(
        """
        INSERT INTO orders (
            id, account_id, email, state, currency, total_cents, discount_cents, tax_cents, tax_mode, coupon,
            stripe_session, stripe_payment_intent, invoice_url, invoice_data, attempt, created_at, expires_at, paid_at,
            livemode, cart_key, browser_hash
        ) VALUES (
            :id, :account_id, :email, :state, :currency, :total_cents, :discount_cents, :tax_cents, :tax_mode, :coupon,
            :stripe_session, :stripe_payment_intent, :invoice_url, :invoice_data, :attempt, :created_at, :expires_at,
            :paid_at, :livemode, :cart_key, :browser_hash
        )
        """,
        as_columns(order),
    )
    db.executemany(
        """
        INSERT INTO order_lines (
            id, order_id, product_id, kind, title, contents, include_future, all_courses, price_cents, tax_cents,
            discount_cents, refunded_cents, quantity
        ) VALUES (
            :id, :order_id, :product_id, :kind, :title, :contents, :include_future, :all_courses, :price_cents, :tax_cents,
            :discount_cents, :refunded_cents, :quantity
        )
        """,
        [as_columns(line) for line in lines],
    )


def update(db: Connection, order: Order) -> None:
    """Writes what may change of an order; what was bought, by which browser and when, never does."""
    db.execute(
        """
        UPDATE orders SET
            account_id = :account_id, email = :email, state = :state, total_cents = :total_cents,
            discount_cents = :discount_cents, tax_cents = :tax_cents, coupon = :coupon, stripe_session = :stripe_session,
            stripe_payment_intent = :stripe_payment_intent, invoice_url = :invoice_url, invoice_data = :invoice_data,
            attempt = :attempt, expires_at = :expires_at, paid_at = :paid_at
        WHERE id = :id
        """,
        as_columns(order),
    )


def update_line(db: Connection, line: Line) -> None:
    """Writes the sums of a line."""
    db.execute(
        """
        UPDATE order_lines SET tax_cents = :tax_cents, discount_cents = :discount_cents, refunded_cents = :refunded_cents
        WHERE id = :id
        """,
        as_columns(line),
    )


def find(db: Connection, order_id: str) -> Order | None:
    row = db.execute("SELECT * FROM orders WHERE id = ?", (order_id,)).fetchone()
    return as_struct(row, Order) if row else None


def find_by_payment(db: Connection, payment_intent: str) -> Order | None:
    row = db.execute("SELECT * FROM orders WHERE stripe_payment_intent = ?", (payment_intent,)).fetchone()
    return as_struct(row, Order) if row else None


def lines(db: Connection, order_id: str) -> tuple[Line, ...]:
    rows = db.execute("SELECT * FROM order_lines WHERE order_id = ? ORDER BY price_cents DESC, id", (order_id,))
    return tuple(as_struct(row, Line, json_columns=["contents"]) for row in rows)


def of_account(db: Connection, account_id: str) -> tuple[Order, ...]:
    """The newest first."""
    rows = db.execute(
        "SELECT * FROM orders WHERE account_id = ? ORDER BY created_at DESC LIMIT ?", (account_id, ORDERS_LISTED_MAX)
    )
    return tuple(as_struct(row, Order) for row in rows)


def of_browser(db: Connection, browser_hash: str) -> Order | None:
    """The newest order of a browser."""
    row = db.execute(
        "SELECT * FROM orders WHERE browser_hash = ? ORDER BY created_at DESC LIMIT 1", (browser_hash,)
    ).fetchone()
    return as_struct(row, Order) if row else None


def of_address(db: Connection, email: str) -> tuple[Order, ...]:
    rows = db.execute(
        "SELECT * FROM orders WHERE email = ? ORDER BY created_at DESC LIMIT ?", (email, ORDERS_LISTED_MAX)
    )
    return tuple(as_struct(row, Order) for row in rows)


def pending_with_cart(db: Connection, cart_key: str) -> Order | None:
    row = db.execute(
        "SELECT * FROM orders WHERE cart_key = ? AND state = 'pending' ORDER BY created_at DESC LIMIT 1", (cart_key,)
    ).fetchone()
    return as_struct(row, Order) if row else None


def pending_of(db: Connection, *, account_id: str | None, browser_hash: str | None) -> tuple[Order, ...]:
    """Orders that a person or a browser has begun and not paid, the oldest first."""
    rows = db.execute(
        """
        SELECT * FROM orders WHERE account_id = ? AND state = 'pending'
        UNION SELECT * FROM orders WHERE browser_hash = ? AND state = 'pending'
        ORDER BY created_at
        """,
        (account_id, browser_hash),
    )
    return tuple(as_struct(row, Order) for row in rows)


def unsettled(db: Connection, *, created_before: dt.datetime) -> tuple[Order, ...]:
    """Orders that wait for the provider, the oldest first."""
    rows = db.execute(
        """
        SELECT * FROM orders WHERE state IN ('pending', 'processing') AND created_at < ?
        ORDER BY created_at LIMIT ?
        """,
        (times.text(created_before), OPEN_LISTED_MAX),
    )
    return tuple(as_struct(row, Order) for row in rows)


def bought_twice(db: Connection, *, paid_after: dt.datetime, within: dt.timedelta) -> list[tuple[str, str, str, str]]:
    """(account, product, order before, later order) where a person has two paid orders of one product."""
    rows = db.execute(
        """
        SELECT account_id, product_id, earlier, later, earlier_paid_at, paid_at FROM (
            SELECT orders.account_id, order_lines.product_id, orders.id AS later, orders.paid_at,
                LAG(orders.id) OVER same AS earlier, LAG(orders.paid_at) OVER same AS earlier_paid_at
            FROM orders JOIN order_lines ON order_lines.order_id = orders.id
            WHERE orders.state = 'paid' AND orders.paid_at >= ? AND order_lines.price_cents > 0
            WINDOW same AS (
                PARTITION BY orders.account_id, order_lines.product_id ORDER BY orders.paid_at, orders.id
            )
        ) AS bought
        WHERE earlier <> later AND paid_at >= ? ORDER BY paid_at
        """,
        (times.text(paid_after - within), times.text(paid_after)),
    )
    return [(row[0], row[1], row[2], row[3]) for row in rows if times.parsed(row[5]) - times.parsed(row[4]) <= within]
