"""The same podcast sync at Nextcloud's addresses and in its words, for apps that know no other. It has no devices: an app is one.

https://github.com/thrillfall/nextcloud-gpodder
"""

from msgspec import Struct
from starlette.requests import Request

from api.errors import AppError, Code
from api.routes import access, bodies, podcast_subscriptions
from api.routes.access import Access
from api.routes.contract import Answer, endpoint, service_of
from api.usecases import episode_sync, nextcloud_words, receipts, subscriptions
from api.usecases.nextcloud_words import NextcloudAction

PATH = "/index.php/apps/gpoddersync"
NO_DEVICE = ""


class Since(Struct, frozen=True):
    """Seconds, with fractions or without; some apps take them from their own clock."""

    since: str = ""


class NextcloudActions(Struct, frozen=True, kw_only=True):
    actions: list[NextcloudAction]
    timestamp: int


class Taken(Struct, frozen=True):
    timestamp: int


class NextcloudFeeds(Struct, frozen=True, kw_only=True):
    add: list[str]
    remove: list[str]
    timestamp: int


@endpoint("GET", f"{PATH}/subscriptions", answers={200: NextcloudFeeds}, access=Access.SYNC)
async def feeds(request: Request, query: Since) -> Answer:
    """Tells which feeds others added and removed since then; all of them for 0."""
    found = await subscriptions.changes(
        service_of(request), access.connected(request), NO_DEVICE, since=receipts.since(query.since)
    )
    return Answer(body=NextcloudFeeds(add=found.add, remove=found.remove, timestamp=found.timestamp))


@endpoint(
    "POST", f"{PATH}/subscription_change/create", answers={200: Taken}, problems=(Code.MALFORMED,), access=Access.SYNC
)
async def bring_feeds(request: Request, body: bytes) -> Answer:
    """Takes `{"add": […], "remove": […]}`."""
    add, remove = podcast_subscriptions.read(body)
    changed = await subscriptions.change(
        service_of(request), access.connected(request), NO_DEVICE, add=add, remove=remove
    )
    return Answer(body=Taken(changed.timestamp))


@endpoint("GET", f"{PATH}/episode_action", answers={200: NextcloudActions}, access=Access.SYNC)
async def episodes(request: Request, query: Since) -> Answer:
    """Tells how far episodes are that changed since then, each once."""
    pulled = await episode_sync.pull(
        service_of(request), access.connected(request), since=receipts.since(query.since), one_each=True
    )
    actions = [nextcloud_words.said(action) for action in pulled.actions]
    return Answer(body=NextcloudActions(actions=actions, timestamp=pulled.timestamp))


@endpoint("POST", f"{PATH}/episode_action/create", answers={200: Taken}, problems=(Code.MALFORMED,), access=Access.SYNC)
async def bring_episodes(request: Request, body: bytes) -> Answer:
    """Takes a list of actions; one that cannot be stored is skipped."""
    items = bodies.loose_json(body)
    if not isinstance(items, list):
        raise AppError(Code.MALFORMED, "The body is no list of actions.")
    pushed = await episode_sync.push(service_of(request), access.connected(request), items)
    return Answer(body=Taken(pushed.timestamp))


ENDPOINTS = (feeds, bring_feeds, episodes, bring_episodes)
