"""Readers who ask a server all the time, each with a new connection; tells what every one of them got."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.deploy.guest import Network

READERS = 2
PAUSE_SECONDS = 0.02


@contextmanager
def read_all_the_time(
    net: Network, address: str, *, host: str, trusting: ssl.SSLContext | None = None
) -> Iterator[list[str]]:
    """The status of each answer, or what went wrong. Without `trusting` any certificate will do."""
    answers: list[str] = []
    over = threading.Event()

    def read() -> None:
        with net.inside():
            while not over.wait(PAUSE_SECONDS):
                answers.append(_answer(trusting or anybody(), address, host))

    readers = [threading.Thread(target=read) for _ in range(READERS)]
    for reader in readers:
        reader.start()
    try:
        yield answers
    finally:
        over.set()
        for reader in readers:
            reader.join()


def anybody() -> ssl.SSLContext:
    tls = ssl.create_default_context()
    tls.check_hostname, tls.verify_mode = False, ssl.CERT_NONE
    return tls


def connected(tls: ssl.SSLContext, address: str, host: str) -> ssl.SSLSocket:
    return tls.wrap_socket(socket.create_connection((address, 443), timeout=10), server_hostname=host)


def _answer(tls: ssl.SSLContext, address: str, host: str) -> str:
    try:
        with connected(tls, address, host) as connection:
            connection.sendall(
                f"GET /feed.xml HTTP/1.1\r\nHost: {host}\r\nIf-None-Match: x\r\nConnection: close\r\n\r\n".encode()
            )
            whole = b"".join(iter(lambda: connection.recv(65536), b""))
    except OSError as error:
        return repr(error)
    return whole.split(b" ", 2)[1].decode() if whole.rstrip().endswith(b"</rss>") else "half an answer"
