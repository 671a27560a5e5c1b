"""Real servers on free loopback ports: nginx over a published site, and both servers over one preview."""

import http.client
import json
import multiprocessing
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

from msgspec import Struct

from deploy import media_keys, preview
from deploy.embedded import EmbeddedServer, StaticSite
from deploy.media_keys import MediaSecrets
from deploy.nginx import Facts, FairUse, render
from deploy.nginx_process import Nginx, installed, write
from deploy.preview import Preview

WAIT_SECONDS = 40
Answering = TypeVar("Answering", bound="Site")


class Reply(Struct, frozen=True):
    """`headers` as they came, names in lower case."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str | None:
        return dict(self.headers).get(name)


class Site(Struct, frozen=True):
    """A site that answers on 127.0.0.1."""

    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ask(self, target: str, method: str = "GET", **headers: str) -> Reply:
        """One request just as written: only Host is added, no path is made tidy. `_` in a header's name means `-`."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)) as connection:
            connection.putrequest(method, target, skip_host="Host" in headers, skip_accept_encoding=True)
            for name, value in headers.items():
                connection.putheader(name.replace("_", "-"), value)
            connection.endheaders()
            answer = connection.getresponse()
            return Reply(
                answer.status, tuple((name.lower(), value) for name, value in answer.getheaders()), answer.read()
            )


class NginxSite(Site, frozen=True):
    """The same, served by nginx; `state` holds its log."""

    nginx: Nginx
    state: Path

    def reload(self) -> None:
        """Returns when the old workers are gone, so that every later answer is of what is current now."""
        old = self._workers()
        self.nginx.reload()
        until(lambda: not old & self._workers() and bool(self._workers()))

    def requests(self, path: str) -> list[dict[str, Any]]:
        """What the access log says about the requests for `path`, the oldest first."""
        written = self._rotated()
        until(lambda: not any(written in self._open_files(pid) for pid in (str(self.nginx.pid), *self._workers())))
        files = (self.state / "logs").glob("access*.json")
        lines = [json.loads(line) for file in files for line in file.read_text(errors="replace").splitlines()]
        return sorted((line for line in lines if line["path"] == path), key=lambda line: line["time"])

    def _rotated(self) -> Path:
        """The log under another name. Each worker lets go of it once it has written to it what it had buffered."""
        old = self.state / "logs" / f"access-{time.monotonic_ns()}.json"
        (self.state / "logs" / "access.json").rename(old)
        os.kill(self.nginx.pid, signal.SIGUSR1)
        return old

    def _open_files(self, pid: str) -> set[Path]:
        found: set[Path] = set()
        with suppress(OSError):  # an old worker may end just now
            found |= {link.readlink() for link in Path(f"/proc/{pid}/fd").iterdir()}
        return found

    def _workers(self) -> set[str]:
        return set(Path(f"/proc/{self.nginx.pid}/task/{self.nginx.pid}/children").read_text().split())


@contextmanager
def nginx_site(www: Path, *, state: Path, port: int = 0, fair_use: FairUse = "watch") -> Iterator[NginxSite]:
    """nginx serving the current release of `www`, a folder of generator.write.releases; `state` is an empty folder.

    As with every publish, a switch shows only after `site.reload()`.
    """
    machine, port = installed(), port or free_port()
    facts = Facts(
        url=f"http://127.0.0.1:{port}",
        current=www.absolute() / "current" / "nginx",
        pool=www.absolute() / "pool",
        private_media=www.absolute() / "videos",
        downloads=www.absolute() / "pool" / "downloads",
        media_keys=state / "media-keys.conf",
        run=state,
        work=state / "work",
        logs=state / "logs",
        brotli_module=machine.brotli_module,
        user="root" if os.geteuid() == 0 else "",
        port=port,
        fair_use=fair_use,
    )
    for folder in (facts.work, facts.logs):
        folder.mkdir(parents=True, exist_ok=True)
    media_keys.write(facts.media_keys, keys=MediaSecrets())
    with Nginx(machine.binary, lambda: write(render(machine.version, facts=facts), state / "nginx")) as nginx:
        yield _answering(NginxSite(port, nginx, state))


@contextmanager
def previewed_by_nginx(site: Preview) -> Iterator[NginxSite]:
    machine = installed()
    with Nginx(machine.binary, lambda: preview.write_configuration(site, machine)) as nginx:
        yield _answering(NginxSite(site.port, nginx, site.state))


@contextmanager
def previewed_by_embedded_server(site: Preview) -> Iterator[Site]:
    listener = socket.create_server(("127.0.0.1", site.port))
    server = EmbeddedServer(StaticSite(lambda: preview.policy(site), service=site.service), listener)
    process = multiprocessing.get_context("fork").Process(target=server.run)
    process.start()
    listener.close()
    try:
        yield _answering(Site(site.port))
    finally:
        process.terminate()
        process.join()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def _answering(site: Answering) -> Answering:
    until(lambda: _answers(site))
    return site


def _answers(site: Site) -> bool:
    try:
        return site.ask("/").status > 0
    except OSError:
        return False


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + WAIT_SECONDS
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)
