"""Finds what else to hear: earlier episodes that share topics. Only earlier ones, so that a new episode changes no old page."""

from collections import defaultdict, deque
from collections.abc import Iterable

from generator.model import Episode

RELATED_MAX = 3
CANDIDATES_PER_TOPIC = 8  # the latest of each topic are weighed; more cost time and are older than anyone wants


def related(episodes: Iterable[Episode]) -> dict[int, tuple[int, ...]]:
    """Numbers of the related episodes of each episode's number; most shared topics first, then the newest.

    `episodes` are sorted from the oldest.
    """
    latest: dict[str, deque[int]] = defaultdict(lambda: deque(maxlen=CANDIDATES_PER_TOPIC))
    order: dict[int, int] = {}
    found = {}
    for position, episode in enumerate(episodes):
        shared: dict[int, int] = {}
        for topic in episode.topics:
            for number in latest[topic]:
                shared[number] = shared.get(number, 0) + 1
            latest[topic].append(episode.number)
        order[episode.number] = position
        ranked = sorted(shared, key=lambda number: (-shared[number], -order[number]))
        found[episode.number] = tuple(ranked[:RELATED_MAX])
    return found
