"""Finds the endpoint of a request's path and method by name, without asking route after route. Knows nothing of what any does."""

from collections.abc import Iterable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, Router
from starlette.types import Lifespan, Receive, Scope, Send

from api.errors import AppError, Code
from api.routes import problems
from api.routes.contract import Endpoint, path_names


class Routes(Router):
    """Starlette's router, which is left the lifespan and the list; nothing of it stands between a request and its endpoint."""

    def __init__(self, endpoints: Iterable[Endpoint], *, lifespan: Lifespan[Any] | None = None) -> None:
        listed = routes(endpoints)
        super().__init__(listed, lifespan=lifespan)
        self._by_path = {route.path: route for route in listed if not path_names(route.path)}
        self._by_start: dict[str, list[Route]] = {}
        for route in listed:
            self._by_start.setdefault(route.path.partition("{")[0], []).append(route)

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            found, scope["path_params"] = self._find(scope["path"])
            await (found.app if found else _nothing)(scope, receive, send)
        else:
            await super().app(scope, receive, send)

    def _find(self, path: str) -> tuple[Route | None, dict[str, str]]:
        """The route, and what stands in the path for its parameters."""
        if found := self._by_path.get(path):
            return found, {}
        at = path.find("/") + 1
        while at:
            for route in self._by_start.get(path[:at], ()):
                if match := route.path_regex.match(path):
                    return route, match.groupdict()
            at = path.find("/", at) + 1
        return None, {}


def routes(endpoints: Iterable[Endpoint]) -> list[Route]:
    """One route a path, so that a wrong method is told all the right ones."""
    by_path: dict[str, dict[str, Endpoint]] = {}
    for each in endpoints:
        by_path.setdefault(each.path, {})[each.method] = each
    return [Route(path, _Resource(methods), methods=list(methods)) for path, methods in by_path.items()]


class _Resource:
    """All methods of one path, as an ASGI application."""

    def __init__(self, methods: Mapping[str, Endpoint]) -> None:
        self._methods = {**methods, "HEAD": methods["GET"]} if "GET" in methods else methods

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive, send)
        chosen = self._methods.get(scope["method"])
        if chosen is None:
            response = self._refusal(request)
        else:
            scope["path_template"] = chosen.path
            response = await chosen(request)
        await response(scope, receive, send)

    def _refusal(self, request: Request) -> Response:
        allowed = ", ".join(sorted(self._methods))
        response = problems.answer(request, AppError(Code.WRONG_METHOD, f"Here only {allowed} can be used."))
        response.headers["Allow"] = allowed
        return response


async def _nothing(scope: Scope, receive: Receive, send: Send) -> None:
    response = problems.answer(Request(scope), AppError(Code.NOT_FOUND, "There is nothing at this address."))
    await response(scope, receive, send)
