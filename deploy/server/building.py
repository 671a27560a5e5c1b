"""Builds what was sent, in the sandbox of longwave-build.service: templates are half a program, and run here.

It knows the two folders it may write, and the generator as a command. Nothing that it leaves behind is believed by anybody.
"""

import os
import subprocess
import sys
import time
from typing import IO

from deploy.server import content_places as places
from deploy.server import locks
from deploy.server.unpacking import unpack

EDITORS = frozenset({"content", "theme"})
MEMORY = ".longwave"
PREPARED = places.ARTEFACT / MEMORY / "prepared.json"
HOLLOW = '{"media": []}'


def build_source(stream: IO[bytes], *, url: str) -> int:
    """Unpacks a tar of content/ and theme/ and prepares it; gives the exit code. What is written is JSON for the publisher."""
    unpack(stream, places.TREE, tops=EDITORS, now=int(time.time()), spared=frozenset({MEMORY}))
    locks.lay_over(places.TREE / "content", places.ACCEPTED)
    command = [sys.executable, "-I", "-m", "generator.cli", "prepare", "--json", "--output", str(places.OUTPUT)]
    command += ["--url", url] if url else []
    return subprocess.run(command, cwd=places.TREE, check=False, env=_environment()).returncode


def build_artefact(stream: IO[bytes], *, url: str) -> int:  # noqa: ARG001 (it was built for its address)
    """Unpacks a finished output with what `longwave prepare` said of it. What it is worth, the publisher finds out."""
    unpack(stream, places.ARTEFACT, tops=None, now=int(time.time()), spared=frozenset())
    print(PREPARED.read_text(encoding="utf-8") if PREPARED.is_file() else HOLLOW)
    return 0


def _environment() -> dict[str, str]:
    """Only what a build needs: no setting of the unit or of a shell has a say in what is published."""
    return {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", "HOME": str(places.BUILD)}
