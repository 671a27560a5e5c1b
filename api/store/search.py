"""Finds rows by what people read out: a part of an address, a name, or an id of ours or Stripe's. For operators, who can wait."""

from sqlite3 import Connection

FOUND_MAX = 20


def accounts(db: Connection, wanted: str) -> list[str]:
    """Ids."""
    rows = db.execute(
        """
        SELECT id FROM accounts
        WHERE id = :wanted OR stripe_customer = :wanted
            OR (:part <> '%%' AND (email LIKE :part ESCAPE '!' OR email_canonical LIKE :part ESCAPE '!'
                OR name LIKE :part ESCAPE '!'))
        ORDER BY created_at DESC LIMIT :most
        """,
        {"wanted": wanted, "part": f"%{escaped(wanted)}%", "most": FOUND_MAX},
    )
    return [row[0] for row in rows]


def orders(db: Connection, wanted: str) -> list[str]:
    """Ids; also by the ids of sessions, payments, charges and refunds."""
    rows = db.execute(
        """
        SELECT id FROM orders WHERE :wanted IN (id, stripe_session, stripe_payment_intent)
        UNION SELECT id FROM orders WHERE lower(email) = lower(:wanted)
        UNION SELECT order_id FROM payments WHERE :wanted IN (stripe_id, charge)
        UNION SELECT order_id FROM refunds WHERE :wanted IN (id, stripe_id)
        LIMIT :most
        """,
        {"wanted": wanted, "most": FOUND_MAX},
    )
    return [row[0] for row in rows]


def escaped(wanted: str) -> str:
    return wanted.replace("!", "!!").replace("%", "!%").replace("_", "!_")
