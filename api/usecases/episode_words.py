"""gpodder's words for what happened to an episode, read leniently and said so that every app understands them. Knows no tables.

https://gpoddernet.readthedocs.io/en/latest/api/reference/events.html
"""

import datetime as dt
import math
from typing import Any

import msgspec
from msgspec import Struct

from api import times
from api.gateways.show import Show
from api.store.actions import NO_POSITION, Told
from api.usecases import progress_rules
from api.usecases.listening import Action

MILLISECONDS_FROM = 100_000_000_000  # a number this great is none of seconds


class EpisodeAction(Struct, kw_only=True, omit_defaults=True):
    """`timestamp`: when it happened, UTC without a zone. Seconds are whole; a field that says nothing is left out."""

    podcast: str
    episode: str
    action: str
    timestamp: str
    guid: str | None = None
    device: str | None = None
    started: int | None = None
    position: int | None = None
    total: int | None = None


class Words(Struct, frozen=True, forbid_unknown_fields=True):
    """What nearly every app says, as nearly every app says it; anything else is read word by word."""

    podcast: str | None = None
    episode: str | None = None
    guid: str | None = None
    action: str | None = None
    timestamp: Any = None
    device: str | None = None
    started: int | None = None
    position: int | None = None
    total: int | None = None


OUR_WORDS = frozenset(Words.__struct_fields__)


class Unreadable(Exception):
    """Says what is wrong with one item."""


def read(item: Any) -> Action:
    """Raises Unreadable. What is not understood is kept; a time that is none counts as missing."""
    try:
        return _action(msgspec.convert(item, Words))
    except msgspec.ValidationError:
        return _action(_leniently(item), more={name: item[name] for name in item if name not in OUR_WORDS} or None)


def said(told: Told, *, podcast: str, episode: str, show: Show) -> EpisodeAction | dict[str, Any] | None:
    """What a client is told, with the addresses that it uses. None for an episode of which no play was reported."""
    if told.kind is None:
        return _of_state(told, podcast=podcast, episode=episode, show=show)
    is_play = told.kind == "play" and told.position != NO_POSITION
    action = EpisodeAction(
        podcast=podcast,
        episode=episode,
        action=told.kind,
        timestamp=text(told.at or 0),
        guid=told.guid or None,
        device=told.device or None,
        started=(told.started or 0) if is_play else None,
        position=told.position if is_play else None,
        total=(told.total or _total(told, show)) if is_play else None,
    )
    return {**msgspec.json.decode(told.more), **msgspec.to_builtins(action)} if told.more else action


def plain(told: Told, kind: str, at: int, *, podcast: str, episode: str) -> EpisodeAction:
    """What happened to an episode that nobody has played."""
    return EpisodeAction(podcast=podcast, episode=episode, action=kind, timestamp=text(at), guid=told.guid or None)


def text(milliseconds: int) -> str:
    """As all apps read it: without fractions and zone."""
    return times.of_milliseconds(milliseconds).strftime("%Y-%m-%dT%H:%M:%S")


def _of_state(told: Told, *, podcast: str, episode: str, show: Show) -> EpisodeAction | None:
    """One row for all that is known: of what was heard to its end and not begun again, the end."""
    at = max(told.position_at or 0, told.played_at or 0)
    if not at:
        return None
    action = EpisodeAction(
        podcast=podcast,
        episode=episode,
        action="play",
        timestamp=text(at),
        guid=told.guid or None,
        device=told.device or None,
    )
    position, total = told.state_position or 0, _total(told, show)
    if told.played and (told.played_at or 0) >= (told.position_at or 0):
        action.position = position if progress_rules.at_end(position, total) else max(total or 0, position, 1)
        action.started, action.total = told.state_started or 0, total or action.position
    elif position or not told.played_at:
        action.started, action.position, action.total = told.state_started or 0, position, total
    else:
        action.action = "new"
    return action


def _total(told: Told, show: Show) -> int | None:
    if told.state_total:
        return told.state_total
    ours = show.episode(told.number) if told.number is not None else None
    return (ours.seconds or None) if ours else None


def _action(words: Words, *, more: dict[str, Any] | None = None) -> Action:
    kind = (words.action or "").lower()
    return Action(
        podcast=words.podcast or "",
        episode=words.episode or "",
        guid=(words.guid or "").strip(),
        kind=kind,
        at=_moment(words.timestamp),
        started=_known(words.started),
        position=_known(words.position) if kind == "play" else None,
        total=_known(words.total),
        device=words.device or "",
        more=more,
    )


def _known(seconds: int | None) -> int | None:
    """Apps say -1 for what they do not know."""
    return seconds if seconds is not None and seconds >= 0 else None


def _leniently(item: Any) -> Words:
    if not isinstance(item, dict):
        raise Unreadable("This is no object.")
    kind = _text(item, "action")
    return Words(
        podcast=_text(item, "podcast"),
        episode=_text(item, "episode"),
        guid=_text(item, "guid"),
        action=kind,
        timestamp=item.get("timestamp"),
        device=_text(item, "device"),
        started=_seconds(item, "started"),
        position=_seconds(item, "position") if kind.lower() == "play" else None,
        total=_seconds(item, "total"),
    )


def _text(item: dict[str, Any], name: str) -> str:
    value = item.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Unreadable(f"{name} is no text.")
    return value


def _seconds(item: dict[str, Any], name: str) -> int | None:
    value = item.get(name)
    if value is None or value == "":
        return None
    try:
        number = float(value) if not isinstance(value, bool) else math.nan
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        raise Unreadable(f"{name} is no number of seconds.")
    return math.floor(number)


def _moment(said: Any) -> dt.datetime | None:
    try:
        if isinstance(said, str):
            moment = dt.datetime.fromisoformat(said.strip())
            return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
        if isinstance(said, int | float):
            return dt.datetime.fromtimestamp(said / 1000 if said > MILLISECONDS_FROM else said, dt.UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return None
