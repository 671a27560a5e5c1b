"""Runs the builder in the sandbox of longwave-build.service, as a unit of its own that ends with all it has started.

Its properties are read from the file beside this one: a release that is not yet the current one builds in its own sandbox.
"""

import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO

from msgspec import Struct

UNIT = Path(__file__).with_name("longwave-build.service")
SAID_BYTES_MAX = 1_000_000
MADE_BYTES_MAX = 10_000_000
LINE_CHARACTERS_MAX = 2000
REASONS = {
    "oom-kill": "The build needed more memory than it may have.",
    "timeout": "The build took longer than it may.",
}


class Ended(Struct, frozen=True):
    """`failed` says that it did, and more when the build could not; `made` is what it wrote for the publisher."""

    failed: str
    made: bytes


def properties(text: str) -> list[str]:
    """The lines of a unit's [Service] section that say how it runs, but for what it runs.

    >>> properties("[Service]\\n# a comment\\nExecStart=/bin/true\\nPrivateNetwork=yes\\n")
    ['PrivateNetwork=yes']
    """
    section = text.partition("[Service]")[2].splitlines()
    return [line for line in section if "=" in line and not line.startswith(("#", "ExecStart=", "Type="))]


def run(command: list[str], stream: IO[bytes], *, bounds: list[str], say: Callable[[str], None]) -> Ended:
    """The command with `stream` as its input and the further properties `bounds`. What it says goes on to `say`, line by line."""
    _systemctl("stop", "longwave-build-*.service")  # one whose publisher has died
    name = f"longwave-build-{time.time_ns()}.service"  # systemd may know the name before for a moment still
    unit = ["systemd-run", "--wait", "--pipe", "--quiet", "--service-type=exec", f"--unit={name}"]
    given = [f"--property={line}" for line in [*properties(UNIT.read_text(encoding="utf-8")), *bounds]]
    with tempfile.TemporaryFile() as made:
        words = [*unit, *given, *command]
        with subprocess.Popen(words, stdin=stream, stdout=made, stderr=subprocess.PIPE) as process:
            _follow(process.stderr or (), say)
        made.seek(0)
        return Ended(_reason(name) if process.returncode else "", made.read(MADE_BYTES_MAX))


def _follow(stream: Iterable[bytes], say: Callable[[str], None]) -> None:
    left = SAID_BYTES_MAX
    for line in stream:
        left -= len(line)
        if left > 0 and (text := plain(line)):
            say(text)


def _reason(name: str) -> str:
    """What systemd knows of the end; a build that found mistakes has told them already.

    A build that failed is an editor's affair: it does not stay as a failed unit that somebody would be called for.
    """
    result = _systemctl("show", "--property=Result", "--value", name).strip()
    _systemctl("reset-failed", name)
    return f"{REASONS.get(result, '')} The site is as it was.".strip()


def _systemctl(*words: str) -> str:
    return subprocess.run(["systemctl", *words], check=False, capture_output=True, text=True).stdout


def plain(line: bytes) -> str:
    """A line that cannot speak to the terminal it is shown on."""
    text = line.decode("utf-8", "replace").rstrip("\n")[:LINE_CHARACTERS_MAX]
    return "".join(character if character.isprintable() else "\ufffd" for character in text)
