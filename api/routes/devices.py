"""The apps that hold tokens of an account: listed and ended by their owner's browser; and what an app may read of its account."""

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from api import times
from api.errors import Code
from api.routes import access, pages
from api.routes.access import Access
from api.routes.contract import Answer, endpoint, service_of
from api.usecases import devices, given_links

PAGE, OWN_PAGE = "/account/devices/", "/api/devices/page"


class ConnectedApp(Struct, frozen=True, kw_only=True):
    id: str
    name: str
    scopes: tuple[str, ...]
    created_at: str
    seen_at: str | None


class ConnectedApps(Struct, frozen=True):
    devices: list[ConnectedApp]


class AppAccount(Struct, frozen=True, kw_only=True):
    id: str
    email: str | None
    name: str
    device_id: str


@endpoint("GET", "/api/v1/account", answers={200: AppAccount}, access=Access.DEVICE, scope="account")
async def account(request: Request) -> Answer:
    """Tells an app whose account it has."""
    found = access.connected(request)
    account = found.account
    return Answer(body=AppAccount(id=account.id, email=account.email, name=account.name, device_id=found.device.id))


@endpoint("GET", "/api/devices", answers={200: ConnectedApps})
async def every(request: Request) -> Answer:
    """Lists the apps that hold tokens."""
    found = devices.of(service_of(request).database.reader, access.signed_in(request).account)
    return Answer(
        body=ConnectedApps(
            [
                ConnectedApp(
                    id=device.id,
                    name=device.name,
                    scopes=device.scopes,
                    created_at=times.text(device.created_at),
                    seen_at=times.text(device.seen_at) if device.seen_at else None,
                )
                for device in found
            ]
        )
    )


@endpoint("GET", OWN_PAGE, answers={200: str}, page=PAGE, media_type=pages.MEDIA_TYPE)
async def without_script(request: Request) -> Response:
    """The same as a page, with a button for each."""
    service, account = service_of(request), access.signed_in(request).account
    links = given_links.of(service, account, now=service.clock())
    return pages.shown(request, PAGE, "devices", devices=devices.of(service.database.reader, account), links=links)


@endpoint("DELETE", "/api/devices/{device_id}", answers={204: None}, problems=(Code.NOT_FOUND,))
async def end(request: Request, device_id: str) -> Answer:
    """Ends an app's tokens at once."""
    return await _end(request, device_id)


@endpoint("POST", "/api/devices/{device_id}/end", answers={204: None}, problems=(Code.NOT_FOUND,), page=PAGE)
async def end_by_form(request: Request, device_id: str) -> Answer:
    """The same for a form."""
    return await _end(request, device_id)


async def _end(request: Request, device_id: str) -> Answer:
    service, account = service_of(request), access.signed_in(request).account
    now = service.clock()
    await service.database.write(lambda db: devices.end(db, account, device_id, now=now))
    return Answer(status=204, page=f"{OWN_PAGE}#ended")


ENDPOINTS = (account, every, without_script, end, end_by_form)
