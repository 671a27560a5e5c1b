"""Whether the process runs, for whoever watches it; says nothing about anybody."""

from msgspec import Struct
from starlette.requests import Request

from api.routes.access import Access
from api.routes.contract import Answer, endpoint


class Health(Struct, frozen=True):
    status: str


@endpoint("GET", "/healthz", answers={200: Health}, access=Access.PUBLIC)
async def alive(request: Request) -> Answer:  # noqa: ARG001
    """Say that the process runs."""
    return Answer(body=Health("ok"))


ENDPOINTS = (alive,)
