"""Forgets what nobody needs any more: codes, counts, challenges, ended sessions and tokens. Touches no money."""

import datetime as dt
from functools import partial
from sqlite3 import Connection

from api import times
from api.store import (
    actions,
    answered,
    attempts,
    codes,
    device_codes,
    devices,
    events,
    given_links,
    login_flows,
    outbox,
    passkeys,
    sessions,
    stamps,
)
from api.store.database import Database
from api.usecases import devices as tokens

KEPT_AFTER_END = dt.timedelta(days=90)  # sessions: so that a device that comes back is no new one
KEPT_SHORT = dt.timedelta(days=1)
KEPT_CODES = dt.timedelta(days=30)  # the rows that say a code was mailed, not the code
KEPT_ANSWERS = dt.timedelta(days=200)  # of changes; they are taken for 180
KEPT_EVENTS = dt.timedelta(days=30)  # the provider keeps them as long
KEPT_REPORTS = dt.timedelta(days=90)  # of what was listened to; the newest of each kind stays


def clean(db: Connection, *, now: dt.datetime) -> None:
    codes.forget_older(db, than=now - KEPT_SHORT)
    attempts.forget_older(db, than=now - KEPT_SHORT)
    passkeys.forget_challenges(db, before=now - KEPT_SHORT)
    sessions.forget_older(db, than=now - KEPT_AFTER_END)
    devices.forget_salts(db, used_before=now - tokens.GRACE)
    devices.forget_older(db, than=now - KEPT_SHORT)
    login_flows.forget_older(db, than=now)
    device_codes.forget_older(db, than=now - KEPT_SHORT)
    events.forget_payloads(db, before=now - KEPT_EVENTS)
    outbox.forget_perished(db, before=now - KEPT_CODES)


def clean_sync(db: Connection, *, now: dt.datetime) -> None:
    """The same in the database of what is listened to and watched."""
    answered.forget(db, before=int((now - KEPT_ANSWERS).timestamp()))
    given_links.forget(db, before=times.milliseconds(now))


class Compaction:
    """Forgets old reports about episodes, one account at a time, so that phones wait for no more than that."""

    def __init__(self, sync: Database) -> None:
        self._sync = sync
        self._last = ""

    async def step(self, *, now: dt.datetime) -> bool:
        """Whether there are accounts left in this round; after the last one comes the first."""
        account_id = stamps.next_account(self._sync.reader, after=self._last)
        if account_id:
            before = int((now - KEPT_REPORTS).timestamp())
            await self._sync.write(partial(actions.forget_older, account_id=account_id, before=before))
        self._last = account_id
        return bool(account_id)
