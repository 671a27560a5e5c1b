"""What an account listens to and watches goes the way of its account: erased with it, or moved where it was merged into.

The two databases have no transaction in common, so the shop says first which accounts have ended, and this follows: at every
start, after every erasure, after a merge. Harmless to repeat.
"""

import datetime as dt
from collections.abc import Iterable
from functools import partial
from sqlite3 import Connection

import structlog
from msgspec.structs import replace

from api.gateways.show import Show
from api.model import Account
from api.store import accounts, kept, progress, stamps, sync_people
from api.store.database import Database
from api.usecases import listening_moves
from api.usecases import progress as progress_rules

log = structlog.get_logger()


async def follow(
    shop: Database, sync: Database, erased_ids: Iterable[str] = (), *, now: dt.datetime, show: Show
) -> int:
    """Settles every account that has ended; how many had anything. `erased_ids`: also those a restored shop has not."""
    ended = _ended(shop.reader, sync.reader, erased_ids)
    for id, heir in ended.items():
        await sync.write(partial(settle, account_id=id, heir=heir, now=now, show=show))
    return len(ended)


def follow_now(shop: Database, sync: Database, erased_ids: Iterable[str] = (), *, now: dt.datetime, show: Show) -> int:
    """The same for callers without an event loop: the start, the command line."""
    ended = _ended(shop.reader, sync.reader, erased_ids)
    for id, heir in ended.items():
        with sync.transaction() as db:
            settle(db, account_id=id, heir=heir, now=now, show=show)
    return len(ended)


def settle(db: Connection, *, account_id: str, heir: Account | None, now: dt.datetime, show: Show) -> None:
    """Everything goes to the heir, or nowhere."""
    if heir is not None:
        _move(db, account_id, target_id=heir.id, now=now, show=show)
    sync_people.forget(db, account_id)
    log.info("sync_settled", account=account_id, moved=heir is not None)


def _ended(shop: Connection, sync: Connection, erased_ids: Iterable[str]) -> dict[str, Account | None]:
    """Account -> whom its things belong to now, None for one that was erased."""
    ids = [id for id in dict.fromkeys([*accounts.ended(shop), *erased_ids]) if sync_people.has_any(sync, id)]
    return {id: _heir(shop, id) for id in ids}


def _heir(shop: Connection, id: str) -> Account | None:
    account = accounts.find(shop, id)
    last = accounts.kept(shop, account) if account else None
    return last if last and last.id != id and last.deleted_at is None else None


def _move(db: Connection, source_id: str, *, target_id: str, now: dt.datetime, show: Show) -> None:
    """Of two states of one thing what each was reported later stands, as if one person had sent both."""
    stamp = stamps.take(db, target_id, now=now)
    for theirs in progress.of(db, source_id):
        ours = progress.find(db, target_id, theirs.lecture_id)
        both = progress_rules.combined(ours, theirs) if ours else theirs
        progress.put(db, target_id, replace(both, stamp=stamp))
    for thing in kept.of(db, source_id):
        known = kept.find(db, target_id, thing.kind, thing.entity)
        if known is None or (known.at, known.change_id) < (thing.at, thing.change_id):
            kept.put(db, target_id, replace(thing, stamp=stamp))
    sync_people.move_plain(db, source_id, target_id=target_id)
    listening_moves.move(db, source_id, target_id=target_id, stamp=stamp, show=show)
