"""Puts the answers of static_files and of the service on the network, with Starlette and uvicorn; decides nothing about them."""

import socket
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import BinaryIO

import uvicorn
from anyio import to_thread
from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from deploy.nginx import SERVICE
from deploy.policy import Policy
from deploy.service_answers import passed_on
from deploy.static_files import Answer, Request, answer, is_for_service

CHUNK_BYTES = 256 * 1024


class StaticSite:
    """An ASGI application for the site; `reload` makes it read its configuration again. `service` is HOST:PORT."""

    def __init__(self, read_policy: Callable[[], Policy], *, service: str = SERVICE) -> None:
        self._read_policy = read_policy
        self._service = service
        self._policy = read_policy()

    def reload(self) -> None:
        self._policy = self._read_policy()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request, policy = _request(scope), self._policy
        if is_for_service(request, policy=policy):
            body = await HttpRequest(scope, receive).body()
            client = scope["client"][0] if scope.get("client") else ""
            asked = partial(passed_on, request, body, service=self._service, client=client, policy=policy)
            answered = await to_thread.run_sync(asked)
        else:
            answered = await to_thread.run_sync(partial(answer, request, policy=policy))
        await _response(answered)(scope, receive, send)


class EmbeddedServer:
    """The site on a socket that already listens; `run` returns when the person at the terminal ends it."""

    def __init__(self, site: StaticSite, listener: socket.socket) -> None:
        self._site = site
        self._listener = listener

    def run(self) -> None:
        app = Starlette()
        app.router.default = self._site
        config = uvicorn.Config(app, log_level="warning", access_log=False, server_header=False, lifespan="off")
        uvicorn.Server(config).run(sockets=[self._listener])

    def reload(self) -> None:
        self._site.reload()


def _request(scope: Scope) -> Request:
    headers = {name.lower(): value for name, value in HttpRequest(scope).headers.items()}
    target = scope["raw_path"].decode("latin-1")
    return Request(scope["method"], target, scope["query_string"].decode("latin-1"), headers)


def _response(answered: Answer) -> Response:
    if isinstance(answered.body, bytes):
        response = Response(answered.body, answered.status)
    else:
        response = StreamingResponse(_chunks(answered.body, answered.start, answered.length), answered.status)
    response.raw_headers = [
        (name.lower().encode(), value.encode("latin-1", "replace")) for name, value in answered.headers
    ]
    return response


async def _chunks(file: BinaryIO, start: int, length: int) -> AsyncIterator[bytes]:
    with file:
        file.seek(start)
        while length and (chunk := await to_thread.run_sync(file.read, min(CHUNK_BYTES, length))):
            length -= len(chunk)
            yield chunk
