"""Commands that are still running, for tests of locks and of sudden ends."""

import subprocess
import time
from pathlib import Path

from tests.command import command, environment
from tests.generator.project import Project

PATIENCE_SECONDS = 30


def start(project: Project, *args: str) -> subprocess.Popen[str]:
    """`longwave ARGS` in the project's folder, in a process group of its own."""
    pipe = subprocess.PIPE
    return subprocess.Popen(
        command(*args),
        cwd=project.root,
        env=environment(),
        stdout=pipe,
        stderr=pipe,
        text=True,
        start_new_session=True,
    )


def wait_for(path: Path) -> None:
    """Returns as soon as `path` exists."""
    until = time.monotonic() + PATIENCE_SECONDS
    while not path.exists():
        assert time.monotonic() < until, f"{path} never came"
        time.sleep(0.001)
