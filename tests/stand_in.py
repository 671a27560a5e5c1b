"""The stand-in for Stripe on a free loopback port, a person at its pages, and an endpoint that takes its events."""

import asyncio
import datetime as dt
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import requests
import uvicorn
from msgspec import Struct
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from api.gateways.payments import ProviderEvent
from api.gateways.stripe import StripeGateway
from api.gateways.stripe_events import parse_event
from api.sandbox.app import create_sandbox
from api.sandbox.settings import OPERATOR_KEY, SERVICE_KEY, WEBHOOK_SECRET, SandboxSettings, utc_now

WAIT_SECONDS = 10
LOOK_SECONDS = 0.002
BUYER = {"email": "ada@example.com", "name": "Ada Example", "country": "DE"}


class StandIn(Struct, frozen=True):
    """A stand-in that answers; `service` and `operator` are gateways with the keys of both."""

    url: str
    service: StripeGateway
    operator: StripeGateway

    def act(self, session_id: str, action: str, **fields: str) -> requests.Response:
        """What a person does on the checkout page: pay, delayed, decline, code, back."""
        form = {**BUYER, **fields, "action": action}
        return requests.post(f"{self.url}/checkout/{session_id}", data=form, allow_redirects=False, timeout=10)

    def operate(self, what: str, **fields: str) -> requests.Response:
        """What the operator does on the stand-in's page, for instance 'sessions/ID/succeed' or 'payments/ID/refund'."""
        return requests.post(f"{self.url}/operate/{what}", data=fields, allow_redirects=False, timeout=10)

    def set(self, name: str, value: Any) -> None:
        """Sets 'script', 'faults' or 'pending-refunds'."""
        answer = requests.put(f"{self.url}/_sandbox/{name}", json=value, timeout=10)
        assert answer.status_code == 200, answer.text


class Inbox:
    """An endpoint that verifies what comes as the service does; `answer` is the status it gives to what is valid."""

    def __init__(self, clock: Callable[[], dt.datetime] = utc_now) -> None:
        self.events: list[ProviderEvent] = []
        self.refused: list[str] = []
        self.answer = 200
        self._clock = clock
        self.app = Starlette(routes=[Route("/events", self._take, methods=["POST"])])

    def types(self) -> list[str]:
        return [event.type for event in self.events]

    def wait(self, type: str, *, count: int = 1) -> list[ProviderEvent]:
        """Events of a type, once there are `count` of them."""
        until(lambda: self.types().count(type) >= count, what=f"{count} x {type} in {self.types()}")
        return [event for event in self.events if event.type == type]

    async def _take(self, request: Request) -> Response:
        header = request.headers.get("stripe-signature")
        try:
            event = parse_event(await request.body(), header, secrets=[WEBHOOK_SECRET], now=self._clock())
        except Exception as error:
            self.refused.append(str(error))
            return Response(status_code=400)
        if self.answer == 200:
            self.events.append(event)
        return Response(status_code=self.answer)


class Server(uvicorn.Server):
    """Ends at once: uvicorn's own looks ten times a second whether it should, then waits as long; most tests have one of these."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self._loop, self._ended = asyncio.get_running_loop(), asyncio.Event()
        await super().startup(sockets)

    async def main_loop(self) -> None:
        await self.on_tick(0)
        await self._ended.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        while self.server_state.connections:
            await asyncio.sleep(0.001)
        await self.lifespan.shutdown()

    def end(self) -> None:
        self._loop.call_soon_threadsafe(self._ended.set)


@contextmanager
def stand_in(data: Path, *, inbox: Inbox | None = None, **settings: Any) -> Iterator[StandIn]:
    """A running stand-in whose books lie in `data`; its events go to `inbox`."""
    with listening() as listener, served(inbox.app) if inbox else nullcontext() as endpoint:
        url = address(listener)
        given = SandboxSettings(data=data, url=url, webhook=f"{endpoint}/events" if endpoint else None, **settings)
        with served(create_sandbox(given), listener=listener):
            service, operator = StripeGateway(SERVICE_KEY, api=url), StripeGateway(OPERATOR_KEY, api=url)
            yield StandIn(url=url, service=service, operator=operator)


@contextmanager
def served(app: ASGIApp, *, listener: socket.socket | None = None) -> Iterator[str]:
    """The application on a port of its own, in a thread; its address."""
    listener = listener or _claimed()
    server = Server(uvicorn.Config(app, log_level="warning", access_log=False, http="httptools"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    until(lambda: server.started, what="a server")
    try:
        yield address(listener)
    finally:
        server.end()
        thread.join(WAIT_SECONDS)
        listener.close()


@contextmanager
def listening() -> Iterator[socket.socket]:
    listener = _claimed()
    try:
        yield listener
    finally:
        listener.close()


def address(listener: socket.socket) -> str:
    return f"http://127.0.0.1:{listener.getsockname()[1]}"


def until(holds: Callable[[], bool], *, what: str) -> None:
    end = time.monotonic() + WAIT_SECONDS
    while not holds():
        assert time.monotonic() < end, f"waited {WAIT_SECONDS} s for {what}"
        time.sleep(LOOK_SECONDS)


def _claimed() -> socket.socket:
    # With its protocol named, or asyncio leaves Nagle's algorithm on and every answer waits 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    return listener
