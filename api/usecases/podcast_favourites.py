"""The episodes of our show that a listener has made favourites, as podcast apps are told of them. They are kept by our own apps."""

from sqlite3 import Connection

from api.gateways.show import Show
from api.store import kept
from api.usecases import podcast_updates
from api.usecases.podcast_updates import EpisodeEntry


def of(db: Connection, account_id: str, show: Show) -> list[EpisodeEntry]:
    """The one that was added first comes first."""
    mine = [each for each in kept.of(db, account_id) if each.kind == "favourite" and each.data is not None]
    found = (show.episode(int(each.entity)) for each in mine if each.entity.isdecimal())
    return [podcast_updates.episode_entry(episode, show) for episode in found if episode]
