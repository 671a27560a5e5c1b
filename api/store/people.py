"""Everything that the tables hold about one person, read to be given away or taken out. Knows every table that names somebody."""

from sqlite3 import Connection, Row
from typing import Any

MINE = {
    "profile": "SELECT id, email, name, locale, created_at, confirmed_at, delete_after FROM accounts WHERE id = :id",
    "orders": """
        SELECT id, email, state, currency, total_cents, discount_cents, tax_cents, tax_mode, coupon, invoice_url,
            invoice_data, created_at, paid_at
        FROM orders WHERE account_id = :id ORDER BY created_at, id
    """,
    "order_lines": """
        SELECT order_lines.id, order_id, product_id, kind, title, contents, include_future, all_courses, price_cents,
            order_lines.discount_cents, order_lines.tax_cents, refunded_cents, quantity
        FROM order_lines JOIN orders ON orders.id = order_id WHERE account_id = :id ORDER BY order_id, order_lines.id
    """,
    "payments": """
        SELECT payments.id, order_id, amount_cents, payments.currency, payments.state, payments.created_at
        FROM payments JOIN orders ON orders.id = order_id WHERE account_id = :id ORDER BY payments.created_at, payments.id
    """,
    "refunds": """
        SELECT refunds.id, order_id, amount_cents, refunds.state, reason, refunds.created_at
        FROM refunds JOIN orders ON orders.id = order_id WHERE account_id = :id ORDER BY refunds.created_at, refunds.id
    """,
    "grants": """
        SELECT id, product_id, source, valid_from, valid_until, hold_at, revoked_at, reason, created_at
        FROM grants WHERE account_id = :id ORDER BY created_at, id
    """,
    "certificates": """
        SELECT id, course_id, title, name, completed_at, issued_at
        FROM certificates WHERE account_id = :id ORDER BY issued_at, id
    """,
    "customers": """
        SELECT stripe_id, noted_at FROM customers WHERE account_id = :id ORDER BY noted_at, stripe_id
    """,
    "sessions": """
        SELECT id, created_at, seen_at, expires_at, user_agent_label, address_prefix, revoked_at
        FROM sessions WHERE account_id = :id ORDER BY created_at, id
    """,
    "devices": """
        SELECT id, name, scopes, created_at, seen_at, revoked_at FROM devices WHERE account_id = :id ORDER BY created_at, id
    """,
    "app_passwords": """
        SELECT device_id, user_name FROM app_passwords JOIN devices ON devices.id = device_id
        WHERE account_id = :id ORDER BY created_at, device_id
    """,
    "device_codes": """
        SELECT name, scopes, created_at, allowed, used_at FROM device_codes WHERE account_id = :id ORDER BY created_at
    """,
    "passkeys": """
        SELECT id, name, transports, sign_count, created_at, used_at, revoked_at
        FROM passkeys WHERE account_id = :id ORDER BY created_at, id
    """,
    "mails": """
        SELECT kind, recipient, created_at, sent_at FROM outbox
        WHERE account_id = :id OR recipient = (SELECT email FROM accounts WHERE id = :id) ORDER BY created_at, id
    """,
    "audit": """
        SELECT at, actor, action, subject, details FROM audit
        WHERE actor = :id OR subject = :id OR subject IN (SELECT id FROM orders WHERE account_id = :id) ORDER BY number
    """,
}


def everything(db: Connection, account_id: str) -> dict[str, list[dict[str, Any]]]:
    """By table; no secret, no hash of one, nobody else's."""
    return {name: [_plain(row) for row in db.execute(query, {"id": account_id})] for name, query in MINE.items()}


def forget(db: Connection, account_id: str, *, email: str) -> None:
    """Takes the person out of what has to stay: orders keep sums, tax, invoice and Stripe's names, and no address."""
    mine = "account_id = ? OR (account_id IS NULL AND email = ?)"  # the second were begun as a guest and never paid
    db.execute(f"UPDATE orders SET email = NULL, cart_key = NULL WHERE {mine}", (account_id, email))  # noqa: S608 (our own text)
    db.execute("UPDATE audit SET details = '{}' WHERE subject = ? OR actor = ?", (account_id, account_id))
    mails = "recipient = ? OR account_id = ?"
    db.execute(f"DELETE FROM outbox WHERE ({mails}) AND sent_at IS NULL", (email, account_id))  # noqa: S608 (our own text)
    db.execute(f"UPDATE outbox SET recipient = '', payload = '{{}}' WHERE {mails}", (email, account_id))  # noqa: S608 (the same)


def _plain(row: Row) -> dict[str, Any]:
    return dict(row)
