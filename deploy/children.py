"""Runs the service and Stripe's stand-in as processes beside the site; knows how they are started, not what they do."""

import http.client
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import Self

from msgspec import Struct

from deploy.errors import DeployError
from deploy.nginx_process import end, end_with_parent

ADDRESS = "127.0.0.1"
START_SECONDS = 30
END_SECONDS = 25  # the service answers what is under way first
LOOK_SECONDS = 0.05
TOLD_LINES = 20


class Program(Struct, frozen=True, kw_only=True):
    """`python -m MODULE …` listening on `listener`, which it inherits; it answers on `probe` once it is ready."""

    name: str
    arguments: Sequence[str]
    environment: Mapping[str, str]
    listener: socket.socket
    probe: str
    log: Path


class Child:
    """One of them, running until the `with` block ends, or until this process is killed."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._is_over = False

    def __enter__(self) -> Self:
        program = self._program
        program.log.parent.mkdir(parents=True, exist_ok=True)
        with program.log.open("w", encoding="utf-8") as log:
            self._child = subprocess.Popen(
                [sys.executable, "-m", *program.arguments],
                env={**os.environ, **program.environment},
                pass_fds=[program.listener.fileno()],
                stdout=log,
                stderr=log,
                preexec_fn=end_with_parent,  # noqa: PLW1509 (no threads yet)
            )
        self._port = program.listener.getsockname()[1]
        program.listener.close()  # a socket that nobody answers would let people wait; now they are refused
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_over = True
        end(self._child, within_seconds=END_SECONDS)

    def wait_until_it_answers(self) -> None:
        """Raises DeployError with its last words when it does not."""
        deadline = time.monotonic() + START_SECONDS
        while not _answers(self._port, self._program.probe):
            if self._child.poll() is not None or time.monotonic() > deadline:
                end(self._child, within_seconds=END_SECONDS)
                raise DeployError(f"the {self._program.name} did not start.\n{self._last_words()}")
            time.sleep(LOOK_SECONDS)

    def watch(self, ended: Callable[[str], None]) -> None:
        """From now on `ended` is called with a sentence should it end by itself. Start no other child after this."""
        threading.Thread(target=self._watch, args=(ended,), daemon=True).start()

    def _watch(self, ended: Callable[[str], None]) -> None:
        code = self._child.wait()
        if not self._is_over:
            ended(f"The {self._program.name} has ended ({code}); {self._program.log} says why.")

    def _last_words(self) -> str:
        lines = self._program.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(lines[-TOLD_LINES:])


def listening(port: int = 0) -> socket.socket:
    """A socket on loopback, on a free port unless one is wanted. Raises OSError when that is taken.

    Its protocol is named: else asyncio would leave Nagle's algorithm on, and every second answer would wait 40 ms.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((ADDRESS, port))
        listener.listen(2048)
    except OSError:
        listener.close()
        raise
    return listener


def _answers(port: int, path: str) -> bool:
    try:
        with closing(http.client.HTTPConnection(ADDRESS, port, timeout=START_SECONDS)) as connection:
            connection.request("GET", path)
            return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
