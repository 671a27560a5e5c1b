"""Whether the process runs and whether it can work, for whoever watches it. nginx lets nobody else ask."""

from msgspec import Struct
from starlette.requests import Request

from api.routes.access import Access
from api.routes.contract import Answer, endpoint, service_of
from api.usecases import readiness
from api.usecases.readiness import Readiness


class Health(Struct, frozen=True):
    status: str


@endpoint("GET", "/healthz", answers={200: Health}, access=Access.PUBLIC)
async def alive(request: Request) -> Answer:  # noqa: ARG001
    """Say that the process runs."""
    return Answer(body=Health("ok"))


@endpoint("GET", "/readyz", answers={200: Readiness, 503: Readiness}, access=Access.PUBLIC)
async def ready(request: Request) -> Answer:
    """Say whether the database, its migrations and the catalogue are as they must be."""
    found = readiness.check(service_of(request))
    return Answer(body=found, status=200 if found.status == "ready" else 503)


ENDPOINTS = (alive, ready)
