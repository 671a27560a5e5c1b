"""What was changed of somebody's podcasts and episodes, by which app, and which report won: told so that its owner understands."""

import datetime as dt
from collections.abc import Mapping
from sqlite3 import Connection
from typing import Literal
from urllib.parse import unquote, urlsplit

from msgspec import Struct

from api import spelling, times
from api.gateways.show import Show
from api.model import Account, Device
from api.store import actions, devices, history
from api.store.episodes import Episode
from api.store.history import Reported
from api.store.podcasts import Podcast
from api.usecases import app_passwords, listening, progress_rules
from api.usecases.service import Service

SHOWN_MAX = 50
UNDO = dt.timedelta(days=1)
ON_THE_SITE = "You, on this site"
FEED_ID = "feed"


class SyncDevice(Struct, frozen=True, kw_only=True):
    """An app that keeps podcasts in step. `calls_itself`: the devices that it speaks of. `ended`: it is let in no more."""

    id: str
    name: str
    user_name: str | None
    calls_itself: list[str]
    created_at: dt.datetime
    seen_at: dt.datetime | None
    ended: bool


class Change(Struct, frozen=True, kw_only=True):
    """One report. `said` is what was done, `why` what became of it, `undo` what undoing makes of it; '' when it cannot be."""

    id: str
    at: dt.datetime
    received_at: dt.datetime
    who: str
    podcast: str
    episode: str
    said: str
    outcome: Literal["applied", "lost"]
    why: str
    undo: str


def devices_of(service: Service, account: Account) -> list[SyncDevice]:
    """Those that are let in, and those that are not but have left something here."""
    known = {each.device.id: each.user_name for each in app_passwords.of(service.database.reader, account)}
    names: dict[str, list[str]] = {}
    for client in history.clients_of(service.sync.reader, account.id):
        names.setdefault(client.credential, []).extend([client.name] if client.name else [])
    return [
        SyncDevice(
            id=device.id,
            name=device.name,
            user_name=known.get(device.id),
            calls_itself=names.get(device.id, []),
            created_at=device.created_at,
            seen_at=device.seen_at,
            ended=device.revoked_at is not None,
        )
        for device in devices.ever_of(service.database.reader, account.id)
        if "sync" in device.scopes and (device.revoked_at is None or device.id in names)
    ]


def changes_of(service: Service, account: Account, *, now: dt.datetime) -> list[Change]:
    """The last ones, the newest first."""
    db, show = service.sync.reader, service.show.current()
    known = {device.id: device for device in devices.ever_of(service.database.reader, account.id)}
    found = [
        (report.row.stamp, _of_episode(db, account, report, show=show, known=known, now=now))
        for report in history.newest(db, account.id, most=SHOWN_MAX)
    ]
    found += [
        (feed.stamp, _of_feed(feed, who=_who(credential, device, known), show=show, now=now))
        for feed, credential, device in history.newest_feeds(db, account.id, most=SHOWN_MAX)
    ]
    return [change for _, change in sorted(found, key=lambda each: -each[0])[:SHOWN_MAX]]


def episode_change_id(row: actions.Row) -> str:
    return f"{row.episode_id}.{row.kind}.{row.sent_at}.{row.client_id}.{row.position}"


def feed_change_id(feed: Podcast) -> str:
    return f"{FEED_ID}.{feed.id}.{feed.stamp}"


def before(reports: list[Reported], row: actions.Row) -> Episode:
    """How far the episode was when this report came."""
    return listening.after([each.row for each in reports if (each.row.stamp, each.row.at) < (row.stamp, row.at)])


def is_recent(stamp: int, *, now: dt.datetime) -> bool:
    """Whether what came with this stamp can still be undone."""
    return now - dt.datetime.fromtimestamp(stamp, dt.UTC) <= UNDO


def _of_episode(
    db: Connection, account: Account, report: Reported, *, show: Show, known: Mapping[str, Device], now: dt.datetime
) -> Change:
    row = report.row
    moves = row.kind == "new" or (row.kind == "play" and (row.position >= 0 or row.played is not None))
    undoable = bool(row.won) and moves and is_recent(row.stamp, now=now)
    reports = history.of_episode(db, account.id, row.episode_id) if undoable or not row.won else []
    ours = show.episode(report.number) if report.number is not None else None
    return Change(
        id=episode_change_id(row),
        at=times.of_milliseconds(row.at),
        received_at=_received(row.stamp),
        who=_who(report.credential, report.device, known),
        podcast=show.title if ours else _host(report.podcast),
        episode=ours.title if ours else _file_name(report.episode),
        said=_said(row),
        outcome="applied" if row.won else "lost",
        why="" if row.won else _why(row, reports, known),
        undo=f"Back to {_place(before(reports, row))}" if undoable else "",
    )


def _of_feed(feed: Podcast, *, who: str, show: Show, now: dt.datetime) -> Change:
    added = feed.state == "subscribed"
    return Change(
        id=feed_change_id(feed),
        at=times.of_milliseconds(feed.changed_at or 0),
        received_at=_received(feed.stamp),
        who=who,
        podcast=show.title if show.is_feed(feed.url) else _host(feed.url),
        episode="",
        said="subscribed" if added else "unsubscribed",
        outcome="applied",
        why="",
        undo=("Unsubscribe" if added else "Subscribe again") if is_recent(feed.stamp, now=now) else "",
    )


def _said(row: actions.Row) -> str:
    if row.kind == "play" and row.position >= 0:
        end = progress_rules.at_end(row.position, row.total)
        length = f" of {spelling.length(row.total)}" if row.total else ""
        return f"played to {'the end' if end else spelling.length(row.position) + length}"
    if row.kind == "play" and row.played is not None:
        return "marked as played" if row.played else "marked as not played"
    words = {"play": "played", "new": "marked as new", "download": "downloaded", "delete": "deleted from the device"}
    return words.get(row.kind, row.kind)


def _why(row: actions.Row, reports: list[Reported], known: Mapping[str, Device]) -> str:
    """A report loses to one of a later moment only."""
    later = [each for each in reports if each.row.won and each.row.kind in ("play", "new") and each.row.at > row.at]
    if not later:
        return "Something else was reported of a later moment."
    won = max(later, key=lambda each: (each.row.stamp <= row.stamp, each.row.at))
    at = spelling.minute(times.of_milliseconds(won.row.at))
    return f"{_who(won.credential, won.device, known)} reported a later moment, {at}: {_said(won.row)}. That stands."


def _place(episode: Episode) -> str:
    if episode.played and (episode.played_at or 0) >= (episode.position_at or 0):
        return "played"
    return spelling.length(episode.position) if episode.position else "not played"


def _who(credential: str, device: str, known: Mapping[str, Device]) -> str:
    app = known.get(credential)
    if app is None:
        return ON_THE_SITE
    return f"{app.name} ({device})" if device else app.name


def _received(stamp: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(stamp, dt.UTC)


def _host(url: str) -> str:
    return url.partition("://")[2].partition("/")[0] or url


def _file_name(url: str) -> str:
    return unquote(urlsplit(url).path.rpartition("/")[2]) or url
