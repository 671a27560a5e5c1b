"""Our own show's episodes, read from the episodes.json that the generator writes: all addresses an app may know one by.

Without the file everything a phone reports is of somebody else's show, which is no reason to refuse it.
"""

import hashlib
import re
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from api import media_addresses
from api.gateways.written_file import WrittenFile


class Episode(Struct, frozen=True, kw_only=True):
    """`url` is its page, `enclosure` its audio's address; `published` is a time as text."""

    number: int
    guid: str
    url: str
    title: str
    enclosure: str
    seconds: int = 0
    published: str = ""


class Show(Struct, frozen=True, kw_only=True, dict=True):
    """`feeds`: the address to subscribe to first, then others that lead to it."""

    version: Literal[1] = 1
    title: str = ""
    website: str = ""
    feeds: tuple[str, ...] = ()
    episodes: tuple[Episode, ...] = ()

    @cached_property
    def digest(self) -> str:
        """Another one when anything in it is."""
        return hashlib.sha256(msgspec.json.encode(self)).hexdigest()

    @property
    def feed(self) -> str:
        return self.feeds[0] if self.feeds else ""

    def episode(self, number: int) -> Episode | None:
        return self._by_number.get(number)

    def is_feed(self, address: str) -> bool:
        return media_addresses.key(address) in self._feed_keys

    def find(self, address: str, guid: str, *, of_ours: bool) -> Episode | None:
        """By its audio's address, whatever bytes it led to then, or by its guid when the feed is ours."""
        return self._by_address.get(_any_bytes(address)) or (self._by_guid.get(guid) if of_ours else None)

    @cached_property
    def _by_number(self) -> dict[int, Episode]:
        return {episode.number: episode for episode in self.episodes}

    @cached_property
    def _by_guid(self) -> dict[str, Episode]:
        return {episode.guid: episode for episode in self.episodes}

    @cached_property
    def _by_address(self) -> dict[str, Episode]:
        return {_any_bytes(each.enclosure): each for each in self.episodes}

    @cached_property
    def _feed_keys(self) -> frozenset[str]:
        return frozenset(map(media_addresses.key, self.feeds))


NOTHING = Show()
CONTENT_HASH = re.compile(
    r"(/media/[^?]*)\.[0-9a-f]{8}(\.[a-z0-9]+)$"
)  # an address of ours names the bytes it leads to


@lru_cache(maxsize=20_000)
def _any_bytes(address: str) -> str:
    return CONTENT_HASH.sub(r"\1\2", media_addresses.key(address))


class ShowFile(WrittenFile[Show]):
    def __init__(self, path: Path) -> None:
        super().__init__(path, _decoded, counted=lambda show: {"episodes": len(show.episodes)}, may_be_missing=True)

    def current(self) -> Show:
        """The last good one; while there was none, a show without episodes."""
        return self.last_good() or NOTHING


def _decoded(raw: bytes) -> Show:
    return msgspec.json.decode(raw, type=Show)
