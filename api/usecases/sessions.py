"""Which account a browser's session token opens, and since when: opened, seen, fresh, ended. Knows no cookies."""

import datetime as dt
from sqlite3 import Connection

import structlog
from msgspec import Struct

from api import ids
from api.errors import AppError, Code
from api.model import Account, Session
from api.store import audit, device_codes, devices, login_flows, sessions
from api.store.database import Database
from api.usecases import secret_words
from api.usecases.permissions import Action, own

IDLE, ABSOLUTE = dt.timedelta(days=30), dt.timedelta(days=180)
FRESH = dt.timedelta(minutes=10)
SEEN_STEP = dt.timedelta(hours=1)  # `seen_at` is written no more often than that
log = structlog.get_logger()


class Visitor(Struct, frozen=True, kw_only=True):
    """Who asks, as far as can be told: 'Firefox on Linux', from one household, in a neighbourhood.

    The household is for counting attempts and is never kept in the clear.
    """

    label: str
    place: str
    neighbourhood: str


class SignedIn(Struct, frozen=True):
    account: Account
    session: Session


class Opened(Struct, frozen=True):
    """`token` is told once, to the browser."""

    token: str
    account: Account
    session: Session


def current(db: Connection, token: str, *, now: dt.datetime) -> SignedIn | None:
    """None for a token that is unknown, expired or revoked, or whose account is gone."""
    if not token:
        return None
    found = sessions.find_valid(db, secret_words.token_hash(token), now=now, seen_after=now - IDLE)
    return SignedIn(*found) if found else None


def of_request(database: Database, token: str, *, now: dt.datetime) -> SignedIn | None:
    """The same for every request: what was read is taken again until somebody writes."""
    return database.remembered.get(
        ("session", secret_words.token_hash(token)),
        lambda db: current(db, token, now=now),
        holds=lambda known: known.session.expires_at > now and known.session.seen_at > now - IDLE,
    )


async def note_seen(database: Database, session: Session, *, now: dt.datetime) -> None:
    """Keeps a session that is used from ending of idleness. A disk that is full must not keep anybody from reading."""
    if now - session.seen_at >= SEEN_STEP:
        try:
            await database.write(lambda db: sessions.touch(db, session.id_hash, now=now))
        except AppError as refused:
            log.warning("session_not_noted", session=session.id, reason=refused.code)


def open_new(db: Connection, account: Account, *, visitor: Visitor, now: dt.datetime) -> Opened:
    token = secret_words.new_token()
    session = Session(
        id_hash=secret_words.token_hash(token),
        id=ids.new("ses"),
        account_id=account.id,
        created_at=now,
        seen_at=now,
        expires_at=now + ABSOLUTE,
        fresh_until=now + FRESH,
        user_agent_label=visitor.label,
        address_prefix=visitor.neighbourhood,
    )
    sessions.insert(db, session)
    return Opened(token, account, session)


def check_fresh(signed_in: SignedIn, *, now: dt.datetime) -> None:
    """Raises STALE_SIGN_IN when it is too long ago that this person showed who they are."""
    if signed_in.session.fresh_until <= now:
        raise AppError(Code.STALE_SIGN_IN, "For this, please sign in once more.")


def of(db: Connection, account: Account, *, now: dt.datetime) -> list[Session]:
    return sessions.valid_of(db, account.id, now=now, seen_after=now - IDLE)


def end(db: Connection, account: Account, session_id: str, *, now: dt.datetime) -> None:
    """Raises NOT_FOUND for a session that is another's, missing or over."""
    session = own(account, Action.END, sessions.find(db, session_id))
    sessions.revoke(db, session.id, now=now)
    audit.add(db, "session.ended", session.id, actor=account.id, now=now)


def end_others(db: Connection, account: Account, *, but: str, now: dt.datetime) -> int:
    """Every browser except the one of session `but`; how many there were."""
    ended = sessions.revoke_all(db, account.id, now=now, but=but)
    audit.add(db, "session.others_ended", account.id, actor=account.id, now=now, sessions=ended)
    return ended


def end_everything(db: Connection, account: Account, *, but: str = "", now: dt.datetime) -> None:
    """Every browser and every app."""
    end_others(db, account, but=but, now=now)
    for device in devices.of(db, account.id):
        devices.revoke(db, device.id, now=now)
    devices.delete_codes(db, account.id)
    login_flows.delete_all(db, account.id)
    device_codes.delete_all(db, account.id)
