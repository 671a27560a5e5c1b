"""Sends media to a server of ours over SSH: one session, what is there already is not sent, and a broken one is taken up again.

The other end is `longwave server take-media`, which says what it wants of this in its first lines.
"""

import os
import shlex
import subprocess
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

import msgspec

from generator.commands.media_push import Wanted
from generator.errors import BuildError

CHUNK_BYTES = 1 << 18
COMMAND = "longwave-media"
AS_ROOT = "runuser -u longwave-site -- /opt/longwave/bin/longwave server take-media"


class Server:
    """`target` is [USER@]HOST[:PORT]. ssh is called as git would call it: GIT_SSH_COMMAND holds for both."""

    def __init__(self, target: str) -> None:
        user, _, place = target.rpartition("@")
        host, _, port = place.partition(":")
        user = user or "longwave-site"
        words = shlex.split(os.environ.get("GIT_SSH_COMMAND", "ssh"))
        port_words = ["-p", port] if port else []
        self._command = [*words, *port_words, "--", f"{user}@{host}", AS_ROOT if user == "root" else COMMAND]
        self._host = host
        self._process: subprocess.Popen[bytes] | None = None
        self._have: dict[tuple[str, str], int] = {}

    def missing(self, wanted: Sequence[Wanted]) -> list[Wanted]:
        if not wanted:
            return []
        self._process = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._tell(msgspec.json.encode([_as_told(one) for one in wanted]) + b"\n")
        have = self._answer()["have"]
        self._have = {(one.place, one.name): got for one, got in zip(wanted, have, strict=True)}
        return [one for one in wanted if self._have[one.place, one.name] >= 0]

    def send(self, wanted: Wanted, *, sent: Callable[[int], None]) -> None:
        begin = self._have[wanted.place, wanted.name]
        sent(begin)
        with (wanted.path or Path()).open("rb") as file:
            file.seek(begin)
            while chunk := file.read(CHUNK_BYTES):
                self._tell(chunk)
                sent(len(chunk))
        self._answer()

    def close(self) -> None:
        if self._process is not None and self._process.stdin is not None:
            with suppress(OSError):
                self._process.stdin.close()
            self._process.wait()

    def _tell(self, content: bytes) -> None:
        stream = _pipe(self._process.stdin if self._process else None)
        try:
            stream.write(content)
            stream.flush()
        except OSError as error:
            raise self._broken() from error

    def _answer(self) -> dict[str, Any]:
        line = _pipe(self._process.stdout if self._process else None).readline()
        if not line:
            raise self._broken()
        try:
            return msgspec.json.decode(line, type=dict[str, Any])
        except msgspec.DecodeError:
            raise BuildError(
                f"{self._host} does not take media: it answered {line[:80]!r}. Is it a server of yours?"
            ) from None

    def _broken(self) -> BuildError:
        return BuildError(
            f"{self._host} has ended the connection. Send again: what has arrived is not sent a second time."
        )


def _as_told(one: Wanted) -> dict[str, object]:
    return {
        "place": one.place,
        "name": one.name,
        "bytes": one.bytes,
        "sha256": one.sha256,
        "is_here": one.path is not None,
    }


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    if stream is None:
        raise BuildError("nothing was asked of the server yet")
    return stream
