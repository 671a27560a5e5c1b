"""What podcast sync bears: pushes and pulls of one phone, fifty phones at once, a new phone, and many accounts in one file."""

import json
import time
from pathlib import Path

from msgspec import Struct

from tests.api.process import Process
from tests.bench import listeners
from tests.bench.listeners import App, pull, push
from tests.bench.service import load, rate, running
from tests.bench.timing import BenchError

CLIENTS = 50
LATE = 4_000_000_000  # later than any stamp: what is new since this client was last told


class Sizes(Struct, frozen=True, kw_only=True):
    """`stored` actions of each account before anything is measured, `behind` those of the one with a new phone."""

    stored: int = 5_000
    behind: int = 20_000
    pushes: int = 1_500
    pulls: int = 5_000
    rounds: int = 20  # of each of the fifty
    accounts: tuple[int, ...] = (1_000, 10_000)
    actions: int = 2_000


class Many(Struct, frozen=True):
    """A file of so many accounts: its bytes, and 95 of 100 pushes and pulls of fifty of them take no longer."""

    accounts: int
    bytes: int
    p95_milliseconds: float


class Figures(Struct, frozen=True, kw_only=True):
    """Per second of one client; milliseconds that 95 of 100 take no longer than, with fifty clients at once.

    `both`: what those fifty have answered a second when each asks again at once; `steady_…`: when all together ask half as often.
    """

    pushes: float
    empty_pulls: float
    p95_milliseconds: float
    both: float
    steady_p95_milliseconds: float
    restore_milliseconds: float
    restored: int
    many: tuple[Many, ...]


def measure(folder: Path, sizes: Sizes = Sizes()) -> Figures:  # noqa: B008 (frozen)
    """Raises BenchError when anything is answered otherwise than it must be."""
    apps = _filled(folder / "listeners", accounts=CLIENTS, actions=sizes.stored)
    with running(folder / "listeners") as service:
        p95, both = _all_at_once(service, apps, rounds=sizes.rounds)
        steady_p95, _ = _all_at_once(service, apps, rounds=sizes.rounds, after=sizes.rounds, per_second=both / 2)
        one = [push(apps[0], 1_000 + number) for number in range(sizes.pushes)]
        pushes = rate(load(service.port, one, count=len(one), connections=1))
        nothing = [pull(apps[1], since=LATE + number) for number in range(sizes.pulls)]
        load(service.port, nothing[:1], count=1, connections=1)  # is told what there was
        empty_pulls = rate(load(service.port, nothing[1:], count=len(nothing) - 1, connections=1))
    restore_milliseconds, restored = _restored(folder / "restored", actions=sizes.behind)
    return Figures(
        pushes=pushes,
        empty_pulls=empty_pulls,
        p95_milliseconds=p95,
        both=both,
        steady_p95_milliseconds=steady_p95,
        restore_milliseconds=restore_milliseconds,
        restored=restored,
        many=tuple(_many(folder / f"many-{count}", count, sizes) for count in sizes.accounts),
    )


def _filled(folder: Path, *, accounts: int, actions: int) -> list[App]:
    for part in ("site", "data"):
        (folder / part).mkdir(parents=True)
    (folder / "site/catalog.json").write_text('{"version": 1, "site": "https://shop.example", "courses": []}')
    return listeners.fill(folder / "data", accounts=accounts, actions=actions, apps=min(CLIENTS, accounts))


def _all_at_once(
    service: Process, apps: list[App], *, rounds: int, after: int = 0, per_second: float | None = None
) -> tuple[float, float]:
    """Fifty phones, each pushing thirty actions and pulling what is new, as fast as they are answered or so many a second.

    `after` so many rounds that were before. The time that 95 of 100 take no longer than, and answers a second.
    """
    requests = [
        request
        for number in range(after, after + rounds)
        for app in apps
        for request in (push(app, number), pull(app, since=LATE + number))
    ]
    report = load(service.port, requests, count=len(requests), per_second=per_second, connections=len(apps))
    return report.percentile(0.95), rate(report)


def _restored(folder: Path, *, actions: int) -> tuple[float, int]:
    """A new phone asks for everything; the best of five, as one is all there is to measure."""
    [app] = _filled(folder, accounts=1, actions=actions)
    took, rows = [], set()
    with running(folder) as service:
        for _ in range(5):
            began = time.perf_counter()
            answer = service.ask(f"/api/2/episodes/{app.user_name}.json?since=0", Authorization=app.authorization)
            took.append((time.perf_counter() - began) * 1000)
            rows.add(len(json.loads(answer.body)["actions"]))
    if rows != {listeners.EPISODES}:
        raise BenchError(f"a new phone was told of {rows} episodes")
    return min(took), rows.pop()


def _many(folder: Path, accounts: int, sizes: Sizes) -> Many:
    apps = _filled(folder, accounts=accounts, actions=sizes.actions)
    with running(folder) as service:
        p95, _ = _all_at_once(service, apps, rounds=sizes.rounds)
    return Many(accounts, (folder / "data/sync.sqlite").stat().st_size, p95)
