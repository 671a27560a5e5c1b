"""Podcast apps ask for all that is new at once, for favourites, and where the service is.

https://gpoddernet.readthedocs.io/en/latest/api/reference/devices.html  https://gpoddernet.readthedocs.io/en/latest/api/reference/clientconfig.html
"""

from msgspec import Struct, field
from starlette.requests import Request

from api.errors import Code
from api.routes import access
from api.routes.access import Access
from api.routes.contract import Answer, endpoint, service_of
from api.usecases import podcast_favourites, podcast_updates, receipts
from api.usecases.podcast_devices import check_name
from api.usecases.podcast_updates import EpisodeEntry, Updates

CONFIG_SECONDS = 7 * 24 * 3600


class Since(Struct, frozen=True, kw_only=True):
    """`include_actions`: true to be told each episode's last report."""

    since: str = ""
    include_actions: str = ""


class Base(Struct, frozen=True):
    baseurl: str


class ClientConfig(Struct, frozen=True, kw_only=True):
    """`update_timeout`: seconds for which an app may keep it."""

    mygpo: Base
    feedservice: Base = field(name="mygpo-feedservice")
    update_timeout: int = CONFIG_SECONDS


@endpoint(
    "GET",
    "/api/2/updates/{user}/{device}.json",
    answers={200: Updates},
    problems=(Code.MALFORMED,),
    access=Access.SYNC,
)
async def updates(request: Request, device: str, query: Since) -> Answer:
    """Tells which feeds changed, and which episodes of our show are new or were reported of."""
    found = await podcast_updates.since(
        service_of(request),
        access.connected(request),
        check_name(device),
        since=receipts.since(query.since),
        include_actions=query.include_actions.lower() in ("true", "1"),
    )
    return Answer(body=found)


@endpoint("GET", "/api/2/favorites/{user}.json", answers={200: list[EpisodeEntry]}, access=Access.SYNC)
async def favourites(request: Request) -> Answer:
    """Lists the episodes of our show that were made favourites in our own apps."""
    service = service_of(request)
    account_id = access.connected(request).account.id
    return Answer(body=podcast_favourites.of(service.sync.reader, account_id, service.show.current()))


@endpoint("GET", "/clientconfig.json", answers={200: ClientConfig}, access=Access.PUBLIC)
async def config(request: Request) -> Answer:
    """Tells an app where to ask."""
    base = Base(f"{service_of(request).settings.url}/")
    return Answer(body=ClientConfig(mygpo=base, feedservice=base))


ENDPOINTS = (updates, favourites, config)
