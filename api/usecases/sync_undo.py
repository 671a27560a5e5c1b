"""Its owner undoes what an app did to podcasts and episodes: one change, or all of an app.

What is put back is a report of this moment: so it wins everywhere, reaches every app like any other, and can be undone in its turn.
"""

import datetime as dt
from sqlite3 import Connection

from msgspec import Struct

from api import times
from api.errors import AppError, Code
from api.gateways.show import Show
from api.model import Account
from api.store import clients, devices, episodes, history, podcasts
from api.store.episodes import Episode
from api.store.history import Reported
from api.store.podcasts import Podcast
from api.usecases import listening, receipts, sync_history
from api.usecases.listening import Action
from api.usecases.permissions import Action as May
from api.usecases.permissions import own
from api.usecases.service import Service
from api.usecases.sessions import SignedIn

GONE = "This was changed more than a day ago and cannot be undone any more."


class TakenOut(Struct, frozen=True):
    """How many episodes and how many feeds were put back."""

    episodes: int
    feeds: int


class Owner(Struct, frozen=True):
    """Who undoes, in one transaction."""

    account_id: str
    session_id: str
    show: Show
    stamp: int
    now: dt.datetime


async def undo(service: Service, here: SignedIn, change_id: str) -> None:
    """Puts back what was there before a change. Raises NOT_FOUND, GONE after a day."""
    show = service.show.current()

    def work(db: Connection, stamp: int, now: dt.datetime) -> None:
        owner = Owner(here.account.id, here.session.id, show, stamp, now)
        if change_id.startswith(f"{sync_history.FEED_ID}."):
            _undo_feed(db, owner, change_id)
        else:
            _undo_episode(db, owner, change_id)

    await receipts.stamped(service, here.account.id, work)


async def take_out(service: Service, here: SignedIn, device_id: str) -> TakenOut:
    """Ends an app, and takes out what it did: its reports, the feeds it added, and those it gave up as long as that can be undone.

    Raises NOT_FOUND.
    """
    now = service.clock()
    await service.database.write(lambda db: _end(db, here.account, device_id, now=now))
    show = service.show.current()

    def work(db: Connection, stamp: int, now: dt.datetime) -> TakenOut:
        owner = Owner(here.account.id, here.session.id, show, stamp, now)
        gone = [client for client in history.clients_of(db, owner.account_id) if client.credential == device_id]
        ids = {client.id for client in gone}
        put_back = [_without(db, owner, each, ids) for each in history.episodes_of(db, ids)]
        changed = history.feeds_changed_by(db, owner.account_id, ids)
        feeds = [feed for feed in changed if feed.state == "subscribed" or sync_history.is_recent(feed.stamp, now=now)]
        for feed in feeds:
            _put_feed(db, owner, feed)
        actions = [action for action in put_back if action]
        _record(db, owner, actions)
        history.forget_clients(db, owner.account_id, gone)
        return TakenOut(len(actions), len(feeds))

    return await receipts.stamped(service, here.account.id, work)


def _end(db: Connection, account: Account, device_id: str, *, now: dt.datetime) -> None:
    """Also of an app that was ended before."""
    device = own(account, May.READ, devices.find(db, device_id))
    if device.revoked_at is None:
        devices.revoke(db, device.id, now=now)


def _undo_episode(db: Connection, owner: Owner, change_id: str) -> None:
    number, _, _ = change_id.partition(".")
    reports = history.of_episode(db, owner.account_id, int(number)) if number.isdecimal() and len(number) < 19 else []
    changed = next((each for each in reports if sync_history.episode_change_id(each.row) == change_id), None)
    if changed is None:
        raise _missing()
    if not sync_history.is_recent(changed.row.stamp, now=owner.now):
        raise AppError(Code.GONE, GONE)
    _record(db, owner, [_putting_back(reports, sync_history.before(reports, changed.row), owner)])


def _undo_feed(db: Connection, owner: Owner, change_id: str) -> None:
    _, number, _ = (*change_id.split("."), "", "")[:3]
    feed = history.feed(db, owner.account_id, int(number)) if number.isdecimal() and len(number) < 19 else None
    if feed is None or sync_history.feed_change_id(feed) != change_id:
        raise _missing()
    if not sync_history.is_recent(feed.stamp, now=owner.now):
        raise AppError(Code.GONE, GONE)
    _put_feed(db, owner, feed)


def _put_feed(db: Connection, owner: Owner, feed: Podcast) -> None:
    """To the other state."""
    feed.state = "removed" if feed.state == "subscribed" else "subscribed"
    feed.client_id = clients.id_of(db, owner.account_id, owner.session_id)
    feed.stamp, feed.changed_at = owner.stamp, times.milliseconds(owner.now)
    podcasts.put_state(db, feed)


def _without(db: Connection, owner: Owner, episode_id: int, client_ids: set[int]) -> Action | None:
    """What has to be reported for the episode to be as if these clients had never been; None when it is so already."""
    reports = history.of_episode(db, owner.account_id, episode_id)
    wanted = listening.after([each.row for each in reports if each.row.client_id not in client_ids])
    [row] = episodes.by_ids(db, [episode_id]).values()
    if (wanted.position or 0, wanted.played) == (row.position or 0, row.played):
        return None
    return _putting_back(reports, wanted, owner)


def _putting_back(reports: list[Reported], wanted: Episode, owner: Owner) -> Action:
    """Of a moment that wins, also when the clock of a phone ran ahead."""
    about, is_new = reports[0], not wanted.position and not wanted.played
    latest = times.of_milliseconds(max(each.row.at for each in reports))
    return Action(
        podcast=about.podcast,
        episode=about.episode,
        guid=about.guid,
        number=about.number if owner.show.episode(about.number or 0) else None,
        kind="new" if is_new else "play",
        at=max(owner.now, latest),
        started=wanted.started,
        position=None if is_new else wanted.position or 0,
        total=wanted.total,
        played=None if is_new else bool(wanted.played),
    )


def _record(db: Connection, owner: Owner, reports: list[Action]) -> None:
    listening.record(
        db, owner.account_id, reports, device=owner.session_id, stamp=owner.stamp, now=owner.now, show=owner.show
    )


def _missing() -> AppError:
    return AppError(Code.NOT_FOUND, "There is no such change of yours, or it has been changed again since.")
