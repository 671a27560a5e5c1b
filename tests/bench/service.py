"""What the service needs and bears: memory and time to start, its library, its inbox, and a restart that nobody notices.

On several cores the service has one of them and the load another.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec
import stripe
from msgspec import Struct

from deploy.children import listening
from deploy.preview import Preview
from tests.api import process
from tests.api.process import Process
from tests.bench import shop
from tests.bench.load import Plan, Report
from tests.bench.timing import BenchError
from tests.command import environment
from tests.deploy.servers import Site, free_port, previewed_by_nginx, until

RATE_OF_20_MONTHS = 70.0
RESTART_SECONDS = 10
SECRET = "whsec_sandbox"
REST_SECONDS = 3.0
CONNECTIONS = 32


class Sizes(Struct, frozen=True, kw_only=True):
    """The shop, and how often each thing is asked for."""

    accounts: int = shop.ACCOUNTS
    orders: int = shop.ORDERS
    starts: int = 5
    rounds: int = 5
    requests: int = 3_000
    events: int = 3_000


class Figures(Struct, frozen=True, kw_only=True):
    """Medians; `to_bare` is the ratio within one round, `restart_failed` counts what was not answered 200."""

    ready_seconds: float
    rest_kib: int
    library: float
    bare: float
    to_bare: float
    half_load_p99_milliseconds: float
    events: float
    restart_failed: int
    restart_slowest_milliseconds: float


def measure(folder: Path, sizes: Sizes = Sizes()) -> Figures:  # noqa: B008 (frozen)
    """Raises BenchError when anything is answered otherwise than it must be."""
    (folder / "site").mkdir(parents=True)
    (folder / "site/catalog.json").write_text(json.dumps(shop.catalog()))
    tokens = shop.fill(folder / "data/shop.sqlite", accounts=sizes.accounts, orders=sizes.orders)
    requests = [_get("/api/library", cookie=f"__Host-session={token}") for token in tokens]
    ready = statistics.median(_start_once(folder) for _ in range(sizes.starts))
    with running(folder) as service:
        time.sleep(REST_SECONDS)
        rest_kib = _memory_kib(service.child.pid)
        rates = _library_and_bare(service, requests, folder=folder, sizes=sizes)
        library, bare = (statistics.median(column) for column in zip(*rates, strict=True))
        half = load(service.port, requests, count=sizes.requests, per_second=library / 2)
        events = _inbox(service, count=sizes.events)
    restart = _restart(folder, requests)
    return Figures(
        ready_seconds=ready,
        rest_kib=rest_kib,
        library=library,
        bare=bare,
        to_bare=statistics.median(ours / other for ours, other in rates),
        half_load_p99_milliseconds=half.percentile(0.99),
        events=events,
        restart_failed=len(restart.failed) + sum(n for status, n in restart.statuses.items() if status != 200),
        restart_slowest_milliseconds=max(restart.milliseconds),
    )


def _start_once(folder: Path) -> float:
    """Seconds from the start of the process to its first 'ready'."""
    with listening() as listener:
        began = time.perf_counter()
        service = process.start(listener, process.settings_of(folder), said=folder / "said.txt")
        try:
            if (answer := service.ask("/readyz")).status != 200:
                raise BenchError(f"not ready: {answer.body.decode()}")
            return time.perf_counter() - began
        finally:
            service.end()


@contextmanager
def running(folder: Path) -> Iterator[Process]:
    with listening() as listener, _on_core(_cores()[0]):
        service = process.start(listener, process.settings_of(folder), said=folder / "said.txt")
    try:
        until(lambda: process.answers(service))
        yield service
    finally:
        service.end()


def _library_and_bare(
    service: Process, requests: Sequence[str], *, folder: Path, sizes: Sizes
) -> list[tuple[float, float]]:
    """Requests per second of each, in turns; the first round only warms."""
    (folder / "answer.json").write_bytes(service.ask("/api/library", Cookie="__Host-session=token-1").body)
    with _bare(folder / "answer.json") as bare:
        rounds = [
            (
                rate(load(service.port, requests, count=sizes.requests)),
                rate(load(bare.port, [_get("/")], count=sizes.requests)),
            )
            for _ in range(1 + sizes.rounds)
        ]
    return rounds[1:]


@contextmanager
def _bare(answer: Path) -> Iterator[Site]:
    with listening() as listener, _on_core(_cores()[0]):
        fd, port = listener.fileno(), listener.getsockname()[1]
        command = [sys.executable, "-m", "tests.bench.bare", str(fd), str(answer)]
        child = subprocess.Popen(command, env=environment(), pass_fds=[fd])
    try:
        yield Site(port)
    finally:
        child.terminate()
        child.wait()


def _inbox(service: Process, *, count: int) -> float:
    """Events taken a second, each signed, new and on disk before it is answered."""
    report = load(service.port, [_event(number) for number in range(count)], count=count)
    return rate(report)


def _restart(folder: Path, requests: Sequence[str]) -> Report:
    """As systemd does it: the old process ends, then the new one starts on the socket that was never closed."""
    with listening() as listener:
        site = _preview(folder, service_port=listener.getsockname()[1])
        old = process.start(listener, process.settings_of(folder), said=folder / "said.txt")
        until(lambda: process.answers(old))
        with previewed_by_nginx(site) as nginx:
            count = int(RATE_OF_20_MONTHS * RESTART_SECONDS)
            loading = _begin_load(nginx.port, requests, count=count, per_second=RATE_OF_20_MONTHS)
            time.sleep(RESTART_SECONDS / 3)
            old.end()
            new = process.start(listener, process.settings_of(folder), said=folder / "said.txt")
            report = _ended(loading)
        new.end()
    return report


def _preview(folder: Path, *, service_port: int) -> Preview:
    (folder / "site.toml").write_text("")
    url, service = "http://localhost:8000", f"127.0.0.1:{service_port}"
    output = folder / "site"
    return Preview(content=folder, output=output, state=folder / "nginx", port=free_port(), url=url, service=service)


def _get(path: str, *, cookie: str = "") -> str:
    line = f"Cookie: {cookie}\r\n" if cookie else ""
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{line}\r\n"


def _event(number: int) -> str:
    """A type that nobody asked for: it is kept and answered, and nothing is done about it."""
    made = {
        "id": f"evt_{number}",
        "object": "event",
        "type": "charge.updated",
        "livemode": False,
        "created": 1_767_600_000,
    }
    body = json.dumps(
        {
            **made,
            "api_version": "2026-01-01",
            "data": {"object": {"id": "ch_1", "object": "charge", "filler": "x" * 2_500}},
        }
    )
    signature = stripe.WebhookSignature.generate_signature_header(body, SECRET, timestamp=int(time.time()))
    head = f"POST /api/stripe/events HTTP/1.1\r\nHost: localhost\r\nStripe-Signature: {signature}\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n{body}"


def load(
    port: int, requests: Sequence[str], *, count: int, per_second: float | None = None, connections: int = CONNECTIONS
) -> Report:
    """Raises BenchError unless all are answered with 200."""
    report = _ended(_begin_load(port, requests, count=count, per_second=per_second, connections=connections))
    if report.failed or set(report.statuses) != {200}:
        raise BenchError(f"not all were answered: {report.statuses} {report.failed[:3]}")
    return report


def _begin_load(
    port: int, requests: Sequence[str], *, count: int, per_second: float | None, connections: int = CONNECTIONS
) -> subprocess.Popen[bytes]:
    plan = Plan(port=port, requests=list(requests), count=count, connections=connections, rate=per_second)
    with _on_core(_cores()[-1]):
        command = [sys.executable, "-m", "tests.bench.load"]
        child = subprocess.Popen(command, env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert child.stdin
    child.stdin.write(msgspec.json.encode(plan))
    child.stdin.close()
    return child


def _ended(child: subprocess.Popen[bytes]) -> Report:
    assert child.stdout
    with child:
        return msgspec.json.decode(child.stdout.read(), type=Report)


def rate(report: Report) -> float:
    return len(report.milliseconds) / report.seconds


def _memory_kib(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))


def _cores() -> list[int]:
    return sorted(os.sched_getaffinity(0))


@contextmanager
def _on_core(core: int) -> Iterator[None]:
    """Whatever is started within stays on that core."""
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)
