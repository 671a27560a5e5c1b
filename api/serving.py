"""Runs the service under uvicorn with httptools, on its own socket or on one that systemd holds. Does not know what it serves."""

import gc
import socket

import uvicorn
from starlette.applications import Starlette

from api.connections import PatientProtocol, PatientServer
from api.settings import Settings

ADDRESS = "127.0.0.1"
BACKLOG = 2048
KEEP_ALIVE_SECONDS = (
    75  # longer than nginx keeps an idle connection to us, so that it is never us who closes one in use
)
GRACEFUL_SECONDS = 20
GARBAGE_LOOK_OBJECTS = 20_000  # Python's own 700 is reached by a few requests


def serve(app: Starlette, settings: Settings, listener: socket.socket) -> bool:
    """Returns after SIGTERM or SIGINT, when the requests under way are answered; False when it could not start."""
    config = uvicorn.Config(
        app,
        http=PatientProtocol,
        loop="asyncio",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=True,
        forwarded_allow_ips=_trusted(listener, settings),
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=GRACEFUL_SECONDS,
    )
    server = PatientServer(config)
    _settle()
    server.run(sockets=[listener])
    return server.started


def _trusted(listener: socket.socket, settings: Settings) -> str:
    """Whose word is taken for who a client is. A socket in the file system has no addresses: its mode says who can connect."""
    return "*" if listener.family == socket.AF_UNIX else settings.trusted_proxy


def where(listener: socket.socket) -> str:
    """What it listens on, for people: '127.0.0.1:8080' or a path."""
    name = listener.getsockname()
    return str(name) if listener.family == socket.AF_UNIX else f"{name[0]}:{name[1]}"


def _settle() -> None:
    """What was made by now stays for good: looking through it again and again for garbage would cost a third of the answers."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE_LOOK_OBJECTS)


def listening(*, port: int = 0, fd: int | None = None) -> socket.socket:
    """The socket behind `fd`, or a new one on loopback. Raises OSError when that cannot be had."""
    if fd is not None:
        return socket.socket(fileno=fd)
    made = socket.create_server((ADDRESS, port), backlog=BACKLOG)
    return socket.socket(fileno=made.detach())  # which names its protocol: else asyncio leaves Nagle's algorithm on
