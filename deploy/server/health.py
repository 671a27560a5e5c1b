"""Whether the server serves the current release, as far as it can see itself. Whether others can see it, only they can say."""

import gzip
import http.client
import re
import socket
import ssl
import time
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

from deploy.errors import DeployError
from deploy.server import colours, maintenance, places
from deploy.server.releases import Release
from deploy.server.running import run, systemctl

SECONDS_MAX = 10
ASK_SECONDS = 5
LOOK_SECONDS = 0.2
PORTS = {"https": 443, "http": 80}
SERVED = {"/": "index.html", "/feed.xml": "feed.xml"}


def refuse_sick(release: Release, *, failed_before: frozenset[str]) -> None:
    """Raises DeployError with everything that is wrong. What only needs a moment gets one; a unit that had failed before is not
    this release's affair."""
    end = time.monotonic() + SECONDS_MAX
    while found := [problem for problem in problems(release) if problem not in failed_before]:
        if time.monotonic() > end:
            raise DeployError("the server is not well with this release:\n" + "\n".join(found))
        time.sleep(LOOK_SECONDS)


def problems(release: Release) -> list[str]:
    return [*_service(release), *_site(release), *_ssh(), *failed_units()]


def _service(release: Release) -> list[str]:
    if maintenance.state().is_on:
        return []
    try:
        status, said = colours.ask(places.socket_of(release.colour), "/readyz")
    except (OSError, http.client.HTTPException) as error:
        return [f"the service does not answer: {error}"]
    return [] if status == 200 else [f"the service is not ready: {said}"]


def _site(release: Release) -> list[str]:
    """The pages that nginx gives are those of this release, and what is for the service reaches it."""
    resting = maintenance.state()
    url, public = _url(release), release.folder / "site/public"
    asked = {} if resting.is_everything else {path: public / file for path, file in SERVED.items()}
    found = [problem for path, file in asked.items() if file.exists() and (problem := _wrong(url, path, file))]
    status = _get(url, "/api/openapi.json")[0] if not resting.is_on else 200
    return found if status == 200 else [*found, f"{url}/api/openapi.json: {status or 'no answer'}"]


def _wrong(url: str, path: str, file: Path) -> str:
    status, body = _get(url, path)
    if status != 200:
        return f"{url}{path}: {status or 'no answer'}"
    return "" if body == file.read_bytes() else f"{url}{path}: is not the page of this release"


def _get(url: str, path: str) -> tuple[int, bytes]:
    """From nginx on this machine, by the site's name; whether its certificate is trusted is for others to say. 0: no answer."""
    parts = urlsplit(url)
    port = parts.port or PORTS[parts.scheme]
    host = parts.hostname or ""
    try:
        with (
            closing(socket.create_connection(("127.0.0.1", port), timeout=ASK_SECONDS)) as plain,
            closing(_unchecked().wrap_socket(plain, server_hostname=host) if parts.scheme == "https" else plain) as end,
        ):
            connection = http.client.HTTPConnection(host, port, timeout=ASK_SECONDS)
            connection.sock = end
            connection.request("GET", path, headers={"Accept-Encoding": "identity", "User-Agent": "longwave-health"})
            answer = connection.getresponse()
            body = answer.read()
            return answer.status, gzip.decompress(body) if answer.getheader("Content-Encoding") == "gzip" else body
    except (OSError, http.client.HTTPException):
        return 0, b""


def _unchecked() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _url(release: Release) -> str:
    text = (release.folder / "configuration/service.env").read_text(encoding="utf-8")
    found = re.search(r'^LONGWAVE_URL="?([^"\n]+)', text, re.M)
    if not found:
        raise DeployError("service.env has no LONGWAVE_URL. Deploy again")
    return found[1]


def _ssh() -> list[str]:
    port = re.search(r"^port (\d+)$", run("/usr/sbin/sshd", "-T"), re.M)
    try:
        with closing(socket.create_connection(("127.0.0.1", int(port[1]) if port else 22), timeout=ASK_SECONDS)) as end:
            return [] if end.recv(4) == b"SSH-" else ["sshd answers with something else"]
    except OSError as error:
        return [f"sshd does not answer: {error}"]


def failed_units() -> list[str]:
    said = systemctl(
        "list-units", "--state=failed", "--plain", "--no-legend", "longwave-*", "nginx*", "ssh*", check=False
    )
    return [
        f"{line.split()[0]} has failed: journalctl -u {line.split()[0]}" for line in said.splitlines() if line.strip()
    ]
