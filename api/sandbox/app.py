"""Puts the stand-in together: the API, the pages for people, the loop that delivers events. Nothing else constructs its parts."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from api.sandbox import checkout_page, desk, endpoints, mailbox, papers, sample, script_routes
from api.sandbox.api import StripeApi
from api.sandbox.books import Books
from api.sandbox.delivery import Deliveries
from api.sandbox.pages import HERE, OwnFormsOnly
from api.sandbox.settings import SandboxSettings

STATIC = HERE / "static"


def create_sandbox(settings: SandboxSettings) -> Starlette:
    """The whole stand-in as one application. Whoever runs it binds it to loopback."""
    books = Books(settings)
    with books.transaction():
        sample.add(books)  # before anybody listens
        endpoints.keep_own(books, settings)
    api, mails = StripeApi(books), settings.data / "mail"
    routes = [
        Route("/v1/{path:path}", api.answer, methods=["GET", "POST", "DELETE"]),
        *checkout_page.routes(books),
        *desk.routes(books, api, mails=mails),
        *mailbox.routes(mails),
        *papers.routes(books),
        *script_routes.routes(books),
        Route("/favicon.ico", _no_icon, methods=["GET"]),
        Mount("/static", StaticFiles(directory=STATIC)),
    ]

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        delivering = asyncio.create_task(Deliveries(books).run())
        try:
            yield
        finally:
            delivering.cancel()
            with suppress(asyncio.CancelledError):
                await delivering
            books.close()

    hosts = [*settings.hosts, urlsplit(settings.url).hostname or ""]  # on a server people reach it by a name of its own
    guards = [Middleware(TrustedHostMiddleware, allowed_hosts=hosts), Middleware(OwnFormsOnly)]
    return Starlette(routes=routes, middleware=guards, lifespan=lifespan)


async def _no_icon(_: Request) -> Response:
    return Response(status_code=204)
