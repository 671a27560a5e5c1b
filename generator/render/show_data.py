"""Writes episodes.json: by what addresses an app may know each of our episodes, as the service reads it. Knows no listener.

A number is never given to another episode, so the service may keep how far somebody is by it.
"""

import datetime as dt

import msgspec
from msgspec import Struct

from generator import urls
from generator.model import Episode, Site
from generator.render.origin import absolute

VERSION = 1


class EpisodeEntry(Struct, frozen=True, kw_only=True):
    """`url` is its page, `enclosure` its audio's address as the feed has it."""

    number: int
    guid: str
    url: str
    title: str
    enclosure: str
    seconds: int
    published: str


class ShowView(Struct, frozen=True, kw_only=True):
    """The file as it is written; it is its own context. `feeds`: the address to subscribe to, then others that lead to it."""

    version: int
    title: str
    website: str
    feeds: tuple[str, ...]
    episodes: tuple[EpisodeEntry, ...]


def plan(site: Site) -> ShowView:
    return ShowView(
        version=VERSION,
        title=site.config.show.title,
        website=f"{site.config.url}/",
        feeds=tuple(dict.fromkeys(_feeds(site))),
        episodes=tuple(_entry(episode, origin=site.config.url) for episode in site.episodes),
    )


def render(view: ShowView) -> bytes:
    return msgspec.json.encode(view) + b"\n"


def _feeds(site: Site) -> list[str]:
    origins = (site.config.url, *site.config.aliases)
    ours = {urls.FEED, *(origin + urls.FEED for origin in origins)}
    old = [each.path for each in site.redirects if each.to in ours]
    return [origin + path for path in (urls.FEED, *old) for origin in origins]


def _entry(episode: Episode, *, origin: str) -> EpisodeEntry:
    return EpisodeEntry(
        number=episode.number,
        guid=episode.guid,
        url=origin + urls.episode(episode.number, episode.slug),
        title=episode.title,
        enclosure=absolute(episode.audio.url, origin=origin),
        seconds=round(episode.audio.seconds),
        published=episode.date.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    )
