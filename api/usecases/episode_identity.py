"""Which episode an app means: ours by number, another's by guid or address, however often its address has changed."""

from collections.abc import Iterable, Sequence
from sqlite3 import Connection

from msgspec import Struct

from api import media_addresses
from api.gateways.show import Show
from api.store import actions, episodes, podcasts
from api.store.episodes import Episode
from api.store.podcasts import Podcast

OURS = "ours"  # the key of our own feed


class Named(Struct, frozen=True, kw_only=True):
    """An episode as an app names it: by addresses as it sent them, or by the number that an episode of ours has."""

    podcast: str = ""
    episode: str = ""
    guid: str = ""
    number: int | None = None


class Book(Struct):
    """What one credential of an account calls things, while its batch is looked at; `united`: an episode that was another."""

    db: Connection
    account_id: str
    client_id: int
    show: Show
    stamp: int
    united: dict[int, int] = {}


def resolve(book: Book, sent: Sequence[Named]) -> list[Episode]:
    """The row of each, made where it is new. The names that the app uses are kept for its answers."""
    named = [each if each.number is None else _completed(each, each.number, book.show) for each in sent]
    feeds = find_podcasts(book, {each.podcast for each in named})
    wanted = [_keys(each, feeds[each.podcast], book.show) for each in named]
    known = episodes.by_keys(book.db, book.account_id, {key for keys in wanted for key in keys})
    rows = episodes.by_ids(book.db, set(known.values()))
    first = [
        _one(book, each, feeds[each.podcast], keys=keys, known=known, rows=rows)
        for each, keys in zip(named, wanted, strict=True)
    ]
    ids = [_united(book, id) for id in first] if book.united else first
    _keep_names(book, list(zip(ids, named, strict=True)), rows)
    return [rows[id] for id in ids]


def find_podcasts(book: Book, addresses: Iterable[str]) -> dict[str, Podcast]:
    """Address as sent -> its feed, made where it is new."""
    keys = {address: feed_key(address, book.show) for address in addresses}
    known = podcasts.by_keys(book.db, book.account_id, set(keys.values()))
    for address, key in keys.items():
        if key not in known:
            url = book.show.feed if key == OURS else address.strip()
            known[key] = podcasts.insert(book.db, book.account_id, key, url=url)
    _keep_podcast_names(book, {address: known[key] for address, key in keys.items()})
    return {address: known[key] for address, key in keys.items()}


def take_over(book: Book, old: Episode, kept: Episode) -> None:
    """Two that were taken for different ones become one: of each field the later report stays."""
    if old.position_at is not None and old.position_at >= (kept.position_at or 0):
        kept.position, kept.started, kept.position_at = old.position, old.started, old.position_at
        kept.total, kept.client_id = old.total or kept.total, old.client_id
    if old.played_at is not None and old.played_at >= (kept.played_at or 0):
        kept.played, kept.played_at = old.played, old.played_at
    kept.number = kept.number or old.number
    kept.stamp = book.stamp
    book.united[old.id] = kept.id
    actions.move(book.db, book.account_id, old.id, into=kept.id)
    episodes.unite(book.db, old.id, into=kept.id, account_id=book.account_id)
    episodes.put_identity(book.db, kept)
    episodes.put_states(book.db, [kept])


def feed_key(address: str, show: Show) -> str:
    return OURS if show.is_feed(address) else media_addresses.key(address)


def _completed(named: Named, number: int, show: Show) -> Named:
    ours = show.episode(number)
    return Named(podcast=show.feed, episode=ours.enclosure, guid=ours.guid, number=number) if ours else named


def _keys(named: Named, podcast: Podcast, show: Show) -> list[str]:
    """The surest first."""
    ours = show.find(named.episode, named.guid, of_ours=podcast.key == OURS)
    keys = [f"ours {ours.number}"] if ours else []
    if named.guid:
        keys.append(f"guid {podcast.id} {named.guid}")
    return [*keys, f"url {media_addresses.key(named.episode)}"]


def _one(
    book: Book,
    named: Named,
    podcast: Podcast,
    *,
    keys: list[str],
    known: dict[str, int],
    rows: dict[int, Episode],
) -> int:
    """`known` and `rows` learn what is new."""
    ids = [known[key] for key in keys if key in known and _fits(rows[known[key]], named, key)]
    id = ids[0] if ids else _insert(book, named, podcast, keys=keys, rows=rows)
    for other in set(ids[1:]) - {id}:
        take_over(book, rows.pop(other), rows[id])
        known.update({key: id for key, found in known.items() if found == other})
    if named.guid and not rows[id].guid:
        rows[id].guid = named.guid
        episodes.put_identity(book.db, rows[id])
    if new := [key for key in keys if key not in known]:
        episodes.add_keys(book.db, book.account_id, [(key, id) for key in new])
        known.update(dict.fromkeys(new, id))
    return id


def _fits(row: Episode, named: Named, key: str) -> bool:
    """An address alone does not stand against another guid: some publishers give one file to two episodes."""
    return not key.startswith("url ") or not (row.guid and named.guid) or row.guid == named.guid


def _insert(book: Book, named: Named, podcast: Podcast, *, keys: list[str], rows: dict[int, Episode]) -> int:
    number = int(keys[0].partition(" ")[2]) if keys[0].startswith("ours ") else None
    row = Episode(
        id=0,
        account_id=book.account_id,
        podcast_id=podcast.id,
        url=named.episode.strip(),
        number=number,
        guid=named.guid,
        stamp=book.stamp,
    )
    row.id = episodes.insert(book.db, row)
    rows[row.id] = row
    return row.id


def _united(book: Book, id: int) -> int:
    while id in book.united:
        id = book.united[id]
    return id


def _keep_names(book: Book, named: list[tuple[int, Named]], rows: dict[int, Episode]) -> None:
    kept = episodes.names_of(book.db, book.client_id, {id for id, _ in named})
    said = {id: each.episode.strip() for id, each in named if id in rows}
    episodes.put_names(
        book.db, book.client_id, [(id, url) for id, url in said.items() if url != kept.get(id, rows[id].url)]
    )


def _keep_podcast_names(book: Book, found: dict[str, Podcast]) -> None:
    kept = podcasts.names_of(book.db, book.client_id)
    usual = {
        podcast.id for address, podcast in found.items() if address.strip() == podcast.url
    }  # of two names in one batch
    said = {
        podcast.id: (podcast.url if podcast.id in usual else address.strip(), podcast.url)
        for address, podcast in found.items()
    }
    podcasts.put_names(
        book.db, book.client_id, [(id, url) for id, (url, default) in said.items() if url != kept.get(id, default)]
    )
