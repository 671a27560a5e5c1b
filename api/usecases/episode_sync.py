"""What podcast apps bring and fetch of episodes: bad items are told and skipped, and nobody is led past what others wrote."""

from collections.abc import Sequence
from sqlite3 import Connection
from typing import Any

from msgspec import Struct

from api.errors import AppError, Code
from api.gateways.show import Show
from api.store import actions, clients, episodes, podcasts, stamps
from api.store.actions import Told
from api.store.clients import Client
from api.usecases import episode_identity, episode_words, listening, podcast_devices, receipts
from api.usecases.devices import Connected
from api.usecases.episode_words import EpisodeAction, Unreadable
from api.usecases.listening import Action, Outcome
from api.usecases.service import Service

ACTIONS_MAX = 5_000


class Pushed(Struct, frozen=True):
    """`timestamp` is what the app may ask from the next time; one outcome an item."""

    timestamp: int
    outcomes: list[Outcome]


class Pulled(Struct, frozen=True):
    actions: list[EpisodeAction | dict[str, Any]]
    timestamp: int


async def push(service: Service, here: Connected, items: Sequence[Any]) -> Pushed:
    """Raises TOO_LARGE for more than is taken at once; then nothing is stored."""
    if len(items) > ACTIONS_MAX:
        raise AppError(Code.TOO_LARGE, f"At most {ACTIONS_MAX} actions can be sent at once. Nothing was stored.")
    read = [_read(item) for item in items]
    show, account_id, credential = service.show.current(), here.account.id, here.device.id

    def work(db: Connection, stamp: int, now: Any) -> Pushed:
        found = [each for each in read if isinstance(each, Action)]
        mine = clients.of(db, account_id, credential)
        me = mine.get("") or clients.take(db, account_id, credential)
        is_behind = bool(me.episodes_behind) or episodes.others_had_last_word(
            db, account_id, after=me.episodes_seen, mine=[client.id for client in mine.values()]
        )
        for name in {each.device for each in found}:
            podcast_devices.note(db, account_id, name)
        stored = iter(listening.record(db, account_id, found, device=credential, stamp=stamp, now=now, show=show))
        if is_behind:
            clients.put_behind(db, me.id, True)
        else:
            clients.note_seen(db, me.id, "episodes_seen", stamp=stamp)
        outcomes = [each if isinstance(each, Outcome) else next(stored) for each in read]
        return Pushed(me.episodes_seen if is_behind else stamp, outcomes)

    return await receipts.stamped(service, account_id, work, count=len(read))


async def pull(
    service: Service,
    here: Connected,
    *,
    since: int,
    podcast: str = "",
    device: str = "",
    one_each: bool = False,
    noted: bool = True,
) -> Pulled:
    """Everything from `since` on, or more: one row an episode when all is asked for. `noted`: the app knows all of it then."""
    db, account_id, show = service.sync.reader, here.account.id, service.show.current()
    me, last = clients.find(db, account_id, here.device.id), stamps.last(db, account_id)
    timestamp = receipts.covered(last, now=service.clock())
    start = receipts.from_stamp(me, "episodes_seen", since=since)
    rows = actions.told_since(db, account_id, since=start, each=start > 0 and not one_each) if last >= start else []
    if podcast:
        rows = _of_podcast(db, account_id, rows, podcast, show)
    if device:
        rows = [row for row in rows if row.device == device]
    if noted and not podcast and not device and last > (me.episodes_seen if me else 0):
        await service.sync.write_promptly(lambda db: _note_seen(db, here, stamp=last, since=since, start=start))
    return Pulled(_said(db, account_id, rows, me, show), timestamp)


def _read(item: Any) -> Action | Outcome:
    try:
        return episode_words.read(item)
    except Unreadable as error:
        return Outcome("rejected", problem=str(error))


def _note_seen(db: Connection, here: Connected, *, stamp: int, since: int, start: int) -> None:
    client_id = clients.id_of(db, here.account.id, here.device.id)
    clients.note_seen(db, client_id, "episodes_seen", stamp=stamp)
    clients.put_behind(db, client_id, False)
    clients.note_asked(db, client_id, "episodes_seen", since=since, start=start)


def _of_podcast(db: Connection, account_id: str, rows: list[Told], address: str, show: Show) -> list[Told]:
    found = podcasts.by_keys(db, account_id, [episode_identity.feed_key(address, show)])
    ids = {podcast.id for podcast in found.values()}
    return [row for row in rows if row.podcast_id in ids]


def _said(
    db: Connection, account_id: str, rows: list[Told], me: Client | None, show: Show
) -> list[EpisodeAction | dict[str, Any]]:
    """In the order in which things happened, with this client's names for them."""
    if not rows:
        return []
    ids = {row.episode_id for row in rows}
    own_names = episodes.names_of(db, me.id, ids) if me else {}
    own_feeds = podcasts.names_of(db, me.id) if me else {}
    unplayed = [row.episode_id for row in rows if row.kind is None and not (row.position_at or row.played_at)]
    newest = actions.newest_of(db, account_id, unplayed) if unplayed else {}
    told: list[EpisodeAction | dict[str, Any]] = []
    for row in sorted(rows, key=_moment):
        podcast = own_feeds.get(row.podcast_id, row.podcast)
        episode = own_names.get(row.episode_id, row.episode)
        words = episode_words.said(row, podcast=podcast, episode=episode, show=show)
        if words is None and row.episode_id in newest:
            words = episode_words.plain(row, *newest[row.episode_id], podcast=podcast, episode=episode)
        if words is not None:
            told.append(words)
    return told


def _moment(row: Told) -> int:
    return row.at if row.at is not None else max(row.position_at or 0, row.played_at or 0)
