"""Answers a request from a folder of files as nginx with our configuration does; knows no sockets and no framework.

The limits of feed-limits.conf and the log are left out: on a laptop there is nobody to slow down or to count.
"""

import os
import re
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

from msgspec import Struct

from deploy.addresses import decoded
from deploy.conditions import Part, Validators, precondition, requested_part
from deploy.policy import Location, Policy

ENCODINGS = (("br", ".br"), ("gzip", ".gz"))  # in the order in which nginx's modules try them
NOTHING = re.compile(r"\s*q\s*=\s*0(\.0*)?\s*")
NOT_FOUND_PAGE = "/404.html"
UNRESERVED = "/:@!$&'()*+,;=~"
Headers = tuple[tuple[str, str], ...]


class Request(Struct, frozen=True):
    """`target` is the path as it came, `query` what follows its '?'; header names are lower case."""

    method: str
    target: str
    query: str
    headers: Mapping[str, str]


class Answer(Struct, frozen=True):
    """`body` is bytes, or an open file: `length` bytes from `start` are to be sent; whoever sends them closes it."""

    status: int
    headers: Headers
    body: bytes | BinaryIO = b""
    start: int = 0
    length: int = 0


class _Exchange(Struct, frozen=True):
    """A request with what nginx's variables say about it."""

    request: Request
    policy: Policy
    variables: dict[str, str]

    def headers(self, status: int) -> Headers:
        return tuple(self.policy.headers(status, self.variables))


class _File(Struct, frozen=True):
    """A file that is there, open, in the encoding chosen ('' for none); `varies` when there is another one too."""

    body: BinaryIO
    type: str
    encoding: str
    varies: bool
    validators: Validators


def is_for_service(request: Request, *, policy: Policy) -> bool:
    """Whether nginx would ask the service behind it."""
    path = decoded(request.target)
    if path is None:
        return False
    exchange = _exchange(request, path=path, policy=policy)
    server = policy.server(exchange.variables["host"])
    if policy.returned(server, exchange.variables):
        return False
    return policy.location(server, path, variables=exchange.variables).passed_on


def unavailable(request: Request, *, policy: Policy) -> Answer:
    """What is said while the service does not answer."""
    exchange = _exchange(request, path=decoded(request.target) or "", policy=policy)
    server = policy.server(exchange.variables["host"])
    asked = policy.location(server, exchange.variables["uri"], variables=exchange.variables)
    page = policy.value(asked.error_pages.get(502, ""), exchange.variables)
    location = policy.location(server, page, variables=exchange.variables)
    body = location.text.encode()
    own = (("Content-Type", location.default_type), ("Content-Length", str(len(body))))
    return Answer(503, (*own, *exchange.headers(503)), b"" if request.method == "HEAD" else body)


def headers_beside(request: Request, status: int, *, said: Mapping[str, str], policy: Policy) -> Headers:
    """The headers that an answer of the service gets from us; `said` are its own, by lower-case name."""
    exchange = _exchange(request, path=decoded(request.target) or "", policy=policy)
    upstream = {f"upstream_http_{name.replace('-', '_')}": value for name, value in said.items()}
    variables = {**exchange.variables, **upstream, "upstream_addr": "service"}
    return tuple(policy.headers(status, variables))


def answer(request: Request, *, policy: Policy) -> Answer:
    """The whole answer, redirects and errors included. Raises nothing that a request could cause."""
    path = decoded(request.target)
    exchange = _exchange(request, path=path or "", policy=policy)
    if path is None:
        return _error(exchange, 400)
    server = policy.server(exchange.variables["host"])
    if returned := policy.returned(server, exchange.variables):
        status, target = returned
        return _moved(exchange, status, target) if target else _error(exchange, status)
    if request.method not in ("GET", "HEAD", "POST"):
        return _error(exchange, 405)
    name = path + "index.html" if path.endswith("/") else path
    location = policy.location(server, name, variables=exchange.variables)
    if location.status == 200 and not location.internal:
        if _is_folder(location.root, location.path):
            query = f"?{request.query}" if request.query else ""
            return _moved(exchange, 301, quote(path, safe=UNRESERVED, errors="surrogateescape") + "/" + query)
        if file := _opened(location, request=request):
            return _served(exchange, file)
    page = policy.location(
        server, location.error_pages.get(location.status, NOT_FOUND_PAGE), variables=exchange.variables
    )
    return _refused(exchange, location.status, page) if page.text else _not_found(exchange, page)


def _exchange(request: Request, *, path: str, policy: Policy) -> _Exchange:
    host = request.headers.get("host", "").partition(":")[0].lower()
    return _Exchange(request, policy, _variables(request, path=path, host=host))


def _variables(request: Request, *, path: str, host: str) -> dict[str, str]:
    """nginx's names for what our configuration asks about a request; any other is empty, as it is on loopback."""
    mark = "?" if request.query else ""
    return {
        "uri": path,
        "args": request.query,
        "is_args": mark,
        "request_method": request.method,
        "request_uri": request.target + mark + request.query,
        "host": host,
        "http_accept": request.headers.get("accept", ""),
    }


def _is_folder(root: Path, path: str) -> bool:
    try:
        return (root / path[1:]).is_dir()
    except OSError:  # a name longer than any file's
        return False


def _opened(location: Location, *, request: Request) -> _File | None:
    plain = location.root / location.path[1:]
    wanted = _accepted(request.headers.get("accept-encoding", ""))
    try:
        siblings = {encoding: file for encoding, suffix in ENCODINGS if (file := Path(f"{plain}{suffix}")).is_file()}
        encoding = next((name for name in siblings if name in wanted), "")
        body = siblings.get(encoding, plain).open("rb")
    except OSError:
        return None
    status = os.fstat(body.fileno())
    validators = Validators(int(status.st_mtime), status.st_size)
    return _File(body, _type(location), encoding, bool(siblings), validators)


def _accepted(header: str) -> set[str]:
    """The encodings a client names; '*' counts for none, as in nginx.

    >>> sorted(_accepted("gzip, br;q=0.5, zstd;q=0"))
    ['br', 'gzip']
    """
    offers = (offer.partition(";") for offer in header.lower().split(","))
    return {name.strip() for name, _, weight in offers if not NOTHING.fullmatch(weight)}


def _type(location: Location) -> str:
    name = location.path.rpartition("/")[2]
    extension = name.rpartition(".")[2].lower() if "." in name else ""
    return location.types.get(extension, location.default_type)


def _served(exchange: _Exchange, file: _File) -> Answer:
    status = 405 if exchange.request.method == "POST" else precondition(exchange.request.headers, file.validators)
    part = requested_part(exchange.request.headers, file.validators) if not file.encoding else None
    if status or (part and not part.satisfiable):
        file.body.close()
        return _unsent(exchange, file, status or 416)
    if part:
        size = file.validators.size
        headers = (("Content-Range", f"bytes {part.start}-{part.start + part.length - 1}/{size}"),)
        return _sent(exchange, file, 206, part=part, headers=(*_version(file), *headers))
    ranges = () if file.encoding else (("Accept-Ranges", "bytes"),)
    return _sent(exchange, file, 200, part=Part(0, file.validators.size), headers=(*_version(file), *ranges))


def _unsent(exchange: _Exchange, file: _File, status: int) -> Answer:
    if status == 304:
        return Answer(304, (*_version(file), *_vary(file), *exchange.headers(304)))
    if status == 416:  # nginx has put on the headers of a 200 before it looks at the range
        unsatisfied = (("Content-Range", f"bytes */{file.validators.size}"),)
        return _error(exchange, 416, headers=(*unsatisfied, *_vary(file), *exchange.headers(200)))
    return _error(exchange, status, headers=(*(_vary(file) if status == 412 else ()), *exchange.headers(status)))


def _sent(exchange: _Exchange, file: _File, status: int, *, part: Part, headers: Headers) -> Answer:
    encoding = (("Content-Encoding", file.encoding),) if file.encoding else ()
    own = (("Content-Type", file.type), ("Content-Length", str(part.length)), *encoding, *_vary(file))
    whole = (*own, *headers, *exchange.headers(status))
    if exchange.request.method == "HEAD":
        file.body.close()
        return Answer(status, whole)
    return Answer(status, whole, file.body, part.start, part.length)


def _version(file: _File) -> Headers:
    return (("ETag", file.validators.etag), ("Last-Modified", file.validators.last_modified))


def _vary(file: _File) -> Headers:
    return (("Vary", "Accept-Encoding"),) if file.varies else ()


def _refused(exchange: _Exchange, status: int, page: Location) -> Answer:
    """What a location refuses itself, in the words of its error_page."""
    body = page.text.encode()
    own = (("Content-Type", page.default_type), ("Content-Length", str(len(body))))
    return Answer(status, (*own, *exchange.headers(status)), b"" if exchange.request.method == "HEAD" else body)


def _not_found(exchange: _Exchange, location: Location) -> Answer:
    file = _opened(location, request=exchange.request)
    if file is None:
        return _error(exchange, 404)
    return _sent(exchange, file, 404, part=Part(0, file.validators.size), headers=_version(file)[:1])


def _moved(exchange: _Exchange, status: int, target: str) -> Answer:
    return _error(exchange, status, headers=(("Location", target), *exchange.headers(status)))


def _error(exchange: _Exchange, status: int, *, headers: Iterable[tuple[str, str]] | None = None) -> Answer:
    """A page of one line, as short as nginx's own."""
    title = f"{status} {HTTPStatus(status).phrase}"
    body = f"<!doctype html><title>{title}</title><h1>{title}</h1>\n".encode()
    own = (("Content-Type", "text/html"), ("Content-Length", str(len(body))))
    return Answer(status, (*own, *(exchange.headers(status) if headers is None else headers)), body)
