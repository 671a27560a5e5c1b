"""An account that its owner no longer wants: two weeks to think it over, then it is erased, also out of a restored backup."""

import datetime as dt
from functools import partial
from sqlite3 import Connection

import structlog

from api import times
from api.gateways.delete_list import DeleteList, Erased
from api.model import Account
from api.store import (
    accounts,
    audit,
    certificates,
    codes,
    customers,
    device_codes,
    devices,
    login_flows,
    passkeys,
    people,
    sessions,
)
from api.store.database import Database
from api.times import Clock
from api.usecases import notices
from api.usecases.sessions import SignedIn, check_fresh, end_everything

WAIT = dt.timedelta(days=14)
log = structlog.get_logger()


def schedule(db: Connection, signed_in: SignedIn, *, now: dt.datetime) -> dt.datetime:
    """Signs everything out and says when the account will be erased; signing in until then calls it off."""
    check_fresh(signed_in, now=now)
    account, on = signed_in.account, now + WAIT
    accounts.delete_after(db, account.id, on)
    audit.add(db, "account.deletion_scheduled", account.id, actor=account.id, now=now)
    notices.deletion_scheduled(db, account, on=on, now=now)
    end_everything(db, account, now=now)
    return on


async def erase_due(database: Database, erased: DeleteList, *, clock: Clock) -> int:
    """Erases every account whose time has come; how many."""
    now = clock()
    due = [account.id for account in accounts.due_for_erasure(database.reader, now=now)]
    for id in due:
        await database.write(partial(_erase_if_still_due, account_id=id, erased=erased, now=now))
    return len(due)


def reapply(db: Connection, erased: DeleteList, *, now: dt.datetime) -> int:
    """Erases again what a restored backup has brought back; how many accounts."""
    back = [account for line in erased.all() if (account := accounts.find(db, line.account_id))]
    living = [account for account in back if account.deleted_at is None]
    for account in living:
        erase(db, account, tell=False, now=now)
    return len(living)


def erase(db: Connection, account: Account, *, tell: bool, now: dt.datetime) -> None:
    """Takes out all that says who it was. Orders stay, with what tax law needs, under an id that leads to nobody."""
    if account.email:
        people.forget(db, account.id, email=account.email)
    if account.email_canonical:
        codes.forget(db, email_canonical=account.email_canonical)
    sessions.delete_all(db, account.id)
    passkeys.delete_all(db, account.id)
    certificates.delete_all(db, account.id)
    device_codes.delete_all(db, account.id)
    devices.delete_all(db, account.id)
    login_flows.delete_all(db, account.id)
    customers.let_go(db, account.id, now=now)
    if tell:
        notices.account_erased(db, account, now=now)
    accounts.mark_deleted(db, account.id, now=now)
    audit.add(db, "account.erased", account.id, actor="service", now=now)
    log.info("account_erased", account=account.id)


def _erase_if_still_due(db: Connection, *, account_id: str, erased: DeleteList, now: dt.datetime) -> None:
    """Somebody may have signed in a moment ago. The list is last: what it names is erased again after every restore."""
    account = accounts.find(db, account_id)
    if account and account.deleted_at is None and account.delete_after and account.delete_after <= now:
        erase(db, account, tell=True, now=now)
        erased.add(Erased(account.id, times.text(now)))
