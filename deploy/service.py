"""The service of `longwave serve`: its settings on this machine, and Stripe's stand-in beside it. Starts nothing by itself."""

import os
import socket
from collections.abc import Mapping
from email.utils import formataddr
from pathlib import Path

from msgspec import Struct

from deploy.children import ADDRESS, Program, listening

SANDBOX_PORT = 8001
METRICS_PORT = 9100
DATA = ".longwave/data"
PRIVATE_MEDIA = Path("content/videos")


class Ports(Struct, frozen=True):
    """Where the service and the stand-in will listen, already claimed, and the port of the service's figures."""

    service: socket.socket
    sandbox: socket.socket
    metrics: int
    told: tuple[str, ...]

    @property
    def service_address(self) -> str:
        return f"{ADDRESS}:{self.service.getsockname()[1]}"

    @property
    def sandbox_origin(self) -> str:
        return f"http://localhost:{self.sandbox.getsockname()[1]}"


def claimed_ports() -> Ports:
    """The usual ports where they are free, other ones where they are taken; `told` says which."""
    sandbox = _listening_near(SANDBOX_PORT)
    metrics = _free_near(METRICS_PORT)
    moved = (
        ("Stripe's stand-in", SANDBOX_PORT, sandbox.getsockname()[1]),
        ("The service's figures", METRICS_PORT, metrics),
    )
    told = (f"{what} is on port {got}: {usual} is taken." for what, usual, got in moved if got != usual)
    return Ports(listening(), sandbox, metrics, tuple(told))


def private_media(environment: Mapping[str, str] = os.environ) -> Path:
    """Where paid files lie."""
    return Path(environment.get("LONGWAVE_PRIVATE_MEDIA") or PRIVATE_MEDIA)


def is_sandbox(environment: Mapping[str, str] = os.environ) -> bool:
    return environment.get("LONGWAVE_MODE", "sandbox") == "sandbox"


def service(ports: Ports, *, url: str, title: str, site: Path, theme: Path, log: Path) -> Program:
    """With the person's own settings where they have some; what this preview decides goes before them."""
    usual = {
        "LONGWAVE_MODE": "sandbox",
        "LONGWAVE_DATA": DATA,
        "LONGWAVE_PRIVATE_MEDIA": str(PRIVATE_MEDIA),
        "LONGWAVE_MAIL_FROM": formataddr((title, "hello@localhost")),
    }
    decided = {
        "LONGWAVE_URL": url,
        "LONGWAVE_SITE": str(site.absolute()),
        "LONGWAVE_THEME": str(theme.absolute()),
        "LONGWAVE_METRICS_PORT": str(ports.metrics),
        "LONGWAVE_STRIPE_API": ports.sandbox_origin.replace("localhost", ADDRESS),
    }
    given = {name: value for name, value in os.environ.items() if name.startswith("LONGWAVE_")}
    return Program(
        name="service",
        arguments=("api", "--fd", str(ports.service.fileno())),
        environment={**usual, **given, **decided},
        listener=ports.service,
        probe="/healthz",
        log=log,
    )


def sandbox(ports: Ports, *, port: int, log: Path) -> Program:
    """Sends its events to the site's own `port`, so that they take the way that Stripe's take."""
    return Program(
        name="stand-in for Stripe",
        arguments=(
            *("api.sandbox", "--fd", str(ports.sandbox.fileno())),
            *("--data", os.environ.get("LONGWAVE_DATA", DATA)),
            *("--url", ports.sandbox_origin),
            *("--webhook", f"http://{ADDRESS}:{port}/api/stripe/events"),
        ),
        environment={},
        listener=ports.sandbox,
        probe="/",
        log=log,
    )


def _listening_near(port: int) -> socket.socket:
    try:
        return listening(port)
    except OSError:
        return listening()


def _free_near(port: int) -> int:
    with _listening_near(port) as found:
        number: int = found.getsockname()[1]
        return number
