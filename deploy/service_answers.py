"""Asks the service in the embedded server's stead of nginx; knows its address, not what it does."""

import http.client
from contextlib import closing

from deploy.policy import Policy
from deploy.static_files import Answer, Request, headers_beside, unavailable

SECONDS_MAX = 30
HOP_BY_HOP = frozenset({"connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"})  # RFC 9110, 7.6.1
NOT_PASSED = HOP_BY_HOP | {"content-length", "x-forwarded-for", "x-forwarded-proto"}
NOT_RETURNED = HOP_BY_HOP | {"date", "server", "x-path-template"}


def passed_on(request: Request, body: bytes, *, service: str, client: str, policy: Policy) -> Answer:
    """The service's answer with our headers beside its own; an honest 503 when there is none."""
    host, _, port = service.rpartition(":")
    try:
        with closing(http.client.HTTPConnection(host, int(port), timeout=SECONDS_MAX)) as connection:
            connection.request(request.method, _target(request), body or None, _headers(request, client=client))
            answered = connection.getresponse()
            return _answer(request, answered, answered.read(), policy=policy)
    except (OSError, http.client.HTTPException):
        return unavailable(request, policy=policy)


def _target(request: Request) -> str:
    return f"{request.target}?{request.query}" if request.query else request.target


def _headers(request: Request, *, client: str) -> dict[str, str]:
    passed = {name: value for name, value in request.headers.items() if name not in NOT_PASSED}
    return {**passed, "x-forwarded-for": client, "x-forwarded-proto": "http", "connection": "close"}


def _answer(request: Request, answered: http.client.HTTPResponse, body: bytes, *, policy: Policy) -> Answer:
    own = tuple((name, value) for name, value in answered.getheaders() if name.lower() not in NOT_RETURNED)
    said = {name.lower(): value for name, value in own}
    beside = headers_beside(request, answered.status, said=said, policy=policy)
    return Answer(answered.status, (*own, *beside), body)
