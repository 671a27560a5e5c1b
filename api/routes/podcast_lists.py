"""A device's feeds as one file, for simple apps. https://gpoddernet.readthedocs.io/en/latest/api/reference/subscriptions.html"""

from starlette.requests import Request
from starlette.responses import Response

from api.errors import AppError, Code
from api.routes import access
from api.routes.access import Access
from api.routes.contract import NOT_KEPT, Answer, endpoint, service_of
from api.usecases import podcast_lists, subscriptions
from api.usecases.podcast_devices import check_name

ONE, ALL = "/subscriptions/{user}/{device}.{form}", "/subscriptions/{user}.{form}"


@endpoint("GET", ONE, answers={200: str}, problems=(Code.MALFORMED,), access=Access.SYNC, media_type="text/x-opml")
async def of_device(request: Request, device: str, form: str) -> Response:
    """Gives the feeds as json, opml or txt. All devices of an account have the same."""
    _check(form)
    feeds = await subscriptions.listed(service_of(request), access.connected(request), check_name(device))
    return _file(request, feeds, form)


@endpoint("GET", ALL, answers={200: str}, access=Access.SYNC, media_type="text/x-opml")
async def of_user(request: Request, form: str) -> Response:
    """The same without naming a device."""
    _check(form)
    return _file(request, await subscriptions.listed(service_of(request), access.connected(request)), form)


@endpoint("PUT", ONE, answers={200: None}, problems=(Code.MALFORMED,), access=Access.SYNC)
async def put(request: Request, device: str, form: str, body: bytes) -> Answer:
    """Takes the device's whole list, in any of the three forms. What others added meanwhile stays."""
    _check(form)
    feeds = podcast_lists.read(body)
    await subscriptions.replace(service_of(request), access.connected(request), check_name(device), feeds)
    return Answer()


def _check(form: str) -> None:
    if form not in podcast_lists.MEDIA_TYPES:
        raise AppError(Code.NOT_FOUND, f"There are {', '.join(podcast_lists.MEDIA_TYPES)} only.")


def _file(request: Request, feeds: list[str], form: str) -> Response:
    content = podcast_lists.write(feeds, form, show=service_of(request).show.current())
    return Response(content, headers=NOT_KEPT, media_type=podcast_lists.MEDIA_TYPES[form])


ENDPOINTS = (of_device, of_user, put)
