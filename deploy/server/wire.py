"""How a publish is asked for on the server: one line of JSON and a tar go in, lines of JSON come out. Publishes nothing.

The socket belongs to the user that editors' keys open; behind it is a unit of root's for each request.
"""

import socket
from collections.abc import Callable
from typing import IO, Literal

import msgspec
from msgspec import Struct

from deploy.errors import DeployError
from deploy.server import content_places as places

HEADER_BYTES_MAX = 4096
WHO_CHARACTERS_MAX = 100


class Request(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`source` is followed by a tar of content/ and theme/, `artefact` by one of a finished output, `again` by nothing.

    `what` is the commit or the name of the artefact.
    """

    kind: Literal["source", "artefact", "again"]
    who: str
    what: str


class Said(Struct, frozen=True, tag="say"):
    text: str


class Ended(Struct, frozen=True, tag="end"):
    """The last line. `release` is '' when the site is what it was before."""

    ok: bool
    release: str = ""


Answer = Said | Ended


def ask(request: Request, write: Callable[[IO[bytes]], None], *, say: Callable[[str], None]) -> Ended:
    """Sends a request with the tar that `write` writes, and tells what comes back. Raises DeployError when nobody answers."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.connect(str(places.SOCKET))
            _send(connection, request, write)
            with connection.makefile("rb") as answers:
                return _follow(answers, say)
    except OSError as error:
        raise DeployError(
            f"the publisher of this server does not answer ({error.strerror}). Tell whoever runs it: "
            "systemctl status longwave-publish.socket"
        ) from error


def read_request(stream: IO[bytes]) -> Request:
    """The header of a request; not a byte of the tar is taken, as `stream` is to be unbuffered."""
    line = bytearray()
    while not line.endswith(b"\n"):
        byte = stream.read(1)
        if not byte or len(line) >= HEADER_BYTES_MAX:
            raise DeployError("a request begins with one line of JSON that says what is asked for")
        line += byte
    try:
        request = msgspec.json.decode(line, type=Request)
    except msgspec.DecodeError as error:
        raise DeployError(f"the request cannot be read: {error}") from error
    if len(request.who) > WHO_CHARACTERS_MAX or not (request.who + request.what).isprintable():
        raise DeployError("the request names nobody that could be written down")
    return request


def _send(connection: socket.socket, request: Request, write: Callable[[IO[bytes]], None]) -> None:
    """A publisher that has heard enough hangs up; what it says then is what counts."""
    try:
        with connection.makefile("wb") as stream:
            stream.write(msgspec.json.encode(request) + b"\n")
            write(stream)
        connection.shutdown(socket.SHUT_WR)
    except (BrokenPipeError, ConnectionResetError):
        return


def _follow(answers: IO[bytes], say: Callable[[str], None]) -> Ended:
    for line in answers:
        answer = msgspec.json.decode(line, type=Answer)
        if isinstance(answer, Ended):
            return answer
        say(answer.text)
    say("the publisher ended without a word. Tell whoever runs this server: journalctl -u 'longwave-publish@*'")
    return Ended(False)
