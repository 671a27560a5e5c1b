"""A person takes their podcasts away: the feeds for another app, or everything that was ever reported of episodes."""

from typing import Any

from api import times
from api.store import podcasts, sync_people
from api.usecases.service import Service
from api.usecases.sessions import SignedIn, check_fresh


def feeds(service: Service, here: SignedIn) -> list[str]:
    """Raises STALE_SIGN_IN."""
    check_fresh(here, now=service.clock())
    return [podcast.url for podcast in podcasts.subscribed(service.sync.reader, here.account.id)]


def everything(service: Service, here: SignedIn) -> dict[str, Any]:
    """By kind, each a list of rows, with the moment it was taken. Raises STALE_SIGN_IN."""
    check_fresh(here, now=service.clock())
    return {"exported_at": times.text(service.clock()), **sync_people.everything(service.sync.reader, here.account.id)}
