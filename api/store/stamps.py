"""The server's receipt stamps: one counter an account, in seconds since 1970, so that clients may send them back as `since`."""

import datetime as dt
from sqlite3 import Connection


def take(db: Connection, account_id: str, *, now: dt.datetime) -> int:
    """The stamp of everything that this transaction stores for the account: the time, or one more than the last when that is later.

    Taken inside the write transaction, so whoever has read up to a stamp never misses a row that comes with a smaller one.
    """
    row = db.execute(
        """
        INSERT INTO stamps (account_id, last) VALUES (?, ?)
        ON CONFLICT (account_id) DO UPDATE SET last = max(excluded.last, stamps.last + 1)
        RETURNING last
        """,
        (account_id, int(now.timestamp())),
    ).fetchone()
    return int(row[0])


def last(db: Connection, account_id: str) -> int:
    """0 for who has stored nothing yet."""
    row = db.execute("SELECT last FROM stamps WHERE account_id = ?", (account_id,)).fetchone()
    return int(row[0]) if row else 0


def next_account(db: Connection, *, after: str) -> str:
    """The account that follows, of those that have stored anything; '' after the last."""
    row = db.execute("SELECT min(account_id) FROM stamps WHERE account_id > ?", (after,)).fetchone()
    return row[0] or ""


def delete(db: Connection, account_id: str) -> None:
    db.execute("DELETE FROM stamps WHERE account_id = ?", (account_id,))
