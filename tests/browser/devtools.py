"""A headless Chromium, told what to do over its DevTools pipe; knows the protocol and no page of ours.

Protocol: https://chromedevtools.github.io/devtools-protocol/ (messages are JSON, each ended by a zero byte).
"""

import fcntl
import json
import os
import select
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update", "--disable-default-apps"),
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
    "--remote-debugging-pipe",
)
COMMANDS_IN, EVENTS_OUT = 3, 4  # the file numbers that Chromium takes for its pipe
ABOVE = 10
SECONDS_MAX = 30
CHUNK_BYTES = 1 << 20
Message = dict[str, Any]


class RefusedError(AssertionError):
    """A command that Chromium did not do, such as one to a page that was just being left."""


class Chromium:
    """One browser with one tab; `events` is what it has told, for its reader to look through and to clear."""

    def __init__(self, commands: int, answers: int) -> None:
        self._commands, self._answers = commands, answers
        self._id = 0
        self._read = b""
        self._session = ""
        self.events: list[Message] = []

    def open_tab(self) -> None:
        target = self.command("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.command("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]

    def command(self, method: str, **parameters: Any) -> Message:
        """The result of a command. Events that come before it are kept in `events`."""
        self._id += 1
        message: Message = {"id": self._id, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._commands, json.dumps(message).encode() + b"\0")
        while (answer := self.next_message()).get("id") != self._id:
            pass
        if "error" in answer:
            raise RefusedError(f"{method}: {answer['error']}")
        result: Message = answer["result"]
        return result

    def next_message(self) -> Message:
        """Waits for an answer or an event; an event is put into `events` too."""
        end = time.monotonic() + SECONDS_MAX
        while b"\0" not in self._read:
            ready, _, _ = select.select([self._answers], [], [], max(0, end - time.monotonic()))
            assert ready, f"Chromium said nothing for {SECONDS_MAX} seconds"
            chunk = os.read(self._answers, CHUNK_BYTES)
            assert chunk, "Chromium ended"
            self._read += chunk
        text, _, self._read = self._read.partition(b"\0")
        message: Message = json.loads(text)
        if "id" not in message:
            self.events.append(message)
        return message


@contextmanager
def chromium(profile: Path) -> Iterator[Chromium]:
    """A browser of its own with an empty profile, ended with the `with` block."""
    (commands_in, commands), (answers, events_out) = _pipe(), _pipe()

    def connect() -> None:
        os.dup2(commands_in, COMMANDS_IN)
        os.dup2(events_out, EVENTS_OUT)

    line = ["chromium", *FLAGS, f"--user-data-dir={profile}", "about:blank"]
    with (profile.parent / "chromium.log").open("wb") as log:
        process = subprocess.Popen(line, stdout=log, stderr=log, close_fds=False, preexec_fn=connect)  # noqa: PLW1509 (no threads)
    os.close(commands_in)
    os.close(events_out)
    try:
        browser = Chromium(commands, answers)
        browser.open_tab()
        yield browser
    finally:
        os.close(commands)  # Chromium ends by itself when nobody can command it
        os.close(answers)
        _end(process)


def _pipe() -> tuple[int, int]:
    """Both ends, out of the way of the numbers that Chromium takes."""
    ends = os.pipe()
    moved = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, ABOVE) for end in ends]
    for end in ends:
        os.close(end)
    return moved[0], moved[1]


def _end(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(SECONDS_MAX)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
