"""How the service's connections begin and end with it: nobody is cut off who has just sent a request. Knows not what they ask."""

import socket

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from api import supervision

IDLE_SECONDS = 1.0  # a request that was on its way when the end began arrives within it


class PatientProtocol(HttpToolsProtocol):
    """uvicorn would close an idle connection at once, and with it a request that it has not read yet."""

    def shutdown(self) -> None:
        if self.cycle is None or self.cycle.response_complete:
            self.loop.call_later(IDLE_SECONDS, super().shutdown)
        else:
            super().shutdown()


class PatientServer(uvicorn.Server):
    """From the beginning of the end every answer says that its connection closes, so that nginx sends no more on it."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        supervision.tell("READY=1")

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        supervision.tell("STOPPING=1")
        self.server_state.default_headers = [*self.server_state.default_headers, (b"connection", b"close")]
        await super().shutdown(sockets)
