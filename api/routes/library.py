"""What a signed-in person owns. Which rights count is not decided here."""

from starlette.requests import Request

from api.errors import Code
from api.routes import access
from api.routes.contract import Answer, endpoint, service_of
from api.usecases import access as rights
from api.usecases.access import OwnedCourse


@endpoint("GET", "/api/library", answers={200: list[OwnedCourse]}, problems=(Code.UNAVAILABLE,))
async def library(request: Request) -> Answer:
    """The courses that are open to you, by title."""
    service, account = service_of(request), access.signed_in(request).account
    owned = rights.library(service.database.reader, account.id, service.catalog.current(), now=service.clock())
    return Answer(body=owned)


ENDPOINTS = (library,)
