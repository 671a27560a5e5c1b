"""Times whole commands, in turn and after a rest, and takes the median; knows nothing of what they do."""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec
from msgspec import Struct

STOPWATCH = Path(__file__).with_name("stopwatch.py")
PAUSE_SECONDS = 2.0
COMMAND_SECONDS_MAX = 900
WORDS_OF_FAILURE_MAX = 2_000


class BenchError(Exception):
    """What was to be measured did not run; the message holds its own words."""


class Took(Struct, frozen=True, kw_only=True):
    """One run: seconds by the wall, processor seconds of all its processes, and the peak size of the largest in KiB."""

    seconds: float
    cpu_seconds: float
    peak_kib: int


class Timer(Struct, frozen=True):
    """`folder` is for small notes; each measurement is made `runs` times."""

    folder: Path
    runs: int = 3
    pause_seconds: float = PAUSE_SECONDS

    def once(self, command: list[str], *, env: Mapping[str, str]) -> Took:
        """Raises BenchError when the command fails."""
        result = self.folder / "took.json"
        done = subprocess.run(
            [sys.executable, "-I", "-S", str(STOPWATCH), str(result), *command],
            env=dict(env),
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=COMMAND_SECONDS_MAX,
            stdin=subprocess.DEVNULL,
        )
        if done.returncode:
            raise BenchError(f"{' '.join(command)}\n{(done.stdout + done.stderr)[-WORDS_OF_FAILURE_MAX:]}")
        return msgspec.json.decode(result.read_bytes(), type=Took)

    def median(self, command: list[str], *, env: Mapping[str, str], prepare: Callable[[int], None]) -> Took:
        """`prepare(n)` is called before the nth run, outside of the time; so is the rest in which the disk is written."""
        runs = []
        for n in range(self.runs):
            prepare(n)
            os.sync()
            time.sleep(self.pause_seconds)
            runs.append(self.once(command, env=env))
        return Took(
            seconds=statistics.median(run.seconds for run in runs),
            cpu_seconds=statistics.median(run.cpu_seconds for run in runs),
            peak_kib=max(run.peak_kib for run in runs),
        )
