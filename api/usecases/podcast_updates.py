"""What is new for a device in one answer: feeds, and episodes of our own show; of other shows we know no more than addresses."""

import datetime as dt
from typing import Any

from msgspec import Struct

from api.gateways.show import Episode, Show
from api.usecases import episode_sync, subscriptions
from api.usecases.devices import Connected
from api.usecases.service import Service

SECOND = len("2026-01-05T06:00:00")


class PodcastEntry(Struct, frozen=True, kw_only=True):
    """A feed, with what is known of it."""

    url: str
    title: str
    description: str = ""
    subscribers: int = 0
    logo_url: str = ""
    website: str = ""
    mygpo_link: str = ""


class EpisodeEntry(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`status`: the last that was reported of it, or new. `action`: that report, when it is asked for."""

    title: str
    url: str
    podcast_title: str
    podcast_url: str
    description: str
    website: str
    mygpo_link: str
    released: str
    status: str
    action: Any = None


class Updates(Struct, frozen=True, kw_only=True):
    add: list[PodcastEntry]
    remove: list[str]
    updates: list[EpisodeEntry]
    timestamp: int


async def since(service: Service, here: Connected, device: str, *, since: int, include_actions: bool) -> Updates:
    """Feeds as `subscriptions.changes` has them; episodes of ours that came out or were reported of since then."""
    show = service.show.current()
    feeds = await subscriptions.changes(service, here, device, since=since)
    pulled = await episode_sync.pull(service, here, since=since, one_each=True, noted=False)
    reports = {_number(action, show): action for action in pulled.actions}
    is_ours = any(show.is_feed(url) for url in await subscriptions.listed(service, here))
    moment = _text(since)
    listed = [
        episode
        for episode in (show.episodes if is_ours else ())
        if episode.published[:SECOND] >= moment or episode.number in reports
    ]
    return Updates(
        add=[podcast_entry(url, show) for url in feeds.add],
        remove=feeds.remove,
        updates=[
            episode_entry(each, show, report=reports.get(each.number), with_report=include_actions) for each in listed
        ],
        timestamp=min(feeds.timestamp, pulled.timestamp),
    )


def podcast_entry(url: str, show: Show) -> PodcastEntry:
    if not show.is_feed(url):
        return PodcastEntry(url=url, title=url)
    return PodcastEntry(url=url, title=show.title or url, website=show.website, mygpo_link=show.website)


def episode_entry(episode: Episode, show: Show, *, report: Any = None, with_report: bool = False) -> EpisodeEntry:
    return EpisodeEntry(
        title=episode.title,
        url=episode.enclosure,
        podcast_title=show.title,
        podcast_url=show.feed,
        description="",
        website=episode.url,
        mygpo_link=episode.url,
        released=episode.published[:SECOND],
        status=_word(report, "action") or "new",
        action=report if with_report else None,
    )


def _text(seconds: int) -> str:
    try:
        return dt.datetime.fromtimestamp(seconds, dt.UTC).isoformat()[:SECOND]
    except (ValueError, OverflowError, OSError):
        return ""


def _number(action: Any, show: Show) -> int | None:
    found = show.find(_word(action, "episode"), _word(action, "guid"), of_ours=show.is_feed(_word(action, "podcast")))
    return found.number if found else None


def _word(action: Any, name: str) -> str:
    value = action.get(name) if isinstance(action, dict) else getattr(action, name, None)
    return value or ""
