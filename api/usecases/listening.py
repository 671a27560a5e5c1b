"""The one place where a report about an episode is stored and merged, whichever door it came through. Knows no protocol."""

import datetime as dt
from collections.abc import Iterable, Sequence
from sqlite3 import Connection
from typing import Any, Literal

import msgspec
from msgspec import Struct

from api import media_addresses, times
from api.gateways.show import Show
from api.store import actions as history
from api.store import clients, episodes
from api.store.episodes import Episode, Known
from api.usecases import episode_identity, progress_rules
from api.usecases.episode_identity import Book, Named
from api.usecases.progress_rules import Report

SECONDS_MAX = 2**31 - 1  # some apps keep it in 32 bits
KINDS = ("play", "new", "download", "delete", "flattr")  # apps take offence at others
GUID_LENGTH_MAX, NAME_LENGTH_MAX, MORE_LENGTH_MAX = 1_000, 200, 4_000


class Action(Named, frozen=True, kw_only=True):
    """What an app reports of an episode. `at`: when it happened, by its clock.

    `played` is for who marks an episode without playing it; `more` is whatever else was said, kept and said again.
    """

    kind: str = "play"
    at: dt.datetime | None = None
    started: int | None = None
    position: int | None = None
    total: int | None = None
    played: bool | None = None
    device: str = ""
    more: dict[str, Any] | None = None


class Outcome(Struct, frozen=True):
    """applied: it counts. stale: a later report stands. repeated: it was here before. rejected: nothing of it was kept."""

    kind: Literal["applied", "stale", "repeated", "rejected"]
    episode_id: int | None = None
    problem: str = ""


class EpisodeState(Struct, frozen=True, kw_only=True):
    """How far an account is with an episode. `credential` and `device` had the last word; `number` is set for ours."""

    id: int
    podcast: str
    episode: str
    guid: str
    number: int | None
    started_seconds: int | None
    position_seconds: int | None
    total_seconds: int | None
    played: bool
    position_at: dt.datetime | None
    played_at: dt.datetime | None
    stamp: int
    credential: str
    device: str


def record(
    db: Connection,
    account_id: str,
    actions: Sequence[Action],
    *,
    device: str,
    stamp: int,
    now: dt.datetime,
    show: Show,
) -> list[Outcome]:
    """Stores them in their order; `device` is the credential that brings them, `stamp` that of the transaction."""
    problems = [_problem(action, show) for action in actions]
    good = [action for action, problem in zip(actions, problems, strict=True) if not problem]
    writers = clients.ids_of(db, account_id, device, names={action.device for action in good})
    book = Book(db, account_id, writers[""], show, stamp)
    rows = episode_identity.resolve(book, good)
    received = times.milliseconds(now)
    sent = [received if action.at is None else times.milliseconds(action.at) for action in good]
    known, new = history.known(db, writers.values(), sent), list[history.Row]()
    stored = iter(
        [
            _take(
                action,
                row,
                client_id=writers[action.device],
                stamp=stamp,
                now=received,
                sent_at=sent_at,
                known=known,
                new=new,
            )
            for action, row, sent_at in zip(good, rows, sent, strict=True)
        ]
    )
    history.insert(db, new)
    episodes.put_states(db, {row.id: row for row in rows if row.stamp == stamp}.values())
    return [Outcome("rejected", problem=problem) if problem else next(stored) for problem in problems]


def states(db: Connection, account_id: str, *, after: int) -> list[EpisodeState]:
    """Every episode that changed after that stamp, in the order of the changes."""
    return [_state(known) for known in episodes.changed_since(db, account_id, after=after)]


def state(db: Connection, account_id: str, episode_id: int) -> EpisodeState | None:
    known = episodes.find_known(db, account_id, episode_id)
    return _state(known) if known else None


def state_of_ours(db: Connection, account_id: str, number: int) -> EpisodeState | None:
    """Of an episode of our own show."""
    id = episodes.by_keys(db, account_id, [f"ours {number}"]).get(f"ours {number}")
    return state(db, account_id, id) if id is not None else None


def after(reports: Iterable[history.Row]) -> Episode:
    """How far an episode is when nothing but these was reported, in the order in which they came."""
    episode = Episode(id=0, account_id="", podcast_id=0, url="")
    for row in sorted(reports, key=lambda row: (row.stamp, row.at)):
        report = _report(_reported(row), at=row.at)
        progress_rules.apply(episode, report, progress_rules.judge(episode, report))
    return episode


def _reported(row: history.Row) -> Action:
    position = None if row.position == history.NO_POSITION else row.position
    return Action(kind=row.kind, started=row.started, position=position, total=row.total, played=row.played)


def _take(
    action: Action,
    row: Episode,
    *,
    client_id: int,
    stamp: int,
    now: int,
    sent_at: int,
    known: set[history.Key],
    new: list[history.Row],
) -> Outcome:
    """`row`, `known` and `new` learn of it."""
    if action.at is None and row.client_id == client_id and _says_nothing_new(action, row):
        return Outcome("repeated", row.id)
    report = _report(action, at=progress_rules.moment(sent_at, now=now))
    verdict = progress_rules.judge(row, report)
    won = verdict.counts or (report.position is None and report.played is None)
    kept = history.Row(
        row.id,
        action.kind,
        sent_at,
        client_id,
        history.NO_POSITION if action.position is None else action.position,
        report.at,
        action.started,
        action.total,
        won,
        stamp,
        msgspec.json.encode(action.more).decode() if action.more else None,
        action.played,
    )
    if (key := kept.key) in known:
        return Outcome("repeated", row.id)
    known.add(key)
    new.append(kept)
    progress_rules.apply(row, report, verdict)
    row.stamp = stamp
    row.client_id = client_id if won else row.client_id
    return Outcome("applied" if won else "stale", row.id)


def _report(action: Action, *, at: int) -> Report:
    if action.kind == "new":
        return progress_rules.of_reset(at)
    if action.kind != "play":
        return Report(at)
    return progress_rules.of_play(
        action.position, started=action.started, total=action.total, played=action.played, at=at
    )


def _says_nothing_new(action: Action, row: Episode) -> bool:
    """Without a time, the same again is the same request again."""
    if action.kind != "play" or action.position is None:
        return False
    return row.position == action.position and action.played in (None, bool(row.played))


def _problem(action: Action, show: Show) -> str:
    """What is wrong with it, or nothing."""
    return _unknown(action, show) or _unusable(action)


def _unknown(action: Action, show: Show) -> str:
    if action.number is not None:
        return "" if show.episode(action.number) else f"There is no episode {action.number} of this show."
    if not media_addresses.is_usable(action.podcast):
        return "podcast is not the address of a feed."
    return "" if media_addresses.is_usable(action.episode) else "episode is not the address of an audio or video file."


def _unusable(action: Action) -> str:
    if not (_is_time(action.position) and _is_time(action.started) and _is_time(action.total)):
        return "started, position and total are seconds, from 0 on."
    if action.kind not in KINDS:
        return f"action is one of {', '.join(KINDS)}."
    if not (_is_text(action.guid, GUID_LENGTH_MAX) and _is_text(action.device, NAME_LENGTH_MAX)):
        return "guid or device is too long or holds what no text can."
    if action.more and not _is_kept(action.more):
        return "There is more beside what is known than can be kept."
    return ""


def _is_text(value: str, length_max: int) -> bool:
    """What a database can hold: no NUL, no half of a character."""
    return len(value) <= length_max and (value.isprintable() or ("\0" not in value and _is_whole(value)))


def _is_whole(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_kept(more: dict[str, Any]) -> bool:
    try:
        return len(msgspec.json.encode(more)) <= MORE_LENGTH_MAX
    except (ValueError, OverflowError, RecursionError):  # a half of a character, a number or a nest without end
        return False


def _is_time(seconds: int | None) -> bool:
    return seconds is None or 0 <= seconds <= SECONDS_MAX


def _state(known: Known) -> EpisodeState:
    row = known.row
    return EpisodeState(
        id=row.id,
        podcast=known.podcast,
        episode=row.url,
        guid=row.guid,
        number=row.number,
        started_seconds=row.started,
        position_seconds=row.position,
        total_seconds=row.total,
        played=bool(row.played),
        position_at=None if row.position_at is None else times.of_milliseconds(row.position_at),
        played_at=None if row.played_at is None else times.of_milliseconds(row.played_at),
        stamp=row.stamp,
        credential=known.credential,
        device=known.device,
    )
