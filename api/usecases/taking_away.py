"""A person takes away everything that is known about them. Secrets and hashes of secrets are nobody's data."""

import datetime as dt
from sqlite3 import Connection
from typing import Any

from api import times
from api.store import audit, people, sync_people
from api.usecases.sessions import SignedIn, check_fresh


def everything(db: Connection, signed_in: SignedIn, *, now: dt.datetime) -> dict[str, Any]:
    """By kind, each a list of rows, with the moment it was taken. Raises STALE_SIGN_IN."""
    check_fresh(signed_in, now=now)
    taken = people.everything(db, signed_in.account.id)
    audit.add(db, "account.exported", signed_in.account.id, actor=signed_in.account.id, now=now)
    return {"exported_at": times.text(now), **taken}


def listening(db: Connection, account_id: str) -> dict[str, Any]:
    """What was watched, heard and kept, of the other database."""
    return dict(sync_people.everything(db, account_id))
