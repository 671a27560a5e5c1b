"""`python -m tests.bench.load`: sends requests as they are given, and says how long each took; knows nothing of what they ask.

Reads one JSON plan from its input and writes one JSON report. A process of its own, so that it can have a core of its own.
With a rate, requests begin on time whether or not earlier ones are answered, and time counts from when each was to begin.
"""

import asyncio
import sys
import time
from collections.abc import Iterator
from itertools import cycle, islice

import msgspec
from msgspec import Struct

TIMEOUT_SECONDS = 30


class Plan(Struct, kw_only=True):
    """`requests` are whole HTTP/1.1 requests, sent in turn until `count` are sent, by `rate` a second or as fast as answered."""

    port: int
    requests: list[str]
    count: int
    connections: int = 32
    rate: float | None = None


class Report(Struct, kw_only=True):
    seconds: float
    milliseconds: list[float]
    statuses: dict[int, int]
    failed: list[str]

    def percentile(self, share: float) -> float:
        ordered = sorted(self.milliseconds)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


class Connection:
    """One that is kept, and made anew when the other side has closed it between two requests."""

    def __init__(self, port: int, number: int) -> None:
        self._port = port
        self._own = (f"127.0.1.{number + 1}", 0)  # each is another client to nginx's limits
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, request: bytes) -> int:
        """The status. Raises OSError, EOFError or TimeoutError when there is no whole answer."""
        async with asyncio.timeout(TIMEOUT_SECONDS):
            if self._streams is None:
                self._streams = await asyncio.open_connection("127.0.0.1", self._port, local_addr=self._own)
            reader, writer = self._streams
            try:
                writer.write(request)
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                await reader.readexactly(int(head.split(b"content-length: ")[1].split(b"\r\n")[0]))
            except BaseException:
                self._close()
                raise
            if b"connection: close" in head:
                self._close()
            return int(head.split(b" ", 2)[1])

    def _close(self) -> None:
        if self._streams:
            self._streams[1].close()
        self._streams = None


async def run(plan: Plan) -> Report:
    report = Report(seconds=0.0, milliseconds=[], statuses={}, failed=[])
    began = time.perf_counter()
    todo = _timed(plan, began)
    workers = (_work(Connection(plan.port, number), todo, report) for number in range(plan.connections))
    await asyncio.gather(*workers)
    report.seconds = time.perf_counter() - began
    return report


def _timed(plan: Plan, began: float) -> Iterator[tuple[bytes, float | None]]:
    requests = islice(cycle([request.encode() for request in plan.requests]), plan.count)
    for number, request in enumerate(requests):
        yield request, (began + number / plan.rate if plan.rate else None)


async def _work(connection: Connection, todo: Iterator[tuple[bytes, float | None]], report: Report) -> None:
    for request, due in todo:
        if due is not None:
            await asyncio.sleep(due - time.perf_counter())
        began = due or time.perf_counter()
        try:
            status = await connection.ask(request)
        except (OSError, EOFError, TimeoutError) as error:
            report.failed.append(repr(error))
        else:
            report.milliseconds.append((time.perf_counter() - began) * 1000)
            report.statuses[status] = report.statuses.get(status, 0) + 1


def main() -> None:
    plan = msgspec.json.decode(sys.stdin.buffer.read(), type=Plan)
    sys.stdout.buffer.write(msgspec.json.encode(asyncio.run(run(plan))))


if __name__ == "__main__":
    main()
