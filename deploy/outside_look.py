"""Whether a server serves its site to the outside, asked at its address whatever DNS says yet. Knows no certificates' worth."""

import http.client
import socket
import ssl
import time
from contextlib import closing
from urllib.parse import urlsplit

from deploy.errors import DeployError

PAGES, SERVICE = ("/", "/feed.xml"), ("/api/openapi.json",)
WAIT_SECONDS = 20
LOOK_SECONDS = 0.5
TIMEOUT_SECONDS = 10


def expected(*, rests: bool, everything: bool) -> dict[str, int]:
    """Path -> status. Under maintenance the service says 503, or all of the site does."""
    pages = dict.fromkeys(PAGES, 503 if rests and everything else 200)
    return pages | dict.fromkeys(SERVICE, 503 if rests else 200)


def look(address: str, *, url: str, paths: dict[str, int]) -> None:
    """Raises DeployError when one of the paths is not answered with its status in time."""
    deadline = time.monotonic() + WAIT_SECONDS
    for path, status in paths.items():
        while said := _wrong(address, host=urlsplit(url).hostname or "", path=path, status=status):
            if time.monotonic() > deadline:
                raise DeployError(f"{url}{path} at {address}, asked from here: {said}")
            time.sleep(LOOK_SECONDS)


def _wrong(address: str, *, host: str, path: str, status: int) -> str:
    """'' for the status, else what came instead."""
    try:
        with closing(_Pinned(host, address=address)) as connection:
            connection.request("GET", path)
            answered = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        return f"no answer ({error})"
    return "" if answered == status else f"answered {answered}"


class _Pinned(http.client.HTTPSConnection):
    """Says `host`, but goes to `address`. Its certificate may still be a placeholder: watching looks at that."""

    def __init__(self, host: str, *, address: str) -> None:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        super().__init__(host, timeout=TIMEOUT_SECONDS, context=context)
        self._address = address
        self._tls = context

    def connect(self) -> None:
        plain = socket.create_connection((self._address, 443), timeout=TIMEOUT_SECONDS)
        self.sock = self._tls.wrap_socket(plain, server_hostname=self.host)
