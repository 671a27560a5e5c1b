"""Decides which feed documents a show has and what each prints. Knows nothing of XML (see feed_xml) and files.

/feed.xml holds the newest episodes; archive pages hold a hundred each, counted from the oldest, are published when they
are full and never change after. Source of the paging: RFC 5005, sections 3 and 4.
"""

import re
from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from generator import urls
from generator.model import Episode, Person, Show, Site
from generator.render.feed_views import FeedView, ItemView, PersonView, TrailerView
from generator.render.origin import absolute
from generator.render.output import Output, Part
from generator.render.views import LinkView

ARCHIVE_ITEMS = 100
TIMED_TRANSCRIPTS = ("vtt", "srt", "json")  # apps take the first they know
# PSP-1 wants the holder alone: no sign, no year.
COPYRIGHT_PREFIX = re.compile(r"\s*(?:copyright\b\s*)?(?:©|\(c\))?\s*(?:\d{4}(?:\s*[-–,]\s*\d{4})*)?[\s,]*", re.I)  # noqa: RUF001


def parts(site: Site) -> Iterator[Part]:
    """Every feed document of the show. An episode without audio, a draft's, is in none."""
    feed, heard = site.config.feed, tuple(episode for episode in site.episodes if episode.audio.url)
    lacking = len(heard) - min(len(heard), max(feed.items, len(heard) % ARCHIVE_ITEMS))
    newest = _excerpt(site, heard[lacking:])
    yield Part("feed", _head, (newest, -(-lacking // ARCHIVE_ITEMS), _trailer(site, site.config.show.trailer)))
    for k in range(1, len(heard) // ARCHIVE_ITEMS + 1):
        held = heard[(k - 1) * ARCHIVE_ITEMS : k * ARCHIVE_ITEMS]
        yield Part(f"feed archive {k}", _archive, (_excerpt(site, held), k))


def _excerpt(site: Site, episodes: tuple[Episode, ...]) -> Site:
    """What feeds print of a site that has only these episodes."""
    named = dict.fromkeys((*site.config.show.hosts, *[id for episode in episodes for id in episode.guests]))
    thanked = dict.fromkeys(id for episode in episodes for id in episode.sponsors)
    return Site(
        config=site.config,
        episodes=episodes,
        people={id: site.people[id] for id in named},
        topics={},
        sponsors={id: site.sponsors[id] for id in thanked},
        resolved={one.source: site.resolved[one.source] for one in episodes if one.source in site.resolved},
    )


def _head(site: Site, older: int, trailer: TrailerView | None) -> Iterator[Output]:
    config, show = site.config, site.config.show
    items = _items(site)
    full = config.feed.full_notes
    view = replace(
        _channel(site, urls.FEED, items=items[:full] + tuple(map(_brief, items[full:])), older=older),
        funding=LinkView(title=show.funding.title, url=show.funding.url) if show.funding else None,
        trailer=trailer,
        txt=show.txt,
        update_frequency=show.update_frequency,
        hub=config.feed.hub,
        complete=show.complete,
        new_feed_url=show.new_feed_url,
    )
    yield Output(urls.output_path(urls.FEED), "feed", view)


def _archive(site: Site, k: int) -> Iterator[Output]:
    path = urls.feed_archive(k)
    view = _channel(site, path, items=_items(site), older=k - 1)
    yield Output(urls.output_path(path), "feed", replace(view, current=site.config.url + urls.FEED))


def _items(site: Site) -> tuple[ItemView, ...]:
    """Newest first."""
    hosts = _persons(site, site.config.show.hosts, role="host")
    return tuple(_item(site, episode, hosts=hosts) for episode in reversed(site.episodes))


def _channel(site: Site, path: str, *, items: tuple[ItemView, ...], older: int) -> FeedView:
    config, show = site.config, site.config.show
    return FeedView(
        url=config.url + path,
        origin=config.url,
        title=show.title,
        description=show.description.strip(),
        language=config.language,
        author=show.author,
        owner_name=show.owner.name,
        owner_email=show.owner.email,
        categories=show.categories,
        explicit=show.explicit,
        type=show.type,
        artwork=absolute(show.artwork.url, origin=config.url),
        guid=show.guid,
        locked=show.locked,
        medium=show.medium,
        copyright=COPYRIGHT_PREFIX.sub("", show.copyright, count=1).strip(),
        hosts=_persons(site, show.hosts, role="host"),
        older=config.url + urls.feed_archive(older) if older else "",
        current="",
        items=items,
    )


def _item(site: Site, episode: Episode, *, hosts: tuple[PersonView, ...]) -> ItemView:
    origin, show = site.config.url, site.config.show
    return ItemView(
        title=episode.title,
        url=origin + urls.episode(episode.number, episode.slug),
        guid=episode.guid,
        date=episode.date,
        summary=episode.summary.strip(),
        audio_url=absolute(episode.audio.url, origin=origin),
        audio_bytes=episode.audio.bytes,
        audio_type=episode.audio.type,
        seconds=round(episode.audio.seconds),
        type=episode.type,
        explicit=episode.explicit,
        number=_told_number(episode),
        season=episode.season,
        season_name=_season_name(show, episode.season),
        image=absolute(episode.image.url, origin=origin) if episode.image else "",
        persons=hosts + _persons(site, episode.guests, role="guest") if episode.guests else (),
        chapters_url=origin + urls.chapters(episode.number) if episode.chapters else "",
        chapters=episode.chapters,
        transcripts=_transcripts(episode, origin=origin),
        notes=episode.notes,
        resolved=site.resolved.get(episode.source, {}),
        links=episode.links,
        sponsors=tuple(LinkView(title=site.sponsors[id].name, url=site.sponsors[id].url) for id in episode.sponsors),
    )


def _brief(item: ItemView) -> ItemView:
    return replace(item, notes="", resolved={}, links=(), sponsors=())


def _told_number(episode: Episode) -> int:
    """Trailers and bonuses are numbered for their addresses alone: apps would take it for another episode's."""
    return episode.number if episode.type == "full" else 0


def _season_name(show: Show, season: int | None) -> str:
    return "" if season is None else show.seasons.get(season, "")


def _transcripts(episode: Episode, *, origin: str) -> tuple[str, ...]:
    if not episode.transcript:
        return ()
    return tuple(origin + urls.transcript(episode.number, episode.slug, suffix) for suffix in TIMED_TRANSCRIPTS)


def _trailer(site: Site, number: int | None) -> TrailerView | None:
    episode = next((episode for episode in site.episodes if episode.number == number), None)
    if episode is None or not episode.audio.url:
        return None
    return TrailerView(
        title=episode.title,
        url=absolute(episode.audio.url, origin=site.config.url),
        date=episode.date,
        bytes=episode.audio.bytes,
        type=episode.audio.type,
        season=episode.season,
    )


def _persons(site: Site, ids: Iterable[str], *, role: str) -> tuple[PersonView, ...]:
    return tuple(_person(site.people[id], origin=site.config.url, role=role) for id in ids)


def _person(person: Person, *, origin: str, role: str) -> PersonView:
    photo = absolute(person.photo.url, origin=origin) if person.photo else ""
    return PersonView(name=person.name, role=role, url=origin + urls.person(person.id), photo=photo)
