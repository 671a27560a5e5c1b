"""What the stand-in is told by whoever starts it, as one frozen value."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

from msgspec import Struct

SERVICE_KEY, OPERATOR_KEY, FULL_KEY = "rk_test_service", "rk_test_operator", "sk_test_sandbox"
WEBHOOK_SECRET = "whsec_sandbox"  # noqa: S105 (opens nothing: the stand-in listens on loopback and moves no money)


def utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class SandboxSettings(Struct, frozen=True, kw_only=True):
    """`data` holds sandbox.sqlite and mail/; `url` is where people and the client reach the stand-in; `webhook` is where events go.

    `retry_seconds` are the waits before an event is sent again; after the last one it stays undelivered.
    """

    data: Path
    url: str = "http://localhost:8001"
    webhook: str | None = None
    webhook_secret: str = WEBHOOK_SECRET
    events: tuple[str, ...] = ("*",)
    retry_seconds: tuple[float, ...] = (1, 5, 30)
    hosts: tuple[str, ...] = ("localhost", "127.0.0.1", "[::1]")
    clock: Callable[[], dt.datetime] = utc_now
