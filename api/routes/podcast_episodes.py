"""Podcast apps bring and fetch what happened to episodes. https://gpoddernet.readthedocs.io/en/latest/api/reference/events.html"""

from collections.abc import Sequence
from typing import Any, cast

from msgspec import Struct
from starlette.requests import Request

from api.errors import AppError, Code
from api.routes import access, bodies
from api.routes.access import Access
from api.routes.contract import Answer, endpoint, service_of
from api.routes.podcast_subscriptions import Renamed
from api.usecases import episode_sync, receipts
from api.usecases.episode_words import EpisodeAction

PATH = "/api/2/episodes/{user}.json"


class Which(Struct, frozen=True, kw_only=True):
    """`since`: seconds, the `timestamp` of an answer. `aggregated`: true for one action an episode."""

    since: str = ""
    podcast: str = ""
    device: str = ""
    aggregated: str = ""


class EpisodeActions(Struct, frozen=True, kw_only=True):
    actions: list[EpisodeAction]
    timestamp: int


class Stored(Struct, frozen=True, kw_only=True):
    """`skipped`: how many of the actions could not be stored."""

    timestamp: int
    update_urls: Sequence[Renamed]
    skipped: int


@endpoint("GET", PATH, answers={200: EpisodeActions}, access=Access.SYNC)
async def fetch(request: Request, query: Which) -> Answer:
    """Tells what happened to episodes since then; everything, once an episode, without `since`."""
    pulled = await episode_sync.pull(
        service_of(request),
        access.connected(request),
        since=receipts.since(query.since),
        podcast=query.podcast,
        device=query.device,
        one_each=query.aggregated.lower() in ("true", "1"),
    )
    return Answer(body=EpisodeActions(actions=cast(Any, pulled.actions), timestamp=pulled.timestamp))


@endpoint("POST", PATH, answers={200: Stored}, problems=(Code.MALFORMED,), access=Access.SYNC)
async def bring(request: Request, body: bytes) -> Answer:
    """Takes a list of actions; one that cannot be stored is skipped and counted."""
    items = bodies.loose_json(body)
    if not isinstance(items, list):
        raise AppError(Code.MALFORMED, "The body is no list of actions.")
    pushed = await episode_sync.push(service_of(request), access.connected(request), items)
    skipped = sum(outcome.kind == "rejected" for outcome in pushed.outcomes)
    return Answer(body=Stored(timestamp=pushed.timestamp, update_urls=[], skipped=skipped))


ENDPOINTS = (fetch, bring)
