"""What a signed-in person owns. Which rights count is not decided here."""

from starlette.requests import Request
from starlette.responses import Response

from api.errors import Code
from api.routes import access, pages
from api.routes.contract import Answer, endpoint, service_of
from api.usecases import access as rights
from api.usecases.access import OwnedCourse

PAGE = "/account/library/"


@endpoint("GET", "/api/library", answers={200: list[OwnedCourse]}, problems=(Code.UNAVAILABLE,))
async def library(request: Request) -> Answer:
    """The courses that are open to you, by title."""
    return Answer(body=_owned(request))


@endpoint(
    "GET",
    "/api/library/page",
    answers={200: str},
    problems=(Code.UNAVAILABLE,),
    page=PAGE,
    media_type=pages.MEDIA_TYPE,
)
async def without_script(request: Request) -> Response:
    """The same as a page, for browsers without script."""
    return pages.shown(request, PAGE, "library", courses=_owned(request))


def _owned(request: Request) -> list[OwnedCourse]:
    service, account = service_of(request), access.signed_in(request).account
    return rights.library(service.database, account.id, service.catalog.current(), now=service.clock())


ENDPOINTS = (library, without_script)
