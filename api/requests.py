"""Around every request: an id, one line in the log, a count, and the last resort for what nobody foresaw. Knows no routes."""

import secrets
import time
from typing import Any

import structlog
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import logs
from api.errors import AppError, Code
from api.metrics import Metrics
from api.routes import problems

log = structlog.get_logger()
NO_ROUTE = "(none)"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})  # others share one figure


class Requests:
    """ASGI middleware. A path may hold a token, so the log, the figures and nginx's log get its template."""

    def __init__(self, app: ASGIApp, *, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exchange = _Exchange(scope, send)
        try:
            await self._app(scope, receive, exchange.send)
        except Exception:
            log.exception("request_broke", request_id=exchange.request_id, path=exchange.path)
            if not exchange.status:
                await _internal_error(scope)(scope, receive, exchange.send)
        finally:
            self._note(exchange)

    def _note(self, exchange: "_Exchange") -> None:
        seconds = time.perf_counter() - exchange.began
        logs.say(
            "request",
            request_id=exchange.request_id,
            method=exchange.method,
            path=exchange.path,
            status=exchange.status,
            milliseconds=round(seconds * 1000, 1),
        )
        self._metrics.answered(method=exchange.method, path=exchange.path, status=exchange.status, seconds=seconds)


class _Exchange:
    """One request and what became of it. Status 0: the client left before there was an answer."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self.began = time.perf_counter()
        self.request_id = f"req_{secrets.token_hex(10)}"
        self.status = 0
        self._scope = scope
        self._send = send
        scope.setdefault("state", {})["request_id"] = self.request_id

    @property
    def method(self) -> str:
        method: str = self._scope["method"]
        return method if method in METHODS else "other"

    @property
    def path(self) -> str:
        return str(self._scope.get("path_template", NO_ROUTE))

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            own = ((b"x-request-id", self.request_id.encode()), (b"x-path-template", self.path.encode()))
            message["headers"] = [*message.get("headers", ()), *own]
        await self._send(message)


def _internal_error(scope: Scope) -> Any:
    error = AppError(Code.INTERNAL, "Something went wrong on our side. Nothing was lost; the id helps us to find it.")
    return problems.answer(Request(scope), error)
