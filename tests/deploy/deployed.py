"""A bare Debian made a server by the one command, and people who meet it from outside. Checks nothing."""

import http.client
import json
import os
import re
import shutil
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

from deploy import wheelhouse
from deploy.facts import Target
from tests.command import ROOT, command
from tests.deploy.authority import Authority
from tests.deploy.guest import Guest, Network, network
from tests.deploy.servers import Reply, until

HOST = "nightshift.example"
SANDBOX = f"sandbox.{HOST}"
COURSE = "crs_first_thursday"
CODE = re.compile(r"[0-9A-Z]{4}-[0-9A-Z]{4}")
TARGETS = {
    "bookworm": Target(debian=12, architecture=os.uname().machine, python=(3, 11)),
    "trixie": Target(debian=13, architecture=os.uname().machine, python=(3, 13)),
}
FACTS = """
mode = "sandbox"

[ssh]
administrators = ["{key}"]

[certificate]
{certificate}
"""
LIFE_SECONDS = 90 * 86_400


LOOKED_AT = "/etc /opt /srv /usr /root /var/lib/dpkg /var/cache"


class Deployed:
    """`said` is what the first deploy printed, `seconds` how long it took, from bare to serving.

    `planned` is what it said before it would do, and `bare` the machine's files before and after that. Its certificate is of
    `authority`, or its own.
    """

    def __init__(self, net: Network, box: Guest, project: Path, authority: Authority | None) -> None:
        self.net, self.box, self.project, self.authority = net, box, project, authority
        before = self.files()
        self.planned = self.deploy("--dry-run").stdout
        self.bare = before, self.files()
        begun = time.monotonic()
        self.said = self.deploy().stdout
        self.seconds = time.monotonic() - begun

    def deploy(self, *options: str, check: bool = True) -> "CompletedProcess[str]":
        """`longwave deploy`, run on the outside machine in the project's folder."""
        words = [str(word) for word in command("deploy", *options, "--project", str(self.project))]
        words += ["--server", str(self.project / "server.toml"), "--identity", str(self.box.key)]
        return self.net.run(*words, f"root@{self.box.address}", check=check)

    def files(self) -> str:
        """Every file of the machine's with its rights and time."""
        return self.box.ssh(f"find {LOOKED_AT} -printf '%p %m %u %g %s %T@\\n' | sort").stdout

    def ask(self, path: str, method: str = "GET", *, host: str = HOST, address: str = "", **headers: str) -> Reply:
        return self.browser(address).ask(path, method, host=host, **headers)

    def browser(self, address: str = "") -> "Browser":
        return Browser(self, address or self.box.address)

    def mail(self, recipient: str) -> str:
        """The newest mail to somebody, once it is there; a server in mode sandbox keeps them in a folder."""
        folder = self.box.root / "var/lib/longwave/mail"

        def found() -> list[str]:
            texts = [path.read_text() for path in sorted(folder.glob("*"), key=lambda path: path.stat().st_mtime)]
            return [text for text in texts if recipient in text]

        until(lambda: bool(found()))
        return found()[-1]


class Browser:
    """Goes to the machine's address for every host, and keeps cookies."""

    def __init__(self, deployed: Deployed, address: str) -> None:
        self._deployed, self._address = deployed, address
        self._cookies: dict[str, str] = {}

    def ask(self, path: str, method: str = "GET", *, host: str = HOST, body: bytes = b"", **headers: str) -> Reply:
        with self._deployed.net.inside(), closing(self._connection(host)) as connection:
            cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
            given = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body=body or None, headers={"Cookie": cookies, **given})
            answer = connection.getresponse()
            for name, value in answer.getheaders():
                if name.lower() == "set-cookie":
                    cookie, _, content = value.partition(";")[0].partition("=")
                    self._cookies[cookie] = content
            told = tuple((name.lower(), value) for name, value in answer.getheaders())
            return Reply(answer.status, told, answer.read())

    def post(self, path: str, **values: Any) -> Reply:
        """As a script of our own pages does."""
        headers = {"Content_Type": "application/json", "Origin": f"https://{HOST}", "Sec_Fetch_Site": "same-origin"}
        return self.ask(path, "POST", body=json.dumps(values).encode(), **headers)

    def sign_in(self, email: str) -> None:
        asked = self.post("/api/sign-in", email=email)
        assert asked.status < 300, asked
        code = CODE.search(self._deployed.mail(email))
        assert code
        signed = self.post("/api/sign-in/code", code=code[0])
        assert signed.status < 300, signed

    def buy(self, *products: str, email: str) -> str:
        """Orders and pays at the stand-in for Stripe; the order's id."""
        order = json.loads(self.post("/api/orders", products=list(products), email=email).body)
        page = order["url"].removeprefix(f"https://{SANDBOX}")
        form = {"Content_Type": "application/x-www-form-urlencoded", "Origin": f"https://{SANDBOX}"}
        paid = self.ask(page, "POST", host=SANDBOX, body=f"action=pay&email={email}".encode(), **form)
        assert paid.status == 303, paid
        return str(order["id"])

    def _connection(self, host: str) -> http.client.HTTPSConnection:
        tls = ssl.create_default_context()
        tls.check_hostname, tls.verify_mode = False, ssl.CERT_NONE  # signed by nobody but itself
        connection = http.client.HTTPSConnection(host, timeout=20, context=tls)
        plain = socket.create_connection((self._address, 443), timeout=20)
        connection.sock = tls.wrap_socket(plain, server_hostname=host)
        return connection


@contextmanager
def deployed(suite: str, folder: Path, *, by_authority: bool = False) -> Iterator[Deployed]:
    wheelhouse.gather(TARGETS[suite])  # from the outside machine nobody reaches a package registry
    with ExitStack() as stack:
        net = stack.enter_context(network(folder))
        box = stack.enter_context(net.guest(suite))
        authority = stack.enter_context(_authority(net, box, folder / "authority")) if by_authority else None
        project = folder / "project"
        for name in ("content", "theme"):
            shutil.copytree(ROOT / name, project / name)
        key = box.key.with_suffix(".pub").read_text().strip()
        chosen = f'kind = "acme"\ndirectory = "{authority.directory}"' if authority else 'kind = "self_signed"'
        (project / "server.toml").write_text(FACTS.format(key=key, certificate=chosen))
        yield Deployed(net, box, project, authority)


@contextmanager
def _authority(net: Network, box: Guest, folder: Path) -> Iterator[Authority]:
    """Trusted by the machine, whose every name leads to itself."""
    folder.mkdir()
    with Authority(net, box=box, folder=folder, life_seconds=LIFE_SECONDS).running() as authority:
        authority.trusted_by(box)
        box.ssh("cat >>/etc/hosts", input=f"{box.address} {HOST} www.{HOST} {SANDBOX}\n")
        yield authority
