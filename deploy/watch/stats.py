"""What the figures say of some days: downloads, pages, feeds, bytes, and whom fair use met. Prints nothing and counts nothing."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from msgspec import Struct

from deploy.watch.counting import Sums
from deploy.watch.figures import Figures

TOP = 10


class Traffic(Struct, frozen=True, kw_only=True):
    """`requests` and `bytes` of one kind of address or one class of client."""

    name: str
    requests: int
    bytes: int
    not_modified: int
    refused: int
    would_refuse: int
    slowed: int


class Stats(Struct, frozen=True, kw_only=True):
    """`downloads` end with the last whole day; everything else is up to the minute. `busiest_minute`: bytes, requests."""

    since: str
    downloads: int
    by_day: list[tuple[str, int]]
    by_episode: list[tuple[str, int]]
    by_app: list[tuple[str, int]]
    pages: list[tuple[str, int]]
    kinds: list[Traffic]
    clients: list[Traffic]
    total: Sums
    busiest_minute: tuple[int, int]
    unreadable: int


def of(figures: Figures, *, days: int, now: datetime, top: int = TOP) -> Stats:
    since = (now - timedelta(days=days - 1)).date()
    begin = datetime(since.year, since.month, since.day, tzinfo=UTC)
    end = now + timedelta(minutes=1)
    by_kind = figures.by_kind(since)
    by_day = figures.downloads(since, by="day", limit=days)
    return Stats(
        since=str(since),
        downloads=sum(count for _, count in by_day),
        by_day=by_day,
        by_episode=figures.downloads(since, by="path", limit=top),
        by_app=figures.downloads(since, by="app", limit=top),
        pages=figures.pages(since, limit=top),
        kinds=_traffic((kind, sums) for (kind, _), sums in by_kind.items()),
        clients=_traffic((client, sums) for (_, client), sums in by_kind.items()),
        total=_added(by_kind.values()),
        busiest_minute=figures.busiest_minute(begin, end),
        unreadable=figures.unreadable(),
    )


def _traffic(named: Iterable[tuple[str, Sums]]) -> list[Traffic]:
    groups: dict[str, list[Sums]] = {}
    for name, sums in named:
        groups.setdefault(name or "unknown", []).append(sums)
    found = [_one(name, _added(group)) for name, group in groups.items()]
    return sorted(found, key=lambda traffic: (-traffic.bytes, traffic.name))


def _one(name: str, sums: Sums) -> Traffic:
    return Traffic(
        name=name,
        requests=sums.requests,
        bytes=sums.bytes,
        not_modified=sums.not_modified,
        refused=sums.refused,
        would_refuse=sums.would_refuse,
        slowed=sums.slowed,
    )


def _added(many: Iterable[Sums]) -> Sums:
    total = Sums()
    for sums in many:
        for name in Sums.__struct_fields__:
            setattr(total, name, getattr(total, name) + getattr(sums, name))
    return total
