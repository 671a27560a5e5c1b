"""Runs `longwave` as a person would, in a process of its own; it knows the command line, not what is behind it."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SECONDS_MAX = 120


def command(*args: str | Path) -> list[str]:
    return [sys.executable, "-m", "generator.cli", *map(str, args)]


def environment(changes: Mapping[str, str] | None = None) -> dict[str, str]:
    """This process's environment with the checkout importable, plain output, and the changes of a test."""
    return {**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1", **(changes or {})}


def longwave(
    *args: str | Path, cwd: Path = ROOT, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """`longwave ARGS` in the folder `cwd`; output is text, the exit code is for the caller to judge."""
    return subprocess.run(
        command(*args),
        cwd=cwd,
        env=environment(env),
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS_MAX,
        stdin=subprocess.DEVNULL,
    )
