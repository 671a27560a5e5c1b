"""The configuration of a server with TLS, run on loopback: only its port numbers and its account are changed."""

import http.client
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec import Struct

from deploy import nginx_process
from deploy.nginx import Facts, render
from tests.deploy.machine import HOST, on_loopback, server_facts
from tests.deploy.servers import free_port, until
from tests.deploy.web_root import web_root

HSTS = "strict-transport-security"


class Server(Struct, frozen=True):
    plain_port: int
    tls_port: int
    chain: Path

    def plain(self, target: str, *, host: str = HOST) -> http.client.HTTPResponse:
        return answer(socket.create_connection(("127.0.0.1", self.plain_port), timeout=5), target, host=host)

    def tls(self, target: str, *, name: str = HOST, host: str = HOST) -> http.client.HTTPResponse:
        return answer(self.connected(name), target, host=host)

    def connected(self, name: str, *protocols: str) -> ssl.SSLSocket:
        context = ssl.create_default_context(cafile=self.chain)
        context.set_alpn_protocols(list(protocols))
        connection = socket.create_connection(("127.0.0.1", self.tls_port), timeout=5)
        return context.wrap_socket(connection, server_hostname=name)


def answer(connection: socket.socket, target: str, *, host: str) -> http.client.HTTPResponse:
    with connection:
        connection.sendall(f"GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        response = http.client.HTTPResponse(connection)
        response.begin()
        return response


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("tls")
    facts = server_facts(folder)
    web_root(folder)
    assert facts.certificate
    running = Server(free_port(), free_port(), facts.certificate.chain)
    machine = nginx_process.installed()
    with nginx_process.Nginx(machine.binary, lambda: write(running, facts, machine.version)):
        until(lambda: listens(running.tls_port))
        yield running


def write(server: Server, facts: Facts, version: tuple[int, int]) -> Path:
    rendered = render(version, facts=facts).items()
    ports = {"plain_port": server.plain_port, "tls_port": server.tls_port}
    return nginx_process.write({name: on_loopback(text, **ports) for name, text in rendered}, facts.run / "nginx")


def listens(port: int) -> bool:
    with socket.socket() as connection:
        return connection.connect_ex(("127.0.0.1", port)) == 0


def test_the_site_is_served_over_tls_with_hsts(server: Server) -> None:
    response = server.tls("/")
    assert (response.status, response.getheader(HSTS)) == (200, "max-age=63072000")


@pytest.mark.parametrize("host", [HOST, f"www.{HOST}", "old.example"])
def test_plain_http_leads_in_one_step_to_the_canonical_host(server: Server, host: str) -> None:
    response = server.plain("/episodes/?a=1", host=host)
    assert (response.status, response.getheader("location")) == (301, f"https://{HOST}/episodes/?a=1")


def test_hsts_is_not_said_over_plain_http(server: Server) -> None:
    assert server.plain("/").getheader(HSTS) is None


def test_an_alias_leads_to_the_canonical_host(server: Server) -> None:
    response = server.tls("/feed.xml?a=1", name=f"www.{HOST}", host=f"www.{HOST}")
    assert (response.status, response.getheader("location")) == (301, f"https://{HOST}/feed.xml?a=1")


def test_an_unknown_host_gets_nothing_over_plain_http(server: Server) -> None:
    with pytest.raises(ConnectionError):
        server.plain("/", host="unknown.example")


def test_an_unknown_name_is_refused_in_the_handshake(server: Server) -> None:
    with pytest.raises(ssl.SSLError, match="UNRECOGNIZED_NAME"):
        server.connected("unknown.example")


def test_another_name_on_our_connection_is_misdirected(server: Server) -> None:
    assert server.tls("/", host="unknown.example").status == 421


def test_http2_is_offered(server: Server) -> None:
    with server.connected(HOST, "h2", "http/1.1") as connection:
        assert connection.selected_alpn_protocol() == "h2"


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
def test_tls_1_1_is_refused(server: Server) -> None:
    context = ssl.create_default_context(cafile=server.chain)
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    with (
        socket.create_connection(("127.0.0.1", server.tls_port), timeout=5) as connection,
        pytest.raises(ssl.SSLError, match="PROTOCOL_VERSION"),
    ):
        context.wrap_socket(connection, server_hostname=HOST)


def agreed(server: Server, context: ssl.SSLContext) -> str:
    """The cipher that comes of what `context` offers; '' when all of it is refused."""
    context.load_verify_locations(server.chain)
    with socket.create_connection(("127.0.0.1", server.tls_port), timeout=5) as connection:
        try:
            with context.wrap_socket(connection, server_hostname=HOST) as made:
                return (made.cipher() or ("",))[0]
        except ssl.SSLError:
            return ""


def offering(cipher: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(f"{cipher}:@SECLEVEL=0")
    return context


def test_only_ciphers_that_encrypt_and_sign_with_keys_of_the_moment_are_taken(server: Server) -> None:
    """All that OpenSSL can still do, each offered alone. Mozilla's intermediate list, without its DHE: https://ssl-config.mozilla.org"""
    known = offering("ALL:COMPLEMENTOFALL").get_ciphers()
    offered = [str(each["name"]) for each in known if each["protocol"] != "TLSv1.3"]
    assert len(offered) > 50
    taken = {cipher for cipher in offered if agreed(server, offering(cipher))}
    suites = ("AES128-GCM-SHA256", "AES256-GCM-SHA384", "CHACHA20-POLY1305")
    assert taken == {f"ECDHE-ECDSA-{suite}" for suite in suites}


@pytest.mark.parametrize(
    ("curve", "is_taken"),
    [
        ("X25519", True),
        ("prime256v1", True),
        ("secp384r1", True),
        ("secp521r1", False),
        ("secp256k1", False),
        ("X448", False),
    ],
)
def test_only_curves_that_browsers_use_are_taken(server: Server, curve: str, is_taken: bool) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.set_ecdh_curve(curve)
    assert bool(agreed(server, context)) == is_taken
