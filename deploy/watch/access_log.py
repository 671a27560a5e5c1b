"""Reads nginx's access log as it grows and is rotated, each line once; does not know what is counted.

The fields are those of deploy/nginx/snippets/access-log.conf.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

import msgspec
from msgspec import Struct

CHUNK_BYTES = 4 * 1024 * 1024
LINE_BYTES_MAX = 64 * 1024  # what one line of nginx can hold, its buffer


class Request(Struct, frozen=True, kw_only=True):
    """`after`, `rate`: what fair use allows it; `service`: seconds until the service began to answer; as nginx writes them."""

    time: float
    method: str
    path: str
    status: int
    bytes: int
    seconds: float
    address: str = ""
    agent: str = ""
    client: str = ""
    kind: str = ""
    conditional: str = ""
    limit: str = ""
    connections: str = ""
    after: str = "0"
    rate: str = "0"
    service: str = ""


class Place(Struct, frozen=True):
    """How far a file has been read. Rotation renames it, so a file is known by its inode."""

    inode: int
    offset: int


class Batch(Struct, frozen=True):
    """Requests, lines that are none, and the place that is reached with them."""

    requests: list[Request]
    unreadable: int
    place: Place


_line = msgspec.json.Decoder(Request)


def files(path: Path) -> list[Path]:
    """The log and what it was rotated to (`access.json.1`, `access.json-20261127`), the oldest first; not what is compressed."""
    found = [file for file in path.parent.glob(f"{path.name}*") if file.suffix != ".gz" and file.is_file()]
    return sorted(found, key=lambda file: file.stat().st_mtime_ns)


def batches(paths: Iterable[Path], places: Mapping[int, int]) -> Iterator[Batch]:
    """What has been added to `paths` since `places` (offset by inode), some megabytes at a time, whole lines only."""
    for path in paths:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            known = places.get(status.st_ino, 0)
            yield from _batches(file, status.st_ino, known if known <= status.st_size else 0)


def _batches(file: BinaryIO, inode: int, offset: int) -> Iterator[Batch]:
    file.seek(offset)
    while chunk := file.read(CHUNK_BYTES):
        whole = chunk.rfind(b"\n") + 1
        if not whole and len(chunk) < LINE_BYTES_MAX:
            return  # nginx is still writing it
        offset += whole or len(chunk)
        requests, unreadable = _decoded(chunk[:whole].splitlines())
        yield Batch(requests, unreadable + (not whole), Place(inode, offset))
        file.seek(offset)


def _decoded(lines: list[bytes]) -> tuple[list[Request], int]:
    found = [request for line in lines if (request := _request(line))]
    return found, len(lines) - len(found)


def _request(line: bytes) -> Request | None:
    """nginx writes the bytes of an agent as they came: they may be no text."""
    try:
        return _line.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        pass
    try:
        return _line.decode(line.decode("utf-8", "replace"))
    except msgspec.MsgspecError:
        return None
