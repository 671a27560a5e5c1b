"""How an app gets tokens on a device without a browser: it shows a short code, its owner types that elsewhere and says yes.

RFC 8628. The app asks again and again with its long code, no faster than it was told.
"""

import datetime as dt
import secrets
from sqlite3 import Connection

from msgspec import Struct

from api.errors import AppError, Code
from api.model import Account
from api.store import accounts, audit
from api.store import device_codes as rows
from api.store.device_codes import DeviceCode
from api.usecases import devices, secret_words
from api.usecases.app_requests import SCOPES
from api.usecases.devices import Pair

LIFE, INTERVAL = dt.timedelta(minutes=10), dt.timedelta(seconds=5)
LETTERS, LENGTH = (
    "BCDFGHJKLMNPQRSTVWXZ",
    8,
)  # RFC 8628, section 6.1: no vowels, no words; 34 bits, and typing is limited
PREFIX = "lwdevice_"
UNKNOWN = "There is no such code, or it is older than ten minutes. Start again on the device."


class Begun(Struct, frozen=True):
    """Both codes are told once."""

    device_code: str
    user_code: str


def begin(db: Connection, *, name: str, scope: str, now: dt.datetime) -> Begun:
    """Raises INVALID for a scope there is not."""
    scopes = tuple(sorted(set(scope.split())))
    if not scopes or not set(scopes) <= set(SCOPES):
        raise AppError(Code.INVALID, f"scope: some of {' '.join(SCOPES)}.", fields={"scope": "Not one of ours."})
    begun = Begun(secret_words.new_token(PREFIX), "".join(secrets.choice(LETTERS) for _ in range(LENGTH)))
    row = DeviceCode(
        hash=secret_words.token_hash(begun.device_code),
        user_code_hash=secret_words.token_hash(begun.user_code),
        name=name,
        scopes=scopes,
        created_at=now,
        expires_at=now + LIFE,
    )
    rows.insert(db, row)
    return begun


def waiting(db: Connection, typed: str, *, now: dt.datetime) -> DeviceCode:
    """The app that shows this code. Raises NOT_FOUND when none does, or somebody has decided already."""
    letters = "".join(letter for letter in typed.upper() if letter in LETTERS)
    found = rows.find_typed(db, secret_words.token_hash(letters))
    if found is None or found.expires_at <= now or found.account_id is not None:
        raise AppError(Code.NOT_FOUND, UNKNOWN)
    return found


def decide(db: Connection, account: Account, typed: str, *, allowed: bool, now: dt.datetime) -> None:
    """Raises NOT_FOUND as `waiting` does."""
    found = waiting(db, typed, now=now)
    rows.decide(db, found.hash, account_id=account.id, allowed=allowed)
    if allowed:
        audit.add(db, "app.allowed", account.id, actor=account.id, now=now, scopes=found.scopes)


def exchange(db: Connection, device_code: str, *, now: dt.datetime) -> Pair | Code:
    """Tokens once somebody has said yes; until then why there are none, by RFC 8628, section 3.5."""
    found = rows.find(db, secret_words.token_hash(device_code))
    if found is None or found.used_at is not None:
        return Code.INVALID_GRANT
    if found.expires_at <= now:
        return Code.EXPIRED_TOKEN
    if found.account_id is None:
        return _waited(db, found, now=now)
    rows.use(db, found.hash, now=now)
    account = accounts.find(db, found.account_id)
    if not found.allowed or account is None:
        return Code.ACCESS_DENIED
    return devices.connect(db, account, name=found.name, scopes=found.scopes, now=now) or Code.ACCESS_DENIED


def _waited(db: Connection, found: DeviceCode, *, now: dt.datetime) -> Code:
    too_soon = found.polled_at is not None and now - found.polled_at < INTERVAL
    rows.note_poll(db, found.hash, now=now)
    return Code.SLOW_DOWN if too_soon else Code.AUTHORIZATION_PENDING


def shown(user_code: str) -> str:
    """
    >>> shown("WDJBMJHT")
    'WDJB-MJHT'
    """
    return f"{user_code[:4]}-{user_code[4:]}"
