"""The service in two colours: a new one is started and asked beside the old. Knows which is which, not who may ask it."""

import http.client
import socket
import time
from contextlib import closing
from pathlib import Path

from deploy.errors import DeployError
from deploy.server import durable, places, unit_links
from deploy.server.releases import Release
from deploy.server.running import run, succeeds, systemctl
from deploy.units import COLOURS

READY_SECONDS = 8  # systemd has been told already that it is ready
ASK_SECONDS = 5
LOOK_SECONDS = 0.1
TOLD_LINES = "15"


def other(colour: str) -> str:
    return COLOURS[1] if colour == COLOURS[0] else COLOURS[0]


def start(release: Release) -> None:
    """Starts the release's service on its own colour and waits until it can work. Raises DeployError with its last words."""
    colour = release.colour
    assign(release)
    unit_links.link_colour(colour, unit_links.texts(release.folder / "configuration"))
    systemctl("daemon-reload")
    stop(colour)
    try:
        systemctl("restart", f"longwave-api-{colour}.socket")
        systemctl("start", f"longwave-api-{colour}.service")
        _wait_until_ready(colour)
    except DeployError as error:
        raise DeployError(f"the service of this release does not start. {error}\n{_last_words(colour)}") from error


def assign(release: Release) -> None:
    """From its next start on, this colour is of this release."""
    places.COLOURS.mkdir(parents=True, exist_ok=True)
    durable.link(places.COLOURS / release.colour, Path("../releases") / release.id)


def revive(release: Release) -> None:
    """Starts it where it does not run, whatever systemd thinks of it by now."""
    names = (f"longwave-api-{release.colour}.socket", f"longwave-api-{release.colour}.service")
    if not is_running(release.colour):
        systemctl("reset-failed", *names, check=False)
        systemctl("start", *names)
        _wait_until_ready(release.colour)


def stop(colour: str) -> None:
    """Answers what is under way, then ends. Harmless when it does not run."""
    systemctl("stop", f"longwave-api-{colour}.service", f"longwave-api-{colour}.socket", check=False)
    systemctl("reset-failed", f"longwave-api-{colour}.service", f"longwave-api-{colour}.socket", check=False)


def is_running(colour: str) -> bool:
    return succeeds("systemctl", "is-active", "--quiet", f"longwave-api-{colour}.service")


def ask(path: Path, target: str) -> tuple[int, str]:
    """Status and body of one request over the socket in the file system. Raises OSError or HTTPException."""
    with closing(_Connection(path)) as connection:
        connection.request("GET", target, headers={"Host": "localhost"})
        answer = connection.getresponse()
        return answer.status, answer.read().decode("utf-8", "replace")


def _wait_until_ready(colour: str) -> None:
    end, said = time.monotonic() + READY_SECONDS, "nothing"
    while time.monotonic() < end:
        try:
            status, said = ask(places.socket_of(colour), "/readyz")
        except (OSError, http.client.HTTPException) as error:
            status, said = 0, str(error)
        if status == 200:
            return
        time.sleep(LOOK_SECONDS)
    raise DeployError(f"It is not ready after {READY_SECONDS} seconds; /readyz says: {said}")


def _last_words(colour: str) -> str:
    unit = f"longwave-api-{colour}.service"
    return run("journalctl", "--no-pager", "-q", "-o", "cat", "-n", TOLD_LINES, "-u", unit, check=False).strip()


class _Connection(http.client.HTTPConnection):
    """HTTP over a socket of the file system."""

    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=ASK_SECONDS)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(ASK_SECONDS)
        self.sock.connect(str(self._path))
