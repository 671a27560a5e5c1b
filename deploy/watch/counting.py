"""Turns requests into counts: by minute, by day and kind and client, by page, by listener. Keeps nothing.

A request is good when it was not answered 5xx and, where the service was asked, in time. What it takes to carry a file away is
the reader's line, not our service, so nothing else is timed here; deploy/watch/outside.py times pages and feeds.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from msgspec import Struct, field

from deploy.watch.access_log import Request

LATE_SECONDS = 2.0
GAVE_UP = 499  # nginx's own: the client went away
FOUND = range(200, 305)
NOT_LISTENERS = frozenset({"ai", "search", "crawler", "tool", "checker", "directory", "nameless"})
REFUSED, WOULD_REFUSE = "REJECTED", "REJECTED_DRY_RUN"
Kind = tuple[str, str, str]
"""Day, kind of address, class of client."""


class Sums(Struct):
    requests: int = 0
    bytes: int = 0
    failed: int = 0
    late: int = 0
    not_modified: int = 0
    refused: int = 0
    would_refuse: int = 0
    slowed: int = 0

    def add(self, request: Request) -> None:
        verdicts = (request.limit, request.connections)
        self.requests += 1
        self.bytes += request.bytes
        self.failed += is_failed(request)
        self.late += is_late(request)
        self.not_modified += request.status == 304
        self.refused += REFUSED in verdicts
        self.would_refuse += WOULD_REFUSE in verdicts
        self.slowed += is_for_slowing(request)


class Counts(Struct):
    """`minutes` by seconds since 1970; `pages` by day and path; `listened`: bytes by day, path, listener and app."""

    minutes: dict[int, Sums] = field(default_factory=dict)
    kinds: dict[Kind, Sums] = field(default_factory=dict)
    pages: Counter[tuple[str, str]] = field(default_factory=Counter)
    listened: Counter[tuple[str, str, bytes, str]] = field(default_factory=Counter)
    unreadable: int = 0


def count(requests: Iterable[Request], *, salt_of: Callable[[str], bytes]) -> Counts:
    """`salt_of` gives each day's own secret salt: with it gone, nobody can tell who a listener was."""
    counts = Counts()
    for request in requests:
        day = datetime.fromtimestamp(request.time, UTC).date().isoformat()
        counts.minutes.setdefault(int(request.time) // 60 * 60, Sums()).add(request)
        counts.kinds.setdefault((day, request.kind, request.client), Sums()).add(request)
        if request.kind in {"page", "feed"} and request.status in FOUND:
            counts.pages[day, request.path] += 1
        if is_listening(request):
            listener = _listener(request, salt_of(day))
            counts.listened[day, request.path, listener, app(request)] += request.bytes
    return counts


def is_failed(request: Request) -> bool:
    return request.status >= 500


def is_late(request: Request) -> bool:
    """Only where the service was asked; a client that gave up waiting for it counts too."""
    if request.service:
        return sum(_seconds(part) for part in request.service.replace(",", ":").split(":")) > LATE_SECONDS
    return request.status == GAVE_UP and request.kind == "other" and request.seconds > LATE_SECONDS


def is_for_slowing(request: Request) -> bool:
    """It went, or would have gone, faster than fair use allows, as far as its own line let it."""
    rate, after = int(request.rate or 0), int(request.after or 0)
    return bool(rate) and request.bytes > after + rate and request.kind in {"media", "private"}


def is_listening(request: Request) -> bool:
    """IAB podcast measurement 2.2: a GET that brought bytes of audio, asked for by no robot."""
    carried = request.method == "GET" and request.status in {200, 206} and request.bytes > 0
    return carried and request.kind == "media" and request.client not in NOT_LISTENERS and bool(request.address)


def app(request: Request) -> str:
    """Whatever names the program in its agent, without version and machine: 'AntennaPod'.

    >>> app(Request(time=0, method="GET", path="/", status=200, bytes=1, seconds=0, client="app", agent="Overcast/3.0 (+x)"))
    'Overcast'
    """
    if request.client == "browser":
        return "browser"
    said = request.agent.split("/")[0].split("(")[0].strip()[:40]
    name = "".join(letter for letter in said if letter.isprintable())  # it is shown on somebody's terminal
    return {"AppleCoreMedia": "Apple Podcasts", "Podcasts": "Apple Podcasts"}.get(name, name) or "unknown"


def _listener(request: Request, salt: bytes) -> bytes:
    return hashlib.blake2b(f"{request.address} {request.agent}".encode(), key=salt, digest_size=8).digest()


def _seconds(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
