"""What a stranger finds open on a machine, by asking every port over TCP and UDP; knows neither firewall nor services."""

import asyncio
import socket
from collections.abc import Iterable

AT_ONCE = 400
ANSWER_SECONDS = 1.0
QUIC_BYTES = 1200  # a first packet that is smaller is not answered (RFC 9000, section 14.1)


def open_tcp(address: str, ports: Iterable[int]) -> set[int]:
    """Those that accept a connection. One that is dropped without a word takes a second."""
    asked = list(ports)
    answers = asyncio.run(_open_tcp(address, asked))
    return {port for port, answer in zip(asked, answers, strict=True) if answer}


def accepted(address: str, port: int, *, times: int) -> int:
    """How many of so many connections that come all at once are let in."""
    return sum(asyncio.run(_open_tcp(address, [port] * times)))


async def _open_tcp(address: str, ports: list[int]) -> list[bool]:
    turn = asyncio.Semaphore(AT_ONCE)

    async def is_open(port: int) -> bool:
        async with turn:
            try:
                _, writer = await asyncio.wait_for(asyncio.open_connection(address, port), ANSWER_SECONDS)
            except (OSError, TimeoutError):
                return False
            writer.close()
            return True

    return await asyncio.gather(*(is_open(port) for port in ports))


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
