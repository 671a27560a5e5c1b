"""What an account listens to becomes another's: the later report stays, and its apps are told of it as of anything new."""

from sqlite3 import Connection

from api.gateways.show import Show
from api.store import actions, clients, episodes, podcasts
from api.store.episodes import Known
from api.store.podcasts import Podcast
from api.usecases import episode_identity
from api.usecases.episode_identity import Book, Named

MERGE = "merge"  # who writes what a merge writes


def move(db: Connection, source_id: str, *, target_id: str, stamp: int, show: Show) -> None:
    """Feeds and episodes; the first account has none afterwards. Whoever wrote them must have moved before."""
    book = Book(db, target_id, clients.id_of(db, target_id, MERGE), show, stamp)
    for podcast in podcasts.every(db, source_id):
        _move_feed(book, podcast)
    for known in episodes.changed_since(db, source_id, after=-1):
        _move_episode(book, known)
    podcasts.delete_all(db, source_id)


def _move_feed(book: Book, podcast: Podcast) -> None:
    """The later word counts, whether it is to subscribe or to give up."""
    [found] = episode_identity.find_podcasts(book, [podcast.url]).values()
    if podcast.state == "known" or (found.changed_at or 0) >= (podcast.changed_at or 0):
        return
    found.state, found.changed_at, found.client_id = podcast.state, podcast.changed_at, podcast.client_id
    found.stamp = book.stamp
    podcasts.put_state(book.db, found)


def _move_episode(book: Book, known: Known) -> None:
    row = known.row
    named = Named(podcast=known.podcast, episode=row.url, guid=row.guid, number=row.number)
    [kept] = episode_identity.resolve(book, [named])
    episode_identity.take_over(book, row, kept)
    actions.restamp(book.db, book.account_id, kept.id, stamp=book.stamp)
