"""How many bytes of an audio file are its first minute: what has to be carried before a request counts as a download.

IAB podcast measurement 2.2 counts a minute of audio behind the ID3 tag. Knows the pool of media and episodes.json, no listener.
"""

import re
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

MINUTE_SECONDS = 60
USUAL_BYTES = 480_000  # a minute at 64 kbit/s, for a file that is gone
HASHED = re.compile(r"(?P<stem>.+)\.[0-9a-f]{8}\.[0-9a-z]+")


class _Episode(Struct):
    enclosure: str
    seconds: int


class _Show(Struct):
    episodes: list[_Episode] = []


class Minutes:
    """Asked by the path of a request, like /media/0001-hello.0123abcd.mp3; an earlier version's length is taken for the same."""

    def __init__(self, *, pool: Path, episodes: Path) -> None:
        self._pool = pool
        self._seconds = _seconds(episodes)

    def least_bytes(self, path: str) -> int:
        file = self._pool / path.lstrip("/")
        seconds = self._seconds.get(_stem(path), 0)
        try:
            size, tag = file.stat().st_size, _tag_bytes(file)
        except OSError:
            return USUAL_BYTES
        audio = max(0, size - tag)
        return tag + (audio * MINUTE_SECONDS // seconds if seconds > MINUTE_SECONDS else min(audio, USUAL_BYTES))


def _seconds(episodes: Path) -> dict[str, int]:
    try:
        show = msgspec.json.decode(episodes.read_bytes(), type=_Show)
    except (OSError, msgspec.MsgspecError):
        return {}
    return {_stem(urlsplit(episode.enclosure).path): episode.seconds for episode in show.episodes}


def _stem(path: str) -> str:
    match = HASHED.fullmatch(path)
    return match["stem"] if match else path


def _tag_bytes(file: Path) -> int:
    """The length of an ID3v2 tag in front: https://id3.org/id3v2.4.0-structure, section 3.1."""
    with file.open("rb") as opened:
        head = opened.read(10)
    if len(head) < 10 or not head.startswith(b"ID3"):
        return 0
    size = 0
    for byte in head[6:10]:
        size = size << 7 | byte & 0x7F
    return size + 10
