"""Our own show's episodes, read from the episodes.json that the generator writes: all addresses an app may know one by.

Without the file everything a phone reports is of somebody else's show, which is no reason to refuse it.
"""

import hashlib
import re
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Literal

import msgspec
import structlog
from msgspec import Struct

from api import media_addresses

log = structlog.get_logger()
FileStamp = tuple[int, int, int]


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


class ShowFile:
    """The file and the last good show read from it. `problem` is None while the file as it stands could be read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp: FileStamp | None = None
        self._good = NOTHING
        self.problem: str | None = None

    def current(self) -> Show:
        """Asks for the file's time and size, and reads it when they changed."""
        try:
            found = self._path.stat()
            stamp = (found.st_mtime_ns, found.st_size, found.st_ino)
            if stamp != self._stamp:
                self._stamp = stamp
                self._good = msgspec.json.decode(self._path.read_bytes(), type=Show)
                self._say(None)
        except FileNotFoundError:
            self._stamp = None
        except OSError as error:
            self._stamp = None
            self._say(f"{self._path.name} cannot be read: {error.strerror}")
        except ValueError as error:  # what msgspec raises is one
            self._say(f"{self._path.name}: {error}")
        return self._good

    def _say(self, problem: str | None) -> None:
        if problem and problem != self.problem:
            log.error("episodes_unreadable", problem=problem, last_good_kept=bool(self._good.episodes))
        elif problem is None:
            log.info("episodes_read", episodes=len(self._good.episodes))
        self.problem = problem
