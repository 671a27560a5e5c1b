"""Finds what else to hear: earlier episodes that share topics. Only earlier ones, so that a new episode changes no old page."""

from collections import defaultdict, deque
from collections.abc import Iterable

from generator.model import Episode

RELATED_MAX = 3
CANDIDATES_PER_TOPIC = 6  # the latest of each topic are weighed; more cost time and are older than anyone wants
SHARED_TOPIC = 1_000_000  # outweighs any position in the archive


def related(episodes: Iterable[Episode]) -> dict[int, tuple[int, ...]]:
    """Numbers of the related episodes of each episode's number; most shared topics first, then the newest.

    `episodes` are sorted from the oldest.
    """
    latest: dict[str, deque[tuple[int, int]]] = defaultdict(lambda: deque(maxlen=CANDIDATES_PER_TOPIC))
    found = {}
    for position, episode in enumerate(episodes):
        weights: dict[int, int] = {}
        for topic in episode.topics:
            candidates = latest[topic]
            for number, place in candidates:
                weights[number] = weights.get(number, place) + SHARED_TOPIC
            candidates.append((episode.number, position))
        found[episode.number] = tuple(sorted(weights, key=weights.__getitem__, reverse=True)[:RELATED_MAX])
    return found
