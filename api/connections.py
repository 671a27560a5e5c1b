"""How the service's connections end with it: nobody who has just sent a request is cut off. Does not know what they ask."""

import socket

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

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

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self.server_state.default_headers = [*self.server_state.default_headers, (b"connection", b"close")]
        await super().shutdown(sockets)
