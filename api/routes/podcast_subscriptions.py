"""Podcast apps add and remove feeds. https://gpoddernet.readthedocs.io/en/latest/api/reference/subscriptions.html"""

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta, Struct
from starlette.requests import Request

from api.errors import AppError, Code
from api.routes import access, bodies
from api.routes.access import Access
from api.routes.contract import Answer, endpoint, service_of
from api.usecases import receipts, subscriptions
from api.usecases.podcast_devices import check_name

PATH = "/api/2/subscriptions/{user}/{device}.json"
Renamed = Annotated[tuple[str, ...], Meta(min_length=2, max_length=2)]  # an address as sent, and the one that is meant


class Since(Struct, frozen=True, kw_only=True):
    """`since`: seconds, the `timestamp` of an answer."""

    since: str = ""


class FeedChanges(Struct, frozen=True, kw_only=True):
    add: list[str]
    remove: list[str]
    timestamp: int


class FeedsChanged(Struct, frozen=True, kw_only=True):
    """`update_urls`: each address that was sent and means another, with that other; '' for what is no feed."""

    timestamp: int
    update_urls: Sequence[Renamed]


@endpoint("GET", PATH, answers={200: FeedChanges}, problems=(Code.MALFORMED,), access=Access.SYNC)
async def fetch(request: Request, device: str, query: Since) -> Answer:
    """Tells which feeds others added and removed since then."""
    found = await subscriptions.changes(
        service_of(request), access.connected(request), check_name(device), since=receipts.since(query.since)
    )
    return Answer(body=FeedChanges(add=found.add, remove=found.remove, timestamp=found.timestamp))


@endpoint("POST", PATH, answers={200: FeedsChanged}, problems=(Code.MALFORMED,), access=Access.SYNC)
async def bring(request: Request, device: str, body: bytes) -> Answer:
    """Takes `{"add": […], "remove": […]}`. 400, and nothing is changed, when a feed is in both."""
    add, remove = read(body)
    changed = await subscriptions.change(
        service_of(request), access.connected(request), check_name(device), add=add, remove=remove
    )
    return Answer(body=FeedsChanged(timestamp=changed.timestamp, update_urls=changed.update_urls))


def read(body: bytes) -> tuple[list[str], list[str]]:
    """What is to be added, and what removed. Raises MALFORMED."""
    said = bodies.loose_json(body)
    if not isinstance(said, dict):
        raise AppError(Code.MALFORMED, "The body is no object with `add` and `remove`.")
    return _addresses(said, "add"), _addresses(said, "remove")


def _addresses(said: dict[str, object], name: str) -> list[str]:
    value = said.get(name) or []
    if not isinstance(value, list):
        raise AppError(Code.MALFORMED, f"`{name}` is no list.")
    return [address for address in value if isinstance(address, str)]


ENDPOINTS = (fetch, bring)
