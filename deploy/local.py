"""`longwave serve`: builds the site into its own folder and serves it here; the only place that starts both halves."""

import socket
import threading
import traceback
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol

from msgspec import Struct
from watchfiles import watch

from deploy import media_keys, nginx_process, preview, service
from deploy.children import Child, Program
from deploy.embedded import EmbeddedServer, StaticSite
from deploy.errors import DeployError
from deploy.preview import Preview
from deploy.service import Ports
from generator.build import build
from generator.errors import LongwaveError

ADDRESS = "127.0.0.1"
OUTPUT = Path(".longwave/serve")
LOOK_MILLISECONDS = 100
STATE = Path(".longwave/preview")  # one folder a port: configuration, logs, what nginx keeps


class Options(Struct, frozen=True, kw_only=True):
    """What the command line said. Without a `url` the site calls itself http://localhost:PORT."""

    content: Path
    theme: Path
    port: int
    url: str | None
    reload: bool
    nginx: bool


class Server(Protocol):
    def run(self) -> None:
        """Returns when the server has ended."""

    def reload(self) -> None:
        """What is served or how may have changed."""


def serve(options: Options) -> None:
    """Builds, serves, and returns when the person at the terminal ends it.

    Raises DeployError when the port is taken, nginx is missing, the service cannot start or the content has mistakes; with
    `reload` it shows those and waits until they are mended.
    """
    listener = claimed(options.port)
    machine = nginx_process.installed() if options.nginx else None
    ports = service.claimed_ports()
    site = Preview(
        content=options.content,
        output=OUTPUT,
        state=STATE / str(options.port),
        port=options.port,
        url=options.url or f"http://localhost:{options.port}",
        service=ports.service_address,
        sandbox=ports.sandbox_origin,
        private_media=service.private_media(),
        media_secrets=media_keys.from_environment(is_sandbox=service.is_sandbox()),
    )
    changes = _Changes(options) if options.reload else None
    _build_first(options, url=site.url, changes=changes)
    with ExitStack() as running:
        beside = [running.enter_context(Child(program)) for program in _programs(site, ports, options)]
        nginx = running.enter_context(_nginx(site, machine, listener)) if machine else None
        server: Server = nginx or _embedded(site, listener)
        if changes:
            running.enter_context(_Rebuilding(options, url=site.url, server=server, changes=changes))
        for child in beside:
            child.wait_until_it_answers()
        for child in beside:
            child.watch(lambda told: print(told, "Pages, feeds and media are still served.", flush=True))
        print(*ports.told, sep="\n", end="\n" if ports.told else "")
        print("Open", *preview.examples(site), *_desks(site), sep="\n  ", flush=True)
        server.run()


def claimed(port: int) -> socket.socket:
    """A socket that listens on loopback. Raises DeployError when another program has the port."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((ADDRESS, port))
        listener.listen()
    except OSError as error:
        listener.close()
        raise DeployError(
            f"Port {port} cannot be used: {error.strerror}. Give another: longwave serve --port {port + 1}"
        ) from error
    return listener


def _programs(site: Preview, ports: Ports, options: Options) -> list[Program]:
    """The stand-in first: the service may ask it as soon as it runs."""
    logs = site.state / "logs"
    beside = service.service(
        ports,
        url=site.url,
        title=preview.title(site),
        site=site.output,
        theme=options.theme,
        log=logs / "service.json",
    )
    if not service.is_sandbox():
        ports.sandbox.close()
        return [beside]
    return [service.sandbox(ports, port=site.port, log=logs / "sandbox.log"), beside]


def _desks(site: Preview) -> list[str]:
    """What only the sandbox has: its payments, and the mails that nobody gets."""
    return [f"{site.sandbox}/ (payments and mails)"] if service.is_sandbox() else []


def _embedded(site: Preview, listener: socket.socket) -> EmbeddedServer:
    return EmbeddedServer(StaticSite(lambda: preview.policy(site), service=site.service), listener)


def _nginx(site: Preview, machine: nginx_process.Installed, listener: socket.socket) -> nginx_process.Nginx:
    listener.close()
    return nginx_process.Nginx(machine.binary, lambda: preview.write_configuration(site, machine))


class _Changes:
    """Changes of content or theme from now on, also those made while nobody waits."""

    def __init__(self, options: Options) -> None:
        folders = [folder for folder in (options.content, options.theme) if folder.is_dir()]
        self._end = threading.Event()
        self._seen = watch(*folders, stop_event=self._end, yield_on_timeout=True, rust_timeout=LOOK_MILLISECONDS)
        next(self._seen)  # the first look begins the watch

    def wait(self) -> bool:
        """Returns at the next change, or with False after `end`."""
        return any(self._seen)

    def end(self) -> None:
        self._end.set()


def _build_first(options: Options, *, url: str, changes: _Changes | None) -> None:
    while True:
        try:
            print(build(options.content, OUTPUT, theme=options.theme, url=url), flush=True)
            return
        except LongwaveError as error:
            if changes is None:
                raise DeployError(f"the site cannot be built.\n{error}") from error
            print(f"{error}\nWaiting for a change.", flush=True)
            changes.wait()


class _Rebuilding:
    """Builds again at every change, in a thread of its own, until its `with` block ends."""

    def __init__(self, options: Options, *, url: str, server: Server, changes: _Changes) -> None:
        self._options, self._url, self._server, self._changes = options, url, server, changes
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *error: object) -> None:
        self._changes.end()
        self._thread.join()

    def _run(self) -> None:
        while self._changes.wait():
            try:
                print(build(self._options.content, OUTPUT, theme=self._options.theme, url=self._url), flush=True)
                self._server.reload()
            except (LongwaveError, DeployError) as error:
                print(error, flush=True)
            except Exception:  # a template half written: whoever writes it saves again
                traceback.print_exc()
