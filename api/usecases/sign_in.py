"""Signing in with a code by mail, which also signs up; and what every way to sign in ends with. Knows no cookies."""

import datetime as dt
from sqlite3 import Connection

import structlog

from api import email_address, ids
from api.errors import AppError, Code
from api.model import Account
from api.store import accounts, audit, sessions
from api.usecases import free, mail_codes, notices
from api.usecases.fulfilment import By
from api.usecases.service import Service
from api.usecases.sessions import Opened, Visitor, current, open_new

log = structlog.get_logger()


async def ask(service: Service, email: str, *, visitor: Visitor) -> str:
    """Sends a code, to a known address or a new one alike; returns the secret that ties it to the asking browser."""
    return await mail_codes.ask(service, email, purpose=mail_codes.SIGN_IN, place=visitor.place, payload={})


async def with_code(service: Service, written: str, *, binding: str, visitor: Visitor, old_token: str) -> Opened:
    """Opens a session of the account that has the code's address; makes the account when there is none."""
    now = service.clock()
    try:
        code = await mail_codes.confirm(
            service, written, binding=binding, purpose=mail_codes.SIGN_IN, place=visitor.place
        )
    except AppError as refused:
        log.info("sign_in_failed", way="code", reason=refused.code)
        raise

    def enter_once(db: Connection) -> Opened:
        mail_codes.use(db, code, now=now)
        account = _account_of(db, code.payload["email"], now=now)
        free.open_ordered(db, account, code.payload, By(actor=account.id, now=now))
        return enter(db, account, way="code", visitor=visitor, old_token=old_token, now=now)

    return await service.database.write(enter_once)


def enter(db: Connection, account: Account, *, way: str, visitor: Visitor, old_token: str, now: dt.datetime) -> Opened:
    """Ends the browser's session before, opens a new one, calls a deletion off, tells the person of a new device."""
    if before := current(db, old_token, now=now):
        sessions.revoke(db, before.session.id, now=now)
    if account.delete_after is not None:
        accounts.delete_after(db, account.id, None)
        audit.add(db, "account.deletion_cancelled", account.id, actor=account.id, now=now)
        notices.deletion_cancelled(db, account, now=now)
    if _is_new_device(db, account, visitor):
        notices.new_device(db, account, device=visitor.label, now=now)
    opened = open_new(db, account, visitor=visitor, now=now)
    audit.add(db, "session.opened", opened.session.id, actor=account.id, now=now, way=way)
    log.info("signed_in", account=account.id, way=way)
    return opened


def _account_of(db: Connection, email: str, *, now: dt.datetime) -> Account:
    """The code has shown that the address is theirs, also where a guest's purchase waits for its owner."""
    canonical = email_address.canonical(email)
    known = accounts.find_by_email(db, canonical)
    if known is None:
        made = Account(id=ids.new("acc"), email=email, email_canonical=canonical, created_at=now, confirmed_at=now)
        accounts.insert(db, made)
        audit.add(db, "account.made", made.id, actor=made.id, now=now)
        return made
    known = accounts.kept(db, known)
    if known.deleted_at is not None:
        raise AppError(Code.GONE, "This account was deleted.")
    accounts.confirm(db, known.id, now=now)
    return known


def _is_new_device(db: Connection, account: Account, visitor: Visitor) -> bool:
    """The first device of an account is no news to its owner."""
    known = {(session.user_agent_label, session.address_prefix) for session in sessions.all_of(db, account.id)}
    return bool(known) and (visitor.label, visitor.neighbourhood) not in known
