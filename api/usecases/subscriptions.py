"""Which feeds an account is subscribed to: one list for all its devices, in which the last word counts. Knows no protocol."""

import datetime as dt
from collections.abc import Callable, Sequence
from sqlite3 import Connection

from msgspec import Struct

from api import media_addresses, times
from api.errors import AppError, Code
from api.gateways.show import Show
from api.store import clients, podcasts, stamps
from api.store.podcasts import Podcast, State
from api.usecases import episode_identity, podcast_devices, receipts
from api.usecases.devices import Connected
from api.usecases.episode_identity import Book
from api.usecases.service import Service

FEEDS_MAX = 5_000


class Changed(Struct, frozen=True):
    """`update_urls`: address as sent, and the one that is meant, '' for what is no feed."""

    timestamp: int
    update_urls: list[tuple[str, str]]


class Changes(Struct, frozen=True):
    add: list[str]
    remove: list[str]
    timestamp: int


class Writer(Struct, frozen=True):
    """Who changes the list, when: an app by its credential, and the name it gives its device."""

    account_id: str
    credential: str
    device: str
    show: Show
    stamp: int
    now: dt.datetime


async def change(
    service: Service, here: Connected, device: str, *, add: Sequence[str], remove: Sequence[str]
) -> Changed:
    """Raises MALFORMED when a feed is in both lists, TOO_LARGE for too many; then nothing is changed."""
    show = service.show.current()
    _check(add, remove, show)

    def work(db: Connection, stamp: int, now: dt.datetime) -> Changed:
        writer = Writer(here.account.id, here.device.id, device, show, stamp, now)
        podcast_devices.note(db, writer.account_id, device)
        return _answered(
            db, writer, lambda: [*_put(db, writer, add, "subscribed"), *_put(db, writer, remove, "removed")]
        )

    return await receipts.stamped(service, here.account.id, work, count=len(add) + len(remove))


async def replace(service: Service, here: Connected, device: str, feeds: Sequence[str]) -> Changed:
    """The device's whole list. What it leaves out is given up if it knew of it; what others added meanwhile stays."""
    show = service.show.current()
    _check(feeds, (), show)

    def work(db: Connection, stamp: int, now: dt.datetime) -> Changed:
        writer = Writer(here.account.id, here.device.id, device, show, stamp, now)
        podcast_devices.note(db, writer.account_id, device)
        return _answered(db, writer, lambda: _replace(db, writer, feeds))

    return await receipts.stamped(service, here.account.id, work)


async def changes(service: Service, here: Connected, device: str, *, since: int) -> Changes:
    """What others changed since then; everything, and all that was ever given up, for 0."""
    db, account_id = service.sync.reader, here.account.id
    me, last = clients.find(db, account_id, here.device.id, name=device), stamps.last(db, account_id)
    timestamp = receipts.covered(last, now=service.clock())
    start = receipts.from_stamp(me, "podcasts_seen", since=since)
    rows = podcasts.changed_since(db, account_id, since=start)
    if start and me:
        rows = [row for row in rows if row.client_id != me.id]  # what it did itself it knows
    if last > (me.podcasts_seen if me else 0):
        await service.sync.write_promptly(lambda db: _note_seen(db, here, device, stamp=last, since=since, start=start))
    names = _names(db, account_id, here.device.id)
    said = {
        state: [names.get(row.id, row.url) for row in rows if row.state == state] for state in ("subscribed", "removed")
    }
    # Some apps took the address that update_urls told them, others kept their own: either is to go.
    usual = [row.url for row in rows if row.state == "removed" and names.get(row.id, row.url) != row.url]
    return Changes(said["subscribed"], said["removed"] + usual, timestamp)


async def listed(service: Service, here: Connected, device: str = "") -> list[str]:
    """All feeds, by the addresses that this app uses; with `device` it is noted that this device knows them now."""
    db, account_id = service.sync.reader, here.account.id
    last = stamps.last(db, account_id)
    names = _names(db, account_id, here.device.id)
    feeds = [names.get(row.id, row.url) for row in podcasts.subscribed(db, account_id)]
    if device:
        await service.sync.write_promptly(lambda db: _note_seen(db, here, device, stamp=last, since=0, start=0))
    return feeds


def _check(add: Sequence[str], remove: Sequence[str], show: Show) -> None:
    if len(add) + len(remove) > FEEDS_MAX:
        raise AppError(Code.TOO_LARGE, f"At most {FEEDS_MAX} feeds can be sent at once. Nothing was changed.")
    both = {episode_identity.feed_key(url, show) for url in add} & {
        episode_identity.feed_key(url, show) for url in remove
    }
    if both:
        raise AppError(Code.MALFORMED, "The same feed is to be added and removed. Nothing was changed.")


def _answered(db: Connection, writer: Writer, work: Callable[[], list[tuple[str, str]]]) -> Changed:
    """With a timestamp that leads past nothing of others."""
    me = clients.take(db, writer.account_id, writer.credential, name=writer.device)
    missed = podcasts.first_of_others(db, writer.account_id, after=me.podcasts_seen, mine=me.id)
    update_urls = work()
    if missed is None:
        clients.note_seen(db, me.id, "podcasts_seen", stamp=writer.stamp)
    return Changed(writer.stamp if missed is None else missed - 1, update_urls)


def _put(db: Connection, writer: Writer, urls: Sequence[str], state: State) -> list[tuple[str, str]]:
    """Puts each that is not in that state already; returns the addresses that mean others."""
    usable = [url for url in dict.fromkeys(urls) if media_addresses.is_usable(url)]
    found = _known(db, writer, usable, make=state == "subscribed")
    me = clients.id_of(db, writer.account_id, writer.credential, name=writer.device)
    for podcast in {podcast.id: podcast for podcast in found.values()}.values():
        if podcast.state != state and not (state == "removed" and podcast.state == "known"):
            podcast.state, podcast.client_id, podcast.stamp = state, me, writer.stamp
            podcast.changed_at = times.milliseconds(writer.now)
            podcasts.put_state(db, podcast)
    meant = {url: found[url].url if url in found else url.strip() for url in usable}
    return [(url, meant.get(url, "")) for url in dict.fromkeys(urls) if meant.get(url, "") != url]


def _known(db: Connection, writer: Writer, urls: Sequence[str], *, make: bool) -> dict[str, Podcast]:
    if make:
        client_id = clients.id_of(db, writer.account_id, writer.credential)
        return episode_identity.find_podcasts(Book(db, writer.account_id, client_id, writer.show, writer.stamp), urls)
    keys = {url: episode_identity.feed_key(url, writer.show) for url in urls}
    known = podcasts.by_keys(db, writer.account_id, set(keys.values()))
    return {url: known[key] for url, key in keys.items() if key in known}


def _replace(db: Connection, writer: Writer, feeds: Sequence[str]) -> list[tuple[str, str]]:
    me = clients.take(db, writer.account_id, writer.credential, name=writer.device)
    kept = {episode_identity.feed_key(url, writer.show) for url in feeds}
    gone = [
        podcast.url
        for podcast in podcasts.subscribed(db, writer.account_id)
        if podcast.key not in kept and (podcast.stamp <= me.podcasts_seen or podcast.client_id == me.id)
    ]
    update_urls = _put(db, writer, feeds, "subscribed")
    _put(db, writer, gone, "removed")
    return update_urls


def _names(db: Connection, account_id: str, credential: str) -> dict[int, str]:
    client = clients.find(db, account_id, credential)
    return podcasts.names_of(db, client.id) if client else {}


def _note_seen(db: Connection, here: Connected, device: str, *, stamp: int, since: int, start: int) -> None:
    me = clients.id_of(db, here.account.id, here.device.id, name=device)
    clients.note_seen(db, me, "podcasts_seen", stamp=stamp)
    clients.note_asked(db, me, "podcasts_seen", since=since, start=start)
    podcast_devices.note(db, here.account.id, device)
