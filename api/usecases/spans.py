"""What was watched of a video, as spans that never overlap, each with when it was watched last. Pure; knows no rows.

Two sets unite to the same one in whatever order they come: every moment of the video keeps its latest time.

>>> united(((0.0, 30.0, 100),), laid([(20.0, 60.0)], at=200))
((0.0, 20.0, 100), (20.0, 60.0, 200))
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise

from api.store.progress import Span

SPANS_MAX = 1000  # of one lecture; beyond that the smallest gaps are closed
DECIMALS = 3
Range = tuple[float, float]


def laid(ranges: Iterable[Range], *, at: int) -> tuple[Span, ...]:
    """What was reported at one moment, in order, overlaps joined, empty ones left out."""
    return tuple((start, end, at) for start, end in joined(ranges))


def joined(ranges: Iterable[Range]) -> list[Range]:
    """In order; what overlaps or touches is one.

    >>> joined([(10.0, 20.0), (0.0, 10.0), (30.0, 30.0)])
    [(0.0, 20.0)]
    """
    found: list[Range] = []
    for start, end in sorted((round(start, DECIMALS), round(end, DECIMALS)) for start, end in ranges):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        elif start < end:
            found.append((start, end))
    return found


def united(known: Sequence[Span], more: Sequence[Span]) -> tuple[Span, ...]:
    """Both; where they overlap, the later time."""
    edges = sorted({edge for span in (*known, *more) for edge in span[:2]})
    covering = zip(_levels(known, edges), _levels(more, edges), strict=True)
    found: list[Span] = []
    for (start, end), levels in zip(pairwise(edges), covering, strict=True):
        at = max(levels)
        if at and found and found[-1][1:] == (start, at):
            found[-1] = (found[-1][0], end, at)
        elif at:
            found.append((start, end, at))
    return _bounded(found)


def after(spans: Iterable[Span], moment: int) -> tuple[Span, ...]:
    """Those that were watched later than `moment`."""
    return tuple(span for span in spans if span[2] > moment)


def _levels(spans: Sequence[Span], edges: Sequence[float]) -> list[int]:
    """For each stretch between two edges the time of the span that covers it, 0 where none does."""
    levels, at = [], 0
    for start, _ in pairwise(edges):
        while at < len(spans) and spans[at][1] <= start:
            at += 1
        levels.append(spans[at][2] if at < len(spans) and spans[at][0] <= start else 0)
    return levels


def _bounded(spans: list[Span]) -> tuple[Span, ...]:
    over = len(spans) - SPANS_MAX
    if over <= 0:
        return tuple(spans)
    by_gap = sorted(range(1, len(spans)), key=lambda at: (spans[at][0] - spans[at - 1][1], at))
    closed, found = set(by_gap[:over]), spans[:1]
    for at, (start, end, moment) in enumerate(spans[1:], start=1):
        if at in closed:
            found[-1] = (found[-1][0], end, max(found[-1][2], moment))
        else:
            found.append((start, end, moment))
    return tuple(found)
