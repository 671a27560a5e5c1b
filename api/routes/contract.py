"""How a route declares what it takes and answers, once: the same words decode its requests and become the OpenAPI document.

    @endpoint("POST", "/api/orders/{order_id}/refunds", answers={201: Refund}, problems=(Code.CONFLICT,))
    async def ask(request: Request, order_id: str, body: RefundRequest) -> Answer: ...

A parameter `body` is decoded from the body (`bytes`: taken as it came), `query` from the query, others from the path.
The `{user}` in a podcast app's path is who asks: Access.SYNC sees to it, and no handler takes it.
Knows nothing of what any route does.
"""

import inspect
import re
import typing
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

import msgspec
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.errors import AppError, Code
from api.routes import access, bodies, problems
from api.routes.access import Access
from api.usecases.service import Service

NOT_KEPT = {"Cache-Control": "no-store"}
SAFE_METHODS = ("GET", "HEAD")
USER = "user"
PATH_NAME = re.compile(r"{(\w+)}")


class Answer(Struct, frozen=True, kw_only=True):
    """`body` as JSON; whoever posted a form without script is sent to `page` instead, where that is given."""

    body: Any = None
    status: int = 200
    page: str | None = None
    headers: tuple[tuple[str, str], ...] = ()


Handler = Callable[..., Awaitable[Answer | Response]]
Again = Callable[[Request, Any, AppError], Response | None]


class Endpoint(Struct, frozen=True, kw_only=True):
    """A declared route; calling it serves a request. `page`: where a refused form post shows its message, by `#code`.

    `again` answers one with the form once more and what was typed in it, or None to leave it to the page.
    """

    method: str
    path: str
    handler: Handler
    answers: Mapping[int, Any]
    problems: tuple[Code, ...]
    access: Access
    page: str | None
    body: Any
    query: Any
    media_type: str
    scope: str | None = None
    again: Again | None = None
    bytes_max: int | None = None
    documented: Any = None

    async def __call__(self, request: Request) -> Response:
        service, raw = service_of(request), b""
        arguments: dict[str, Any] = {}
        try:
            if self.method not in SAFE_METHODS:
                raw = await bodies.read(request, bytes_max=self._bytes_max(service))
                access.check_origin(request, self.access, origin=service.settings.origin)
            await access.admit(request, self.access, service, scope=self.scope)
            arguments = self._arguments(request, raw)
            answer = await self.handler(request, **arguments)
        except AppError as error:
            return self._refused(request, raw, error, body=arguments.get("body"))
        response = self._response(request, raw, answer)
        for header in access.given(request, self.access):
            response.headers.append(*header)
        return response

    def _response(self, request: Request, raw: bytes, answer: Answer | Response) -> Response:
        if isinstance(answer, Response):
            return answer
        return _answered(answer, page=answer.page if answer.page and self._is_from_a_page(request, raw) else None)

    def _refused(self, request: Request, raw: bytes, error: AppError, *, body: Any) -> Response:
        """`body` is None for who was not admitted, or whose form could not be read."""
        is_from_a_page = self._is_from_a_page(request, raw)
        if is_from_a_page and self.again and body is not None and (again := self.again(request, body, error)):
            return again
        answer = problems.answer(request, error, page=self.page if is_from_a_page else None)
        if challenge := access.challenge(self.access, error):
            answer.headers.append(*challenge)
        return answer

    def _bytes_max(self, service: Service) -> int:
        if self.bytes_max is not None:
            return self.bytes_max
        settings = service.settings
        greater = {Access.STRIPE: settings.webhook_bytes_max, Access.SYNC: settings.sync_bytes_max}
        return greater.get(self.access, settings.body_bytes_max)

    def _arguments(self, request: Request, raw: bytes) -> dict[str, Any]:
        arguments: dict[str, Any] = dict(request.path_params)
        if self.access is Access.SYNC:
            arguments.pop(USER, None)
        if self.body is bytes:
            arguments["body"] = raw
        elif self.body:
            arguments["body"] = bodies.decoded(raw, self.body)
        if self.query:
            arguments["query"] = bodies.converted(request.query_params.multi_items(), self.query)
        return arguments

    def _is_from_a_page(self, request: Request, raw: bytes) -> bool:
        """A page of ours without script: a form, or a link to an address that has a page for its refusals."""
        accepted = request.headers.get("accept", "")
        if "application/json" in accepted:
            return False
        if self.method in SAFE_METHODS:
            return self.page is not None and "text/html" in accepted
        return "text/html" in accepted or (self.body is not bytes and bodies.is_form(raw))


def endpoint(
    method: str,
    path: str,
    *,
    answers: Mapping[int, Any],
    problems: Iterable[Code] = (),
    access: Access = Access.ACCOUNT,
    page: str | None = None,
    media_type: str = "application/json",
    scope: str | None = None,
    again: Again | None = None,
    bytes_max: int | None = None,
    documented: Any = None,
) -> Callable[[Handler], Endpoint]:
    """Declares the decorated handler: status -> type of each answer (None: no body), and codes it refuses with by itself.

    `bytes_max`: of a body, where that is not the same as everywhere. `documented`: what a body of `bytes` is said to be.
    `scope` is what an app's token must allow, on routes with Access.DEVICE or Access.PERSON.
    What every route of its kind may answer (malformed, signed out, storage full, …) need not be said.
    """

    def declared(handler: Handler) -> Endpoint:
        hints = typing.get_type_hints(handler)
        names = set(inspect.signature(handler).parameters) - {"request", "body", "query"}
        if names != path_names(path) - ({USER} if access is Access.SYNC else set()):
            raise TypeError(f"{handler.__name__} takes {sorted(names)} from the path {path}")
        return Endpoint(
            method=method,
            path=path,
            handler=handler,
            answers=answers,
            problems=tuple(problems),
            access=access,
            page=page,
            body=hints.get("body"),
            query=hints.get("query"),
            media_type=media_type,
            scope=scope,
            again=again,
            bytes_max=bytes_max,
            documented=documented,
        )

    return declared


def path_names(path: str) -> set[str]:
    """'/api/2/devices/{user}/{device}.json' -> {'user', 'device'}"""
    return set(PATH_NAME.findall(path))


def service_of(request: Request) -> Service:
    """What create_app has put together for the use cases."""
    service: Service = request.app.state.service
    return service


def _answered(answer: Answer, *, page: str | None) -> Response:
    if page is not None:
        response: Response = RedirectResponse(page, 303, NOT_KEPT)
    elif answer.body is None:
        response = Response(status_code=answer.status, headers=NOT_KEPT)
    else:
        response = Response(msgspec.json.encode(answer.body), answer.status, NOT_KEPT, "application/json")
    for name, value in answer.headers:
        response.headers.append(name, value)
    return response
