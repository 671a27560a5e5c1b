"""An episode's guid, by which apps know it: derived once, frozen in content/guids.lock, never changed."""

from collections.abc import Iterable, Mapping
from functools import cache
from uuid import UUID, uuid5

from generator.model import Config, Episode
from generator.read.findings import Findings


def default(show_guid: str, number: int) -> str:
    """
    >>> default("9b024349-ccf0-5f69-a609-6b82873eab3c", 42)
    '15ebbeb6-309a-579d-824b-ae6fd5d6da6d'
    """
    return str(uuid5(_namespace(show_guid), f"episode/{number}"))


_namespace = cache(UUID)


def check_published(episodes: Iterable[Episode], published: Mapping[int, str], findings: Findings) -> None:
    """Reports every guid that is not the one its episode was published with."""
    for episode in episodes:
        before = published.get(episode.number, episode.guid)
        if episode.guid != before:
            what = f"episode {episode.number} was published with the guid {before}, which is now {episode.guid}"
            findings.at(episode.source, "guid")(what, "Restore content/guids.lock, or write the old guid")


def settle(episode: Episode, config: Config, lock: dict[int, str], findings: Findings) -> str:
    """The episode's guid; one that differs from the lock is reported."""
    locked = lock.get(episode.number)
    written = episode.guid or locked or default(config.show.guid, episode.number)
    if locked is not None and written != locked:
        report = findings.at(episode.source, "guid")
        report(f"the guid of episode {episode.number} was {locked}", f"A guid never changes: write 'guid: {locked}'")
    return written
