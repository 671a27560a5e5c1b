"""Around every request: an id, one line in the log, and the last resort for what nobody foresaw. Knows no routes."""

import time
from typing import Any

import structlog
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import ids
from api.errors import AppError, Code
from api.routes import problems

log = structlog.get_logger()


class Requests:
    """ASGI middleware. The path is logged as its template, for a path may hold a token."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        status = 0
        request_id = ids.new("req")
        scope.setdefault("state", {})["request_id"] = request_id

        async def send_noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), (b"x-request-id", request_id.encode())]
            await send(message)

        try:
            await self._app(scope, receive, send_noted)
        except Exception:
            log.exception("request_broke", request_id=request_id, path=_template(scope))
            if not status:
                await _internal_error(scope)(scope, receive, send_noted)
        finally:
            milliseconds = round((time.perf_counter() - began) * 1000, 1)
            log.info(
                "request",
                request_id=request_id,
                method=scope["method"],
                path=_template(scope),
                status=status,
                milliseconds=milliseconds,
            )


def _template(scope: Scope) -> str:
    return str(scope.get("path_template", "(none)"))


def _internal_error(scope: Scope) -> Any:
    error = AppError(Code.INTERNAL, "Something went wrong on our side. Nothing was lost; the id helps us to find it.")
    return problems.answer(Request(scope), error)
