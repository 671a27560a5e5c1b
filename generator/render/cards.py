"""The small views that many pages share: cards, references, dates, pictures. Knows no page."""

import datetime as dt
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from generator import urls
from generator.model import Chapter, Episode, Link, Person, Picture, Post, Site, Sponsor
from generator.render.links import resolve
from generator.render.times import clock, iso_duration
from generator.render.views import (
    AudioView,
    ChapterView,
    DateView,
    EpisodeCard,
    LinkView,
    PersonRef,
    PictureView,
    PostCard,
    SponsorView,
)

MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
TYPE_LABELS = {"trailer": "Trailer", "bonus": "Bonus"}


def date(moment: dt.datetime, zone: ZoneInfo) -> DateView:
    """
    >>> date(dt.datetime(2026, 1, 5, 6, tzinfo=dt.UTC), ZoneInfo("UTC")).text
    '5 January 2026'
    """
    local = moment.astimezone(zone)
    return DateView(
        iso=moment.isoformat().replace("+00:00", "Z"), text=f"{local.day} {MONTHS[local.month - 1]} {local.year}"
    )


def picture(value: Picture) -> PictureView:
    return PictureView(url=value.url, width=value.width, height=value.height)


def links(values: tuple[Link, ...]) -> tuple[LinkView, ...]:
    return tuple(LinkView(title=link.title, url=link.url) for link in values)


def episode(value: Episode, zone: ZoneInfo) -> EpisodeCard:
    return EpisodeCard(
        number=value.number,
        label=label(value),
        title=value.title,
        url=urls.episode(value.number, value.slug),
        date=date(value.date, zone),
        summary=value.summary,
        duration=clock(value.audio.seconds) if value.audio.url else "",
        duration_iso=iso_duration(value.audio.seconds) if value.audio.url else "",
    )


def label(value: Episode) -> str:
    if value.type != "full":
        return TYPE_LABELS[value.type]
    return f"Season {value.season}, episode {value.number}" if value.season else f"Episode {value.number}"


def post(value: Post, zone: ZoneInfo) -> PostCard:
    return PostCard(title=value.title, url=urls.post(value.slug), date=date(value.date, zone), summary=value.summary)


def person(value: Person) -> PersonRef:
    return PersonRef(name=value.name, url=urls.person(value.id), photo=picture(value.photo) if value.photo else None)


def sponsor(value: Sponsor, site: Site) -> SponsorView:
    return SponsorView(
        name=value.name,
        url=value.url,
        text_html=resolve(value.text.html, site.resolved.get(value.source, {})),
        photo=picture(value.photo) if value.photo else None,
        links=links(value.links),
    )


def audio(value: Episode) -> AudioView | None:
    """None of a draft that waits for its recording."""
    if not value.audio.url:
        return None
    return AudioView(url=value.audio.url, type=value.audio.type, size=f"{value.audio.bytes / 1_000_000:.1f} MB")


def video(url: str) -> LinkView | None:
    """A video, named by the site that shows it.

    >>> video("https://www.video.example/watch?v=1").title
    'video.example'
    """
    return LinkView(title=urlsplit(url).netloc.removeprefix("www."), url=url) if url else None


def chapters(values: tuple[Chapter, ...]) -> tuple[ChapterView, ...]:
    return tuple(
        ChapterView(
            at=round(chapter.at, 3), clock=clock(chapter.at), title=chapter.title, url=chapter.url, image=chapter.image
        )
        for chapter in values
    )
