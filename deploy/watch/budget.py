"""The month's error budget: how many requests may go wrong, how many did, how fast it is being spent. Pure."""

from collections.abc import Callable
from datetime import datetime, timedelta

from msgspec import Struct

from deploy.watch.counting import Sums

TARGET = 0.9999
FEWEST_BAD = 10  # below this a quiet hour's single failure would look like an outage


class Window(Struct, frozen=True, kw_only=True):
    """Spent `burn` times too fast over both lengths is an alarm: Google's Site Reliability Workbook, chapter 5."""

    name: str
    long: timedelta
    short: timedelta
    burn: float


WINDOWS = (
    Window(name="fast", long=timedelta(hours=1), short=timedelta(minutes=5), burn=14.4),
    Window(name="steady", long=timedelta(hours=6), short=timedelta(minutes=30), burn=6.0),
    Window(name="slow", long=timedelta(days=3), short=timedelta(hours=6), burn=1.0),
)


class Burn(Struct, frozen=True, kw_only=True):
    """How many times too fast the budget is spent. `is_alarming` when both windows say so."""

    name: str
    long: float
    short: float
    bad: int
    is_alarming: bool


class Budget(Struct, frozen=True, kw_only=True):
    """`spent` is a share of the whole month's budget, reckoned with as many requests as the month will have at its rate so far."""

    month: str
    requests: int
    failed: int
    late: int
    availability: float
    allowed: int
    spent: float
    burns: tuple[Burn, ...]


def reckon(between: Callable[[datetime, datetime], Sums], *, now: datetime) -> Budget:
    """`between(begin, end)` gives the sums of a time."""
    now = now.replace(second=0, microsecond=0)
    begin = now.replace(day=1, hour=0, minute=0)
    sums = between(begin, now)
    passed = max((now - begin) / (_next_month(begin) - begin), 1e-6)
    allowed = sums.requests / passed * (1 - TARGET)
    return Budget(
        month=f"{begin:%Y-%m}",
        requests=sums.requests,
        failed=sums.failed,
        late=sums.late,
        availability=1 - _bad(sums) / sums.requests if sums.requests else 1.0,
        allowed=round(allowed),
        spent=_bad(sums) / allowed if allowed else 0.0,
        burns=tuple(_burn(between, window, now=now) for window in WINDOWS),
    )


def _burn(between: Callable[[datetime, datetime], Sums], window: Window, *, now: datetime) -> Burn:
    long, short = (between(now - length, now) for length in (window.long, window.short))
    rates = _rate(long), _rate(short)
    is_alarming = min(rates) > window.burn and _bad(long) >= FEWEST_BAD
    return Burn(name=window.name, long=rates[0], short=rates[1], bad=_bad(long), is_alarming=is_alarming)


def _rate(sums: Sums) -> float:
    return round(_bad(sums) / sums.requests / (1 - TARGET), 2) if sums.requests else 0.0


def _bad(sums: Sums) -> int:
    return sums.failed + sums.late


def _next_month(begin: datetime) -> datetime:
    return (begin + timedelta(days=32)).replace(day=1)
