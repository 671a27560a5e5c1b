"""Asks a site at a constant rate, as readers, podcast apps and phones do, and says how every request went. Run as a program.

A request is sent when its moment has come, whether or not the ones before are answered. As every browser does, and HTTP wants it
(RFC 9112, 9.3.1), it is sent again when a connection that was kept turns out to be closed before a byte came back.
"""

import argparse
import asyncio
import itertools
import json
import ssl
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

SECONDS_MAX = 30
KEPT_MAX = 24
AGENT = "Mozilla/5.0 (X11; Linux x86_64) LongwaveLoad/1"


@dataclass(frozen=True)
class Target:
    """`fine` are the statuses that count as an answer."""

    kind: str
    path: str
    weight: int
    fine: tuple[int, ...] = (200,)
    headers: tuple[tuple[str, str], ...] = ()


@dataclass
class Seen:
    """What happened, by kind of request: 'fine', a status, or an error's name."""

    results: dict[str, Counter[str]] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)
    slowest: dict[str, float] = field(default_factory=dict)
    bytes: int = 0

    def add(self, kind: str, result: str, seconds: float, size: int) -> None:
        self.results.setdefault(kind, Counter())[result] += 1
        self.seconds.append(seconds)
        self.slowest[kind] = max(self.slowest.get(kind, 0.0), seconds)
        self.bytes += size


@dataclass
class Connection:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter


class Load:
    def __init__(self, host: str, address: str, targets: list[Target]) -> None:
        self._host, self._address = host, address
        self._turns = itertools.cycle(_mixed(targets))
        self._kept: list[Connection] = []
        self._trust = ssl.create_default_context()
        self._trust.check_hostname = False
        self._trust.verify_mode = ssl.CERT_NONE
        self.seen = Seen()

    async def run(self, *, per_second: float, end: Path, seconds: float) -> None:
        """Until the file `end` is there, or the time is over."""
        begun, tasks = time.monotonic(), set[asyncio.Task[None]]()
        for number in itertools.count():
            due = begun + number / per_second
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            if time.monotonic() - begun > seconds or (number % 20 == 0 and end.exists()):
                break
            task = asyncio.create_task(self._one(next(self._turns)))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
        await asyncio.gather(*tasks)

    async def _one(self, target: Target) -> None:
        begun = time.monotonic()
        try:
            status, size = await asyncio.wait_for(self._asked(target), SECONDS_MAX)
            result = "fine" if status in target.fine else str(status)
        except (OSError, asyncio.IncompleteReadError, TimeoutError, ValueError) as error:
            result, size = type(error).__name__, 0
        self.seen.add(target.kind, result, time.monotonic() - begun, size)

    async def _asked(self, target: Target) -> tuple[int, int]:
        while self._kept:
            connection = self._kept.pop()
            if connection.reader.at_eof():
                connection.writer.close()
                continue
            try:
                return await self._exchange(connection, target)
            except (ConnectionError, asyncio.IncompleteReadError) as error:
                if getattr(error, "partial", b""):
                    raise
        return await self._exchange(await self._connected(), target)

    async def _connected(self) -> Connection:
        return Connection(
            *await asyncio.open_connection(self._address, 443, ssl=self._trust, server_hostname=self._host)
        )

    async def _exchange(self, connection: Connection, target: Target) -> tuple[int, int]:
        headers = "".join(f"{name}: {value}\r\n" for name, value in target.headers)
        request = f"GET {target.path} HTTP/1.1\r\nHost: {self._host}\r\nUser-Agent: {AGENT}\r\n{headers}\r\n"
        connection.writer.write(request.encode())
        await connection.writer.drain()
        head = (await connection.reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        status = int(head.split(" ", 2)[1])
        size = 0 if status in (204, 304) else await self._body(connection.reader, head)
        if "connection: close" not in head and len(self._kept) < KEPT_MAX:
            self._kept.append(connection)
        else:
            connection.writer.close()
        return status, size

    async def _body(self, reader: asyncio.StreamReader, head: str) -> int:
        length = next((line[15:] for line in head.split("\r\n") if line.startswith("content-length:")), None)
        if length is not None:
            return len(await reader.readexactly(int(length)))
        size = 0
        while chunk := int((await reader.readline()).strip() or b"0", 16):
            size += len(await reader.readexactly(chunk + 2)) - 2
        await reader.readline()
        return size


def _mixed(targets: list[Target]) -> list[Target]:
    """Each as often as it weighs, spread evenly."""
    places = ((number / target.weight, target) for target in targets for number in range(target.weight))
    return [target for _, target in sorted(places, key=lambda place: place[0])]


def report(seen: Seen, *, seconds: float) -> dict[str, object]:
    ordered = sorted(seen.seconds) or [0.0]
    return {
        "requests": len(seen.seconds),
        "per_second": round(len(seen.seconds) / seconds, 1),
        "megabits_per_second": round(seen.bytes * 8 / seconds / 1e6, 1),
        "milliseconds_50": round(ordered[len(ordered) // 2] * 1000, 1),
        "milliseconds_99": round(ordered[len(ordered) * 99 // 100] * 1000, 1),
        "slowest_milliseconds": {kind: round(value * 1000, 1) for kind, value in seen.slowest.items()},
        "results": {kind: dict(results) for kind, results in seen.results.items()},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="Ask a site at a constant rate and print how it went, as JSON.")
    parser.add_argument("plan", type=Path, help='JSON: {"host", "address", "targets": [{"kind", "path", "weight", …}]}')
    parser.add_argument("--per-second", type=float, default=100)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--end", type=Path, required=True, help="ends when this file is there")
    chosen = parser.parse_args()
    plan = json.loads(chosen.plan.read_text())
    targets = [
        Target(
            each["kind"],
            each["path"],
            each["weight"],
            tuple(each.get("fine", (200,))),
            tuple(map(tuple, each.get("headers", ()))),
        )
        for each in plan["targets"]
    ]
    load = Load(plan["host"], plan["address"], targets)
    begun = time.monotonic()
    asyncio.run(load.run(per_second=chosen.per_second, end=chosen.end, seconds=chosen.seconds))
    json.dump(report(load.seen, seconds=time.monotonic() - begun), sys.stdout, indent=1)


if __name__ == "__main__":
    main()
