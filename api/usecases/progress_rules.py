"""Which of two reports about an episode wins: for each field the one of the later moment. Knows no tables and no clients."""

import datetime as dt

from api import times
from api.store.episodes import Episode

AHEAD_MAX = dt.timedelta(minutes=5)
NO_PHONE_BEFORE = dt.datetime(2005, 1, 1, tzinfo=dt.UTC)  # a clock that says less was never set
END_SECONDS = 30


def moment(said: dt.datetime | None, *, now: dt.datetime) -> int:
    """The moment that counts, in milliseconds since 1970: what the app says, unless its clock cannot be right."""
    if said is None or said < NO_PHONE_BEFORE:
        return times.milliseconds(now)
    return times.milliseconds(min(said, now + AHEAD_MAX))


def at_end(position: int, total: int | None) -> bool:
    """Within the last half minute; of something short, in its second half."""
    return total is not None and total > 0 and total - position <= END_SECONDS and 2 * position >= total


def place(episode: Episode, position: int, *, started: int | None, total: int | None, at: int) -> bool:
    """Puts the episode to `position`. False when a later report stands."""
    if episode.position_at is not None and at < episode.position_at:
        return False
    episode.position, episode.started, episode.position_at = position, started, at
    episode.total = total or episode.total
    return True


def mark(episode: Episode, played: bool, *, at: int) -> bool:
    """Sets whether it was heard to its end. False when a later report stands."""
    if episode.played_at is not None and at < episode.played_at:
        return False
    episode.played, episode.played_at = int(played), at
    return True


def reset(episode: Episode, *, at: int) -> bool:
    """As if it had never been heard, but for what was reported of later moments."""
    return any([place(episode, 0, started=None, total=None, at=at), mark(episode, False, at=at)])
