"""Serves the service's own description. Knows the list of routes only through the application."""

from starlette.requests import Request
from starlette.responses import Response

from api.routes.access import Access
from api.routes.contract import endpoint

CACHE = "public, max-age=300"


@endpoint("GET", "/api/openapi.json", answers={200: dict}, access=Access.PUBLIC)
async def read(request: Request) -> Response:
    """Describe every address of the service, as OpenAPI."""
    return Response(request.app.state.openapi(), media_type="application/json", headers={"Cache-Control": CACHE})


ENDPOINTS = (read,)
