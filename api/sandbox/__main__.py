"""`python -m api.sandbox`: the stand-in as a program of its own, for tests that kill the service and leave it alive."""

import socket
from pathlib import Path

import click
import uvicorn

from api.sandbox.app import create_sandbox
from api.sandbox.settings import SandboxSettings

ADDRESS = "127.0.0.1"


@click.command()
@click.option(
    "--data", type=click.Path(path_type=Path), default=Path(".longwave/data"), help="Holds sandbox.sqlite and mail/."
)
@click.option("--port", default=8001, help="0 takes a free one.")
@click.option("--fd", type=int, help="A socket that already listens, instead of a port.")
@click.option("--url", help="Where people reach it; the default is its address.")
@click.option("--webhook", help="Where events go, for instance http://127.0.0.1:8000/api/stripe/events.")
@click.option("--event", "events", multiple=True, default=("*",), help="Types that are sent; all when none is given.")
def main(
    *, data: Path, port: int, fd: int | None, url: str | None, webhook: str | None, events: tuple[str, ...]
) -> None:
    """Stands in for Stripe on 127.0.0.1 until it is ended."""
    listener = listening(port) if fd is None else socket.socket(fileno=fd)
    url = url or f"http://{ADDRESS}:{listener.getsockname()[1]}"
    app = create_sandbox(SandboxSettings(data=data, url=url, webhook=webhook, events=events))
    print(url, flush=True)
    uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False)).run(sockets=[listener])


def listening(port: int) -> socket.socket:
    """Its protocol is named, or asyncio leaves Nagle's algorithm on and every answer waits 40 ms."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((ADDRESS, port))
    listener.listen()
    return listener


if __name__ == "__main__":
    main()
