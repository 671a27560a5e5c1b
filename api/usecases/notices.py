"""Mails that tell a person what was done to their account, written in the transaction that does it. Decides nothing."""

import datetime as dt
from sqlite3 import Connection

from api import ids, times
from api.model import Account
from api.store import outbox


def new_device(db: Connection, account: Account, *, device: str, now: dt.datetime) -> None:
    _write(db, account, "new_device", now=now, device=device)


def factor_changed(db: Connection, account: Account, *, added: bool, name: str, now: dt.datetime) -> None:
    _write(db, account, "factor_changed", now=now, added=added, name=name)


def address_changed(db: Connection, account: Account, *, new: str, now: dt.datetime) -> None:
    """To both addresses, of which `account` still has the old one."""
    for recipient in (account.email, new):
        _write(db, account, "address_changed", to=recipient, now=now, old=account.email or "", new=new)


def deletion_scheduled(db: Connection, account: Account, *, on: dt.datetime, now: dt.datetime) -> None:
    _write(db, account, "deletion_scheduled", now=now, on=times.text(on))


def deletion_cancelled(db: Connection, account: Account, *, now: dt.datetime) -> None:
    _write(db, account, "deletion_cancelled", now=now)


def account_erased(db: Connection, account: Account, *, now: dt.datetime) -> None:
    """Its recipient is forgotten as soon as it has left."""
    _write(db, account, outbox.LAST_MAIL, now=now)


def _write(
    db: Connection, account: Account, kind: str, *, now: dt.datetime, to: str | None = None, **fields: object
) -> None:
    recipient = to or account.email
    if recipient is None:  # erased: there is nobody to tell
        return
    payload = {"at": times.text(now), **fields}
    outbox.add(
        db,
        key=f"{kind}:{ids.new('not')}",
        kind=kind,
        recipient=recipient,
        account_id=None if kind == outbox.LAST_MAIL else account.id,
        payload=payload,
        now=now,
    )
