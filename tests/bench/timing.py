"""Times whole commands, in turn and after a rest, and takes the median; knows nothing of what they do."""

import os
import signal
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
        watched = [sys.executable, "-I", "-S", str(STOPWATCH), str(result), *command]
        code, said = _run(watched, env=env, cwd=self.folder)
        if code:
            raise BenchError(f"{' '.join(command)}\n{said[-WORDS_OF_FAILURE_MAX:]}")
        return msgspec.json.decode(result.read_bytes(), type=Took)

    def median(self, command: list[str], *, env: Mapping[str, str], prepare: Callable[[int], object]) -> Took:
        """`prepare(n)` is called before the nth run, outside of its time; so is the rest while the disk is written."""
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


def put_aside(path: Path, n: int) -> None:
    """Out of the way of the nth run, and left there: for minutes after a removal ext4 is slow to make files in that place."""
    if path.exists():
        path.rename(path.with_name(f"{path.name}.{n}"))


def _run(command: list[str], *, env: Mapping[str, str], cwd: Path) -> tuple[int, str]:
    """Exit code and words. Whatever ends the wait, nothing that was started goes on."""
    with subprocess.Popen(
        command,
        env=dict(env),
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            said, _ = process.communicate(timeout=COMMAND_SECONDS_MAX)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise
    return process.returncode, said
