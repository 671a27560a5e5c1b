"""A small client for apps of the mobile API, of the standard library alone: it knows nothing of the rest of `api`.

    with Client("https://show.example", Path("app.sqlite")) as client:
        client.watched("lec_rumour", position_seconds=12.5, total_seconds=44, watched=[(0, 12.5)])
        client.sync()

Whatever is recorded is on disk before the call returns, and leaves the outbox only when the server has answered it.
"""

from api.client.client import Client, Synced
from api.client.errors import ClientError, Offline, Refused, SignedOut, TryLater
from api.client.fractional import between
from api.client.http import Reply, Transport

__all__ = [
    "Client",
    "ClientError",
    "Offline",
    "Refused",
    "Reply",
    "SignedOut",
    "Synced",
    "Transport",
    "TryLater",
    "between",
]
