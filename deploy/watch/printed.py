"""Figures as text for people. Knows no file and no command."""

from collections.abc import Iterator, Sequence

from deploy.watch.budget import TARGET, Budget
from deploy.watch.stats import Stats, Traffic

UNITS = ("B", "kB", "MB", "GB", "TB", "PB")


def size(count: float) -> str:
    """
    >>> size(15_200_000_000_000)
    '15.2 TB'
    >>> size(999)
    '999 B'
    """
    step = 0
    while count >= 1000 and step < len(UNITS) - 1:
        count, step = count / 1000, step + 1
    return f"{count:.1f} {UNITS[step]}" if step else f"{count:.0f} B"


def budget(found: Budget) -> str:
    bad = found.failed + found.late
    lines = [
        f"{found.month} so far: {found.requests:,} requests, {bad:,} bad ({found.failed:,} failed, {found.late:,} late)",
        f"availability {found.availability:.4%}, to reach {TARGET:.2%}; {found.spent:.0%} of the month's budget of"
        f" about {found.allowed:,} is spent",
        "",
        "spent how many times too fast (1 would just last the month):",
    ]
    lines += [
        f"  {burn.name:<8} {burn.long:>8.2f} lately {burn.short:>8.2f}  {'ALARM' if burn.is_alarming else 'ok'}"
        for burn in found.burns
    ]
    return "\n".join(lines)


def stats(found: Stats) -> str:
    peak_bytes, peak_requests = found.busiest_minute
    total = found.total
    lines = [
        f"since {found.since}: {total.requests:,} requests, {size(total.bytes)};"
        f" the busiest minute {peak_requests / 60:.1f} requests/s, {peak_bytes * 8 / 60 / 1e6:.1f} Mbit/s",
        f"{found.downloads:,} downloads (IAB 2.2: a minute of audio, once a listener and day; whole days only)",
        *_ranking("downloads by episode", found.by_episode),
        *_ranking("downloads by app", found.by_app),
        *_ranking("downloads by day", found.by_day),
        *_ranking("pages and feeds", found.pages),
        *_table("what was asked for", found.kinds),
        *_table("who asked", found.clients),
    ]
    if found.unreadable:
        lines += ["", f"{found.unreadable:,} lines of the log could not be read."]
    return "\n".join(lines)


def _ranking(title: str, rows: Sequence[tuple[str, int]]) -> Iterator[str]:
    if rows:
        yield from ("", title)
        yield from (f"  {count:>9,}  {name}" for name, count in rows)


def _table(title: str, rows: Sequence[Traffic]) -> Iterator[str]:
    if not rows:
        return
    yield from ("", f"{title:<20}{'requests':>11}{'bytes':>11}{'304':>7}{'refused':>9}{'would be':>10}{'slowed':>8}")
    for row in rows:
        share = f"{row.not_modified / row.requests:.0%}" if row.requests else ""
        yield (
            f"  {row.name:<18}{row.requests:>11,}{size(row.bytes):>11}{share:>7}"
            f"{row.refused:>9,}{row.would_refuse:>10,}{row.slowed:>8,}"
        )
