"""Which of two reports about an episode wins: for each field the one of the later moment. Knows no tables and no clients.

Moments are milliseconds since 1970: thirty reports come at once.
"""

import datetime as dt

from msgspec import Struct

from api import times
from api.store.episodes import Episode

AHEAD_MAX_MILLISECONDS = 5 * 60 * 1000
NO_PHONE_BEFORE = times.milliseconds(dt.datetime(2005, 1, 1, tzinfo=dt.UTC))  # a clock that says less was never set
END_SECONDS = 30


class Report(Struct, frozen=True):
    """What is said of an episode at a moment; None is not said."""

    at: int
    position: int | None = None
    started: int | None = None
    total: int | None = None
    played: bool | None = None


class Verdict(Struct, frozen=True):
    """What of a report counts."""

    places: bool
    marks: bool

    @property
    def counts(self) -> bool:
        return self.places or self.marks


def moment(said: int, *, now: int) -> int:
    """The moment that counts: what the app says, unless its clock cannot be right."""
    if said < NO_PHONE_BEFORE:
        return now
    return min(said, now + AHEAD_MAX_MILLISECONDS)


def at_end(position: int, total: int | None) -> bool:
    """Within the last half minute; of something short, in its second half."""
    return total is not None and total > 0 and total - position <= END_SECONDS and 2 * position >= total


def of_play(position: int | None, *, started: int | None, total: int | None, played: bool | None, at: int) -> Report:
    """Who has played to the end has heard it, unless it is said otherwise."""
    if played is None and position is not None and at_end(position, total):
        played = True
    return Report(at, position, started, total, played)


def of_reset(at: int) -> Report:
    """As if it had never been heard."""
    return Report(at, position=0, played=False)


def judge(episode: Episode, report: Report) -> Verdict:
    """Of one moment the last to come wins."""
    return Verdict(
        places=report.position is not None and (episode.position_at is None or report.at >= episode.position_at),
        marks=report.played is not None and (episode.played_at is None or report.at >= episode.played_at),
    )


def apply(episode: Episode, report: Report, verdict: Verdict) -> None:
    if verdict.places:
        episode.position, episode.started, episode.position_at = report.position, report.started, report.at
        episode.total = report.total or episode.total
    if verdict.marks:
        episode.played, episode.played_at = int(bool(report.played)), report.at
