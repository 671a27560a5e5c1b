"""What there is, and what of it is open to a person: catalogue, course manifests, entitlements, the first page of an app."""

from starlette.requests import Request
from starlette.responses import Response

from api.errors import AppError, Code
from api.routes import access, conditional, visitors
from api.routes.access import Access
from api.routes.contract import Answer, endpoint, service_of
from api.usecases import access as rights
from api.usecases import catalogue, entitlements, home, joining, manifest
from api.usecases.catalogue import Catalogue
from api.usecases.entitlements import Entitlement, Entitlements
from api.usecases.home import Home
from api.usecases.manifest import Manifest


@endpoint(
    "GET",
    "/api/v1/catalogue",
    answers={200: Catalogue, 304: None},
    problems=(Code.UNAVAILABLE,),
    access=Access.PUBLIC,
)
async def everything(request: Request) -> Response:
    """Courses, bundles and episodes that are public. Ask with If-None-Match; the version changes with anything in it."""
    service = service_of(request)
    return conditional.answered(request, catalogue.of(service.catalog.current(), service.show.current()))


@endpoint(
    "GET",
    "/api/v1/courses/{course_id}",
    answers={200: Manifest, 304: None},
    problems=(Code.UNAVAILABLE,),
    access=Access.PUBLIC,
)
async def course(request: Request, course_id: str) -> Response:
    """Every file of a course with its size and hash, so that an app downloads only what has changed.

    Links to files are given by each lecture's `media`, to who owns the course.
    """
    service = service_of(request)
    found = service.catalog.current().course(course_id)
    if found is None:
        raise AppError(Code.NOT_FOUND, "There is no such course.")
    return conditional.answered(request, manifest.of(found, service.places))


@endpoint(
    "GET",
    "/api/v1/entitlements",
    answers={200: Entitlements},
    problems=(Code.UNAVAILABLE,),
    access=Access.PERSON,
    scope="sync",
)
async def entitled(request: Request) -> Answer:
    """The courses that are open to you, and until when an app may believe it without asking again."""
    service, account = service_of(request), access.person(request).account
    return Answer(body=entitlements.of(service.database, account.id, service.catalog.current(), now=service.clock()))


@endpoint(
    "POST",
    "/api/v1/courses/{course_id}/join",
    answers={200: Entitlement},
    problems=(Code.NOT_ON_SALE, Code.RATE_LIMITED, Code.UNAVAILABLE),
    access=Access.PERSON,
    scope="account",
)
async def join(request: Request, course_id: str) -> Answer:
    """Takes a free course; harmless to repeat."""
    account, place = access.person(request).account, visitors.of(request).place
    return Answer(body=await joining.join(service_of(request), account, course_id, place=place))


@endpoint(
    "GET",
    "/api/v1/home",
    answers={200: Home, 304: None},
    problems=(Code.UNAVAILABLE,),
    access=Access.PERSON,
    scope="sync",
)
async def first_page(request: Request) -> Response:
    """What to show first: sections with their items, in order. Show an unknown section like any other."""
    service, account, now = service_of(request), access.person(request).account, service_of(request).clock()
    catalog = service.catalog.current()
    owned = rights.library(service.database, account.id, catalog, now=now)
    body = home.of(service.sync.reader, account.id, owned, catalog, service.show.current(), now=now)
    return conditional.answered(request, body)


ENDPOINTS = (everything, course, entitled, join, first_page)
