"""Whether a server serves its site to the outside, asked at its address whatever DNS says yet. Knows no certificates' worth."""

import http.client
import socket
import ssl
import time
from contextlib import closing
from urllib.parse import urlsplit

from deploy.errors import DeployError

PATHS = ("/", "/feed.xml", "/api/openapi.json")
WAIT_SECONDS = 20
LOOK_SECONDS = 0.5
TIMEOUT_SECONDS = 10


def look(address: str, *, url: str, paths: tuple[str, ...] = PATHS) -> None:
    """Raises DeployError when one of the paths is not answered with 200 in time."""
    deadline = time.monotonic() + WAIT_SECONDS
    for path in paths:
        while said := _answer(address, host=urlsplit(url).hostname or "", path=path):
            if time.monotonic() > deadline:
                raise DeployError(f"{url}{path} at {address}, asked from here: {said}")
            time.sleep(LOOK_SECONDS)


def _answer(address: str, *, host: str, path: str) -> str:
    """'' for 200, else what came instead."""
    try:
        with closing(_Pinned(host, address=address)) as connection:
            connection.request("GET", path)
            status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        return f"no answer ({error})"
    return "" if status == 200 else f"answered {status}"


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
