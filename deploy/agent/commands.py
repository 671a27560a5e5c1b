"""Runs commands of the server and tells what they said when they failed. Standard library only."""

import os
import subprocess
from typing import Any

Resource = dict[str, Any]
LAST_LINES = 8


class Failed(Exception):
    """Something on the server did not work; the message says what, in the server's own words."""


def run(words: list[str] | tuple[str, ...]) -> str:
    """What it said. Raises Failed with its last words."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8", "NEEDRESTART_SUSPEND": "1"}
    try:
        done = subprocess.run(
            words, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
    except OSError as error:
        raise Failed(f"{words[0]}: {error.strerror}") from error
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip()).splitlines()[-LAST_LINES:]
        raise Failed(f"`{' '.join(words)}` failed ({done.returncode}): " + "\n".join(last))
    return done.stdout


def outcome(words: list[str], content: bytes) -> dict[str, Any]:
    """A command's words out and its exit code, whatever it is."""
    done = subprocess.run(words, input=content, capture_output=True, check=False)
    return {
        "code": done.returncode,
        "out": done.stdout.decode(errors="replace"),
        "err": done.stderr.decode(errors="replace"),
    }
