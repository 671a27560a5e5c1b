"""Which account a browser's session token opens. Knows no cookies."""

import datetime as dt
import hashlib
from sqlite3 import Connection

from msgspec import Struct

from api.model import Account, Session
from api.store import sessions


class SignedIn(Struct, frozen=True):
    account: Account
    session: Session


def current(db: Connection, token: str, *, now: dt.datetime) -> SignedIn | None:
    """None for a token that is unknown, expired or revoked, or whose account is gone."""
    if not token:
        return None
    found = sessions.find_valid(db, hashlib.sha256(token.encode()).hexdigest(), now=now)
    return SignedIn(*found) if found else None
