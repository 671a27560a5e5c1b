"""Calls somebody: a line in the log at level error and a count that monitoring watches. `longwave doctor` says what to do."""

from typing import Any

import structlog
from prometheus_client import Counter

log = structlog.get_logger()
ALARMS = Counter("longwave_alarms_total", "What a person has to look at, by kind.", ["kind"], registry=None)


def alarm(kind: str, **details: Any) -> None:
    """`details` are ids and reasons, nothing personal."""
    ALARMS.labels(kind).inc()
    log.error(kind, alarm=True, **details)
