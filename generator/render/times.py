"""Seconds and dates as each format spells them. Knows no time zone but UTC and never asks for the present moment."""

from datetime import datetime, timedelta
from email.utils import format_datetime

JUST_BEFORE = timedelta(seconds=1)  # what ends at midnight ends on the day before


def clock(seconds: float) -> str:
    """Seconds for people, without leading zeros; fractions are dropped.

    >>> clock(185.9), clock(3723)
    ('3:05', '1:02:03')
    """
    hours, minutes, rest = _parts(seconds)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def spoken(seconds: float) -> str:
    """How long something takes, as people say it; only what takes less than a minute is told in seconds.

    >>> spoken(18), spoken(299), spoken(5400)
    ('18 s', '5 min', '1 h 30 min')
    """
    if seconds < 60:
        return f"{round(seconds)} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return " ".join(filter(None, (f"{hours} h" if hours else "", f"{minutes} min" if minutes else "")))


def full_clock(seconds: float) -> str:
    """Seconds as podcast apps look for them in notes: hours always, two digits each.

    >>> full_clock(195)
    '00:03:15'
    """
    hours, minutes, rest = _parts(seconds)
    return f"{hours:02d}:{minutes:02d}:{rest:02d}"


def iso_duration(seconds: float) -> str:
    """A duration of ISO 8601, section 4.4.3.2, as <time> and schema.org take it.

    >>> iso_duration(3723), iso_duration(3600), iso_duration(0)
    ('PT1H2M3S', 'PT1H', 'PT0S')
    """
    hours, minutes, rest = _parts(seconds)
    parts = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "") + (f"{rest}S" if rest else "")
    return "PT" + (parts or "0S")


def npt(seconds: float) -> str:
    """Normal play time (RFC 2326, section 3.6), to the millisecond, as Podlove Simple Chapters print it.

    >>> npt(195)
    '00:03:15.000'
    """
    whole, milliseconds = divmod(round(seconds * 1000), 1000)
    return f"{full_clock(whole)}.{milliseconds:03d}"


def rfc2822(moment: datetime) -> str:
    """The date of RSS and mail (RFC 2822, section 3.3); `moment` is aware.

    >>> from datetime import UTC
    >>> rfc2822(datetime(2026, 1, 5, 6, tzinfo=UTC))
    'Mon, 05 Jan 2026 06:00:00 +0000'
    """
    return format_datetime(moment)


def _parts(seconds: float) -> tuple[int, int, int]:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return hours, minutes, rest
