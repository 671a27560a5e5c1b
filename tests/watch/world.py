"""A whole site in a network namespace of its own, names and ports as on a server, with a mailbox and a hook for who is called."""

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message
from msgspec.structs import replace

from deploy import nginx_process
from deploy.nginx import render
from deploy.watch import outside
from tests.deploy.guest import Network, network
from tests.deploy.machine import HOST, server_facts
from tests.deploy.servers import until
from tests.deploy.web_root import web_root

AUDIO = "/media/0001-hello.0123abcd.mp3"
AUDIO_BYTES = 10_240
SERVICE_PORT, HOOK_PORT, MAIL_PORT = 8080, 8090, 2525
NAMES = (HOST, f"www.{HOST}")


class Mailbox(Message):
    """What was sent, the oldest first."""

    def __init__(self) -> None:
        super().__init__(EmailMessage)
        self.subjects: list[str] = []
        self.texts: list[str] = []

    def handle_message(self, message: Any) -> None:
        self.subjects.append(str(message["Subject"]))
        self.texts.append(message.get_payload(decode=True).decode())


@dataclass
class World:
    net: Network
    folder: Path
    chain: Path
    nginx: nginx_process.Nginx
    mailbox: Mailbox
    service: "Answering"
    hook: "Answering"
    config: dict[str, Any] = field(default_factory=dict)

    def look(self, **changes: Any) -> "subprocess.CompletedProcess[str]":
        """Runs the checker as another machine would: its one file, Python without our packages."""
        checker = self.folder / "outside.py"
        shutil.copy(outside.__file__, checker)
        given = {**self.config, **changes}
        mail = given.pop("mail", None)
        lines = [f"{name} = {json.dumps(value)}" for name, value in given.items()]
        lines += ["[mail]", *(f"{name} = {json.dumps(value)}" for name, value in mail.items())] if mail else []
        path = self.folder / "outside.toml"
        path.write_text("\n".join(lines))
        path.chmod(0o600)
        python = (sys.executable, "-I", "-S", str(checker), str(path))
        return self.net.run("env", f"SSL_CERT_FILE={self.chain}", *python, check=False)

    def feed(self, *, length: int = AUDIO_BYTES, published: datetime | None = None) -> None:
        date = format_datetime(published or datetime.now(UTC))
        enclosure = f'<enclosure url="https://{HOST}{AUDIO}" length="{length}" type="audio/mpeg"/>'
        item = f"<item><title>One</title><pubDate>{date}</pubDate>{enclosure}</item>"
        (self.folder / "feed.xml.new").write_text(f"<rss><channel>{item}</channel></rss>")
        (self.folder / "feed.xml.new").replace(self.folder / "feed.xml")
        self.reload()

    def reload(self) -> None:
        """Files that have changed in place are kept open until then."""
        workers = Path(f"/proc/{self.nginx.pid}/task/{self.nginx.pid}/children")
        old = set(workers.read_text().split())
        self.nginx.reload()
        until(lambda: not old & set(workers.read_text().split()))

    def call(self, *, is_wrong: bool, **channels: Any) -> list[str]:
        """One look of which only the calling is of interest."""
        finding = outside.Finding("service", "is dead", "Look at it" if is_wrong else "")
        state = Path(self.config["state"])
        with self.net.inside():
            return outside.watch(
                [finding], channels=outside.Channels(**channels), state=state, subject=HOST, now=datetime.now(UTC)
            )

    def hosts(self, *addresses: str) -> None:
        lines = [f"{address} {name}" for address in addresses for name in NAMES]
        Path("/etc/netns", self.net.name, "hosts").write_text("\n".join(["127.0.0.1 localhost", *lines]) + "\n")


@dataclass
class Answering:
    """Answers every request with `status` and keeps what was posted."""

    status: int = 200
    posted: list[Any] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def handler(self) -> type[BaseHTTPRequestHandler]:
        known = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                known.asked.append(self.path)
                self._answer()

            def do_POST(self) -> None:
                known.posted.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self._answer()

            def _answer(self) -> None:
                self.send_response(known.status)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, format: str, *args: Any) -> None:
                pass

        return Handler


@contextmanager
def answering(port: int, *, address: str = "127.0.0.1") -> Iterator[Answering]:
    answers = Answering()
    server = ThreadingHTTPServer((address, port), answers.handler())
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield answers
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def world(folder: Path) -> Iterator[World]:
    """Only root can make namespaces."""
    assert os.geteuid() == 0, "run these tests as root: they need a network of their own"
    facts = replace(server_facts(folder), aliases=(f"https://www.{HOST}",))
    assert facts.certificate
    web_root(folder)
    (folder / "pool/media").mkdir(parents=True, exist_ok=True)
    (folder / f"pool{AUDIO}").write_bytes(bytes(AUDIO_BYTES))
    machine = nginx_process.installed()
    rendered = render(machine.version, facts=facts)
    (folder / "network").mkdir()
    with network(folder / "network") as net, ExitStack() as stack:
        with net.inside():
            nginx = nginx_process.Nginx(machine.binary, lambda: nginx_process.write(rendered, facts.run / "nginx"))
            stack.enter_context(nginx)
            service, hook = (stack.enter_context(answering(port)) for port in (SERVICE_PORT, HOOK_PORT))
            mailbox = Mailbox()
            relay = Controller(mailbox, hostname="127.0.0.1", port=MAIL_PORT)
            relay.start()
            stack.callback(relay.stop)
        made = World(net, folder, facts.certificate.chain, nginx, mailbox, service, hook, _config(folder))
        made.hosts("127.0.0.1", "::1")
        made.feed()
        until(lambda: net.run("curl", "-sk", f"https://{HOST}/", check=False).returncode == 0)
        yield made


def _config(folder: Path) -> dict[str, Any]:
    return {
        "url": f"https://{HOST}",
        "aliases": [f"https://www.{HOST}"],
        "certificate_days_min": 1,
        "state": str(folder / "state.json"),
    }


def forget(world: World) -> None:
    """As before the first look."""
    with suppress(FileNotFoundError):
        Path(world.config["state"]).unlink()
    for seen in (world.mailbox.subjects, world.mailbox.texts, world.hook.posted, world.hook.asked):
        seen.clear()
    world.service.status = world.hook.status = 200
    world.hosts("127.0.0.1", "::1")
    world.feed()
