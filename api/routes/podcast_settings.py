"""Podcast apps keep settings. https://gpoddernet.readthedocs.io/en/latest/api/reference/settings.html"""

from typing import Any

from msgspec import Struct
from starlette.requests import Request

from api.errors import AppError, Code
from api.routes import access, bodies
from api.routes.access import Access
from api.routes.contract import Answer, endpoint, service_of
from api.usecases import podcast_settings
from api.usecases.podcast_settings import About

PATH = "/api/2/settings/{user}/{scope}.json"


class Which(Struct, frozen=True, kw_only=True):
    """What the settings are about, where the scope is not the account."""

    device: str = ""
    podcast: str = ""
    episode: str = ""


@endpoint("GET", PATH, answers={200: dict[str, Any]}, problems=(Code.MALFORMED,), access=Access.SYNC)
async def read(request: Request, scope: str, query: Which) -> Answer:
    """Gives the settings of the account, or of one device, podcast or episode."""
    account_id = access.connected(request).account.id
    return Answer(body=podcast_settings.of(service_of(request).sync.reader, account_id, _about(scope, query)))


@endpoint("POST", PATH, answers={200: dict[str, Any]}, problems=(Code.MALFORMED, Code.CONFLICT), access=Access.SYNC)
async def change(request: Request, scope: str, query: Which, body: bytes) -> Answer:
    """Takes `{"set": {…}, "remove": […]}` and gives all as they are then."""
    said, account_id, about = bodies.loose_json(body), access.connected(request).account.id, _about(scope, query)
    values = said.get("set") or {} if isinstance(said, dict) else None
    remove = said.get("remove") or [] if isinstance(said, dict) else None
    if not isinstance(values, dict) or not isinstance(remove, list):
        raise AppError(Code.MALFORMED, "The body is no object with `set` and `remove`.")
    names = [name for name in remove if isinstance(name, str)]
    kept = await service_of(request).sync.write(
        lambda db: podcast_settings.change(db, account_id, about, values=values, remove=names)
    )
    return Answer(body=kept)


def _about(scope: str, which: Which) -> About:
    return podcast_settings.about(scope, device=which.device, podcast=which.podcast, episode=which.episode)


ENDPOINTS = (read, change)
