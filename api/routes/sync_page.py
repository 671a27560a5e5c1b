"""A person looks at their podcast apps and what each changed, undoes it, takes it all away, or takes an app's part out again."""

import datetime as dt
from typing import Any

import msgspec
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from api.errors import Code
from api.routes import access, pages
from api.routes.contract import NOT_KEPT, Answer, endpoint, service_of
from api.usecases import podcast_lists, sync_export, sync_history, sync_undo
from api.usecases.sync_history import Change, SyncDevice
from api.usecases.sync_undo import TakenOut

PAGE, OWN_PAGE = "/account/sync/", "/api/sync/page"


class SyncOverview(Struct, frozen=True, kw_only=True):
    """`server` is what to type into an app; of the changes the last 50, the newest first."""

    server: str
    devices: list[SyncDevice]
    changes: list[Change]


@endpoint("GET", "/api/sync", answers={200: SyncOverview})
async def overview(request: Request) -> Answer:
    """Tells podcast apps, the last changes, and which of them won."""
    return Answer(body=_overview(request))


@endpoint("GET", OWN_PAGE, answers={200: str}, page=PAGE, media_type=pages.MEDIA_TYPE)
async def without_script(request: Request) -> Response:
    """The same as a page, with a button for each."""
    return pages.shown(request, PAGE, "sync", **msgspec.structs.asdict(_overview(request)))


@endpoint(
    "POST",
    "/api/sync/changes/{change_id}/undo",
    answers={204: None},
    problems=(Code.NOT_FOUND, Code.GONE),
    page=PAGE,
)
async def undo(request: Request, change_id: str) -> Answer:
    """Puts back what was there before a change of the last day."""
    await sync_undo.undo(service_of(request), access.signed_in(request), change_id)
    return Answer(status=204, page=f"{OWN_PAGE}#undone")


@endpoint(
    "POST", "/api/sync/devices/{device_id}/removal", answers={200: TakenOut}, problems=(Code.NOT_FOUND,), page=PAGE
)
async def take_out(request: Request, device_id: str) -> Answer:
    """Ends an app and takes out everything that it has brought."""
    removed = await sync_undo.take_out(service_of(request), access.signed_in(request), device_id)
    return Answer(body=removed, page=f"{OWN_PAGE}#removed")


@endpoint(
    "GET",
    "/api/sync/podcasts.opml",
    answers={200: str},
    problems=(Code.STALE_SIGN_IN,),
    page=PAGE,
    media_type="text/x-opml",
)
async def opml(request: Request) -> Response:
    """The feeds as a file that every podcast app can read."""
    service, here = service_of(request), access.signed_in(request)
    feeds = sync_export.feeds(service, here)
    data = podcast_lists.write(feeds, podcast_lists.OPML, show=service.show.current())
    return _file(data, f"podcasts-{_day(service.clock())}.opml", podcast_lists.MEDIA_TYPES[podcast_lists.OPML])


@endpoint("GET", "/api/sync/export", answers={200: dict[str, Any]}, problems=(Code.STALE_SIGN_IN,), page=PAGE)
async def export(request: Request) -> Response:
    """Everything about podcasts and episodes, as a file."""
    service, here = service_of(request), access.signed_in(request)
    data = msgspec.json.format(msgspec.json.encode(sync_export.everything(service, here)), indent=2)
    return _file(data, f"listening-{_day(service.clock())}.json", "application/json")


def _overview(request: Request) -> SyncOverview:
    service, account = service_of(request), access.signed_in(request).account
    return SyncOverview(
        server=service.settings.origin,
        devices=sync_history.devices_of(service, account),
        changes=sync_history.changes_of(service, account, now=service.clock()),
    )


def _file(data: bytes, name: str, media_type: str) -> Response:
    return Response(
        data, media_type=media_type, headers={**NOT_KEPT, "Content-Disposition": f'attachment; filename="{name}"'}
    )


def _day(moment: dt.datetime) -> str:
    return f"{moment:%Y-%m-%d}"


ENDPOINTS = (overview, without_script, undo, take_out, opml, export)
