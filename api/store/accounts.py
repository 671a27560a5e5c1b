"""People, by id and by address. A row is never deleted: an erased account keeps its id and loses all else."""

import datetime as dt
from sqlite3 import Connection

import msgspec

from api import times
from api.model import Account
from api.store.rows import as_struct


def find(db: Connection, id: str) -> Account | None:
    """Also one that is erased or merged."""
    row = db.execute("SELECT * FROM accounts WHERE id = ?", (id,)).fetchone()
    return as_struct(row, Account) if row else None


def find_by_email(db: Connection, email_canonical: str) -> Account | None:
    row = db.execute("SELECT * FROM accounts WHERE email_canonical = ?", (email_canonical,)).fetchone()
    return as_struct(row, Account) if row else None


def unconfirmed(db: Connection) -> list[Account]:
    """Those whose owner has not signed in yet: somebody paid with the address, or was given something."""
    rows = db.execute("SELECT * FROM accounts WHERE confirmed_at IS NULL AND email IS NOT NULL ORDER BY created_at, id")
    return [as_struct(row, Account) for row in rows]


def ended(db: Connection) -> list[str]:
    """The ids of those that were erased or merged into another."""
    rows = db.execute("SELECT id FROM accounts WHERE deleted_at IS NOT NULL OR merged_into IS NOT NULL ORDER BY id")
    return [str(row[0]) for row in rows]


def erased(db: Connection) -> list[Account]:
    rows = db.execute("SELECT * FROM accounts WHERE deleted_at IS NOT NULL ORDER BY deleted_at, id")
    return [as_struct(row, Account) for row in rows]


def kept(db: Connection, account: Account) -> Account:
    """The account itself, or the one that it was merged into."""
    while account.merged_into and (into := find(db, account.merged_into)):
        account = into
    return account


def has_customer(db: Connection, stripe_customer: str) -> bool:
    """Also an erased account's: its payments hang on it."""
    query = "SELECT 1 FROM accounts WHERE stripe_customer = ?"
    return db.execute(query, (stripe_customer,)).fetchone() is not None


def insert(db: Connection, account: Account) -> None:
    values = {name: _column(value) for name, value in msgspec.structs.asdict(account).items()}
    db.execute(
        f"INSERT INTO accounts ({', '.join(values)}) VALUES ({', '.join(f':{name}' for name in values)})",  # noqa: S608 (names of our struct)
        values,
    )


def confirm(db: Connection, id: str, *, now: dt.datetime) -> None:
    """The person has shown that the address is theirs."""
    db.execute("UPDATE accounts SET confirmed_at = ? WHERE id = ? AND confirmed_at IS NULL", (times.text(now), id))


def change_email(db: Connection, id: str, *, email: str, email_canonical: str) -> None:
    """The payment provider's customer is forgotten: it would go on writing to the old address."""
    db.execute(
        "UPDATE accounts SET email = ?, email_canonical = ?, stripe_customer = NULL WHERE id = ?",
        (email, email_canonical, id),
    )


def rename(db: Connection, id: str, *, name: str) -> None:
    db.execute("UPDATE accounts SET name = ? WHERE id = ?", (name, id))


def set_customer(db: Connection, id: str, stripe_customer: str) -> None:
    """Once; a customer that is known stays."""
    db.execute(
        "UPDATE accounts SET stripe_customer = ? WHERE id = ? AND stripe_customer IS NULL", (stripe_customer, id)
    )


def mark_merged(db: Connection, id: str, *, into: str) -> None:
    """Frees the address; whoever finds the old id finds the other account by it."""
    db.execute(
        "UPDATE accounts SET email = NULL, email_canonical = NULL, stripe_customer = NULL, merged_into = ? WHERE id = ?",
        (into, id),
    )


def delete_after(db: Connection, id: str, moment: dt.datetime | None) -> None:
    """None calls a deletion off."""
    db.execute("UPDATE accounts SET delete_after = ? WHERE id = ?", (times.text(moment) if moment else None, id))


def due_for_erasure(db: Connection, *, now: dt.datetime) -> list[Account]:
    rows = db.execute(
        "SELECT * FROM accounts WHERE delete_after <= ? AND deleted_at IS NULL ORDER BY delete_after",
        (times.text(now),),
    )
    return [as_struct(row, Account) for row in rows]


def mark_deleted(db: Connection, id: str, *, now: dt.datetime) -> None:
    """Takes away everything that says who it was."""
    db.execute(
        """
        UPDATE accounts SET email = NULL, email_canonical = NULL, name = '', locale = '', delete_after = NULL, deleted_at = ?
        WHERE id = ?
        """,
        (times.text(now), id),
    )


def _column(value: object) -> object:
    return times.text(value) if isinstance(value, dt.datetime) else value
