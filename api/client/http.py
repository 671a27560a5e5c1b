"""One request and its whole answer, over urllib. Knows no addresses of the API; tests put another transport in its place."""

import gzip
import json
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Any

from api.client.errors import Offline

SECONDS_MAX = 30


@dataclass(frozen=True)
class Reply:
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def json(self) -> Any:
        """Raises Offline for what is cut off or no JSON: a proxy's page, say."""
        try:
            return json.loads(self.body)
        except ValueError as error:
            raise Offline("the answer did not arrive whole") from error


# Method, address, headers and body -> the answer. Raises Offline when there is none.
Transport = Callable[[str, str, Mapping[str, str], bytes | None], Reply]


def over_network(method: str, address: str, headers: Mapping[str, str], body: bytes | None) -> Reply:
    """A transport for real use."""
    if not address.startswith(("https://", "http://")):
        raise ValueError(f"{address} is no web address")
    request = urllib.request.Request(  # noqa: S310 (checked above)
        address, data=body, method=method, headers={"Accept-Encoding": "gzip", **headers}
    )
    try:
        with urllib.request.urlopen(request, timeout=SECONDS_MAX) as answer:  # noqa: S310 (the same)
            return _reply(answer.status, dict(answer.headers), answer.read())
    except urllib.error.HTTPError as refusal:
        with refusal:
            return _reply(refusal.code, dict(refusal.headers), refusal.read())
    except (OSError, HTTPException) as error:
        raise Offline(str(error)) from error


def _reply(status: int, headers: Mapping[str, str], body: bytes) -> Reply:
    small = {name.lower(): value for name, value in headers.items()}
    if small.get("content-encoding") == "gzip":
        try:
            body = gzip.decompress(body)
        except (OSError, EOFError) as error:
            raise Offline("the answer did not arrive whole") from error
    return Reply(status, small, body)
