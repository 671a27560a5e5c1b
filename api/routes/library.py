"""What a signed-in person owns. Which rights count is not decided here."""

from starlette.requests import Request
from starlette.responses import Response

from api.errors import Code
from api.routes import access, certificates, pages
from api.routes.contract import Answer, endpoint, service_of
from api.usecases import access as rights
from api.usecases import progress
from api.usecases.access import OwnedCourse
from api.usecases.progress import CourseState

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
    return pages.shown(
        request, PAGE, "library", courses=_owned(request), begun=_begun(request), certified=certificates.listed(request)
    )


def _owned(request: Request) -> list[OwnedCourse]:
    service, account = service_of(request), access.signed_in(request).account
    return rights.library(service.database, account.id, service.catalog.current(), now=service.clock())


def _begun(request: Request) -> dict[str, CourseState]:
    """How far each course is that was begun."""
    service, account = service_of(request), access.signed_in(request).account
    states = progress.begun(service.sync.reader, account.id, service.catalog.current())
    return {state.course: state for state in states}


ENDPOINTS = (library, without_script)
