"""Takes audio and video that `longwave media push` sends: in parts if need be, and nothing is seen before its hash is right.

It speaks over the two streams of an SSH session. First a line of JSON with all files; the answer says of each how many bytes
are here already, -1 for a whole one. Then the rest of each follows, and after each a line comes back.
"""

import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path
from typing import IO, Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from deploy.errors import DeployError

LIST_BYTES_MAX = 20_000_000
CHUNK_BYTES = 1 << 20
FREE_SHARE_MIN = 0.05
PARTIAL, SUMS = ".partial", ".sums"
NAME = re.compile(r"(?:[A-Za-z0-9_-][A-Za-z0-9._-]*/){0,8}[A-Za-z0-9_-][A-Za-z0-9._-]{0,200}")
PUBLIC = re.compile(r".+\.[0-9a-f]{8}\.[A-Za-z0-9]{1,8}")
KINDS = frozenset({".mp3", ".m4a", ".mp4", ".m4v", ".jpg", ".jpeg", ".png"})


class Wanted(Struct, frozen=True, forbid_unknown_fields=True):
    """A file as its sender knows it. `is_here` says whether the sender has it: what he lacks is only asked about."""

    place: Literal["public", "private"]
    name: str
    bytes: Annotated[int, Meta(ge=1, le=200_000_000_000)]
    sha256: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
    is_here: bool = True


class Store(Struct, frozen=True):
    """Where public files and paid ones lie; both folders exist. What is in `served`, under its public name, is here too."""

    public: Path
    private: Path
    served: Path

    def take(self, source: IO[bytes], answers: IO[bytes]) -> None:
        """One whole session. Raises DeployError when what comes in makes no sense, or finds no room."""
        wanted = _read_list(source)
        have = [-1 if self.has(one) else self._partial_bytes(one) for one in wanted]
        self._check_room(
            sum(one.bytes - got for one, got in zip(wanted, have, strict=True) if got >= 0 and one.is_here)
        )
        _answer(answers, {"have": have})
        for one, got in zip(wanted, have, strict=True):
            if got >= 0 and one.is_here:
                self._receive(one, source, begin=got)
                _answer(answers, {"name": one.name, "ok": True})

    def has(self, one: Wanted) -> bool:
        if one.place == "public" and (self.served / one.name).is_file():
            return True
        path = self._path(one)
        return path.is_file() and path.stat().st_size == one.bytes and self._digest(one) == one.sha256

    def _receive(self, one: Wanted, source: IO[bytes], *, begin: int) -> None:
        with self._opened_partial(one) as file:
            file.seek(begin)
            file.truncate()
            _copy(source, file, count=one.bytes - begin, name=one.name)
            if _sha256(file) != one.sha256:
                file.truncate(0)
                raise DeployError(f"{one.name} came in with other bytes than media.lock has. Send it again")
            os.fsync(file.fileno())
            self._show(one)

    def _show(self, one: Wanted) -> None:
        path, partial = self._path(one), self._partial(one)
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.chmod(0o644 if one.place == "public" else 0o640)
        partial.replace(path)
        self._remember(one)

    @contextmanager
    def _opened_partial(self, one: Wanted) -> Iterator[IO[bytes]]:
        path = self._partial(one)
        path.parent.mkdir(exist_ok=True)
        with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600), "r+b") as file:
            try:
                flock(file, LOCK_EX | LOCK_NB)
            except BlockingIOError:
                raise DeployError(f"{one.name} is being sent by somebody else just now. Wait for its end") from None
            yield file

    def _partial_bytes(self, one: Wanted) -> int:
        with suppress(FileNotFoundError):
            return min(self._partial(one).stat().st_size, one.bytes)
        return 0

    def _check_room(self, missing_bytes: int) -> None:
        room = shutil.disk_usage(self.public)
        if missing_bytes > room.free - room.total * FREE_SHARE_MIN:
            raise DeployError(
                f"there is no room for {missing_bytes:,} bytes more: {room.free:,} are free. Tell whoever runs it"
            )

    def _digest(self, one: Wanted) -> str:
        """Counted once: a file that has the size and time it had is the one it was."""
        path, told = self._path(one), self._path(one).stat()
        with suppress(FileNotFoundError, ValueError, KeyError):
            kept = json.loads(self._sum(one).read_text())
            if kept["bytes"] == told.st_size and kept["mtime"] == told.st_mtime_ns:
                return str(kept["sha256"])
        with path.open("rb") as file:
            digest = _sha256(file)
        if digest == one.sha256:
            self._remember(one)
        return digest

    def _remember(self, one: Wanted) -> None:
        path, told = self._sum(one), self._path(one).stat()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"bytes": told.st_size, "mtime": told.st_mtime_ns, "sha256": one.sha256}))

    def _folder(self, one: Wanted) -> Path:
        return self.public if one.place == "public" else self.private

    def _path(self, one: Wanted) -> Path:
        return self._folder(one) / one.name

    def _partial(self, one: Wanted) -> Path:
        return self._folder(one) / PARTIAL / one.sha256

    def _sum(self, one: Wanted) -> Path:
        return self._folder(one) / SUMS / f"{one.name}.json"


def _read_list(source: IO[bytes]) -> list[Wanted]:
    try:
        wanted = msgspec.json.decode(source.readline(LIST_BYTES_MAX), type=list[Wanted])
    except msgspec.DecodeError as error:
        raise DeployError(f"this is no list of files ({error}). Use `longwave media push`") from error
    for one in wanted:
        named_by_hash = PUBLIC.fullmatch(one.name) and f".{one.sha256[:8]}." in one.name
        if not NAME.fullmatch(one.name) or (one.place == "public" and not named_by_hash):
            raise DeployError(f"{one.name!r} is no name of a media file")
        if Path(one.name).suffix.lower() not in KINDS:
            raise DeployError(f"{one.name!r} is neither audio, video nor a picture")
    return wanted


def _copy(source: IO[bytes], target: IO[bytes], *, count: int, name: str) -> None:
    """What comes is on its way to the disk at once: a session that breaks off loses nothing."""
    while count:
        chunk = source.read(min(CHUNK_BYTES, count))
        if not chunk:
            target.flush()
            raise DeployError(f"the connection broke off within {name}. Send it again: what is here stays here")
        target.write(chunk)
        count -= len(chunk)
    target.flush()


def _sha256(file: IO[bytes]) -> str:
    file.seek(0)
    return hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]


def _answer(answers: IO[bytes], told: object) -> None:
    answers.write(json.dumps(told).encode() + b"\n")
    answers.flush()
