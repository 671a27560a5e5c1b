"""What a stranger finds open on a machine, by asking every port over TCP and UDP; knows neither firewall nor services."""

import itertools
import selectors
import socket
import time
from collections.abc import Iterable

AT_ONCE = 4000
ANSWER_SECONDS = 1.0
QUIC_BYTES = 1200  # a first packet that is smaller is not answered (RFC 9000, section 14.1)


def open_tcp(address: str, ports: Iterable[int]) -> set[int]:
    """Those that accept a connection. What is dropped without a word costs a second, for thousands at once."""
    asked = iter(ports)
    found: set[int] = set()
    while some := list(itertools.islice(asked, AT_ONCE)):
        found |= {port for port, is_open in zip(some, _accepted(address, some), strict=True) if is_open}
    return found


def accepted(address: str, port: int, *, times: int) -> int:
    """How many of so many connections that come all at once are let in."""
    return sum(_accepted(address, [port] * times))


def _accepted(address: str, ports: list[int]) -> list[bool]:
    """All are asked, then all are waited for: who asks slowly on a busy machine misses no answer."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    asking = [socket.socket(family, socket.SOCK_STREAM | socket.SOCK_NONBLOCK) for _ in ports]
    with selectors.DefaultSelector() as answers:
        for port, each in zip(ports, asking, strict=True):
            each.connect_ex((address, port))
            answers.register(each, selectors.EVENT_WRITE)
        over = time.monotonic() + ANSWER_SECONDS
        while answers.get_map() and (left := over - time.monotonic()) > 0:
            for key, _ in answers.select(left):
                answers.unregister(key.fileobj)
    let_in = [_is_connected(each) for each in asking]
    for each in asking:
        each.close()
    return let_in


def _is_connected(connection: socket.socket) -> bool:
    try:
        connection.getpeername()
    except OSError:
        return False
    return True


def answering_udp(address: str, ports: Iterable[int]) -> set[int]:
    """Those that answer anything to a QUIC packet of a version that nobody speaks: servers of HTTP/3 must (RFC 9000, section 6)."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return {port for port in ports if _answers(family, (address, port))}


def _answers(family: int, target: tuple[str, int]) -> bool:
    packet = b"\xc0\x1a\x2a\x3a\x4a\x08" + b"12345678" + b"\x08" + b"87654321"
    with socket.socket(family, socket.SOCK_DGRAM) as asking:
        asking.settimeout(ANSWER_SECONDS)
        asking.connect(target)
        try:
            asking.send(packet.ljust(QUIC_BYTES, b"\0"))
            return bool(asking.recv(2048))
        except OSError:
            return False
