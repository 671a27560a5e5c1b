"""The service as a process of its own, as systemd runs it: settings by environment, a socket that already listens."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.command import environment
from tests.deploy.servers import Site, until

ROUTE_SECONDS = 10


class Process(Site, frozen=True):
    """A service that answers on `port`."""

    child: subprocess.Popen[bytes]
    said: Path

    def output(self) -> str:
        return self.said.read_text()

    def end(self, signal_number: int = signal.SIGTERM) -> int:
        """Sends the signal and returns the exit code."""
        self.child.send_signal(signal_number)
        return self.child.wait(ROUTE_SECONDS)


def settings_of(folder: Path, **more: str) -> dict[str, str]:
    """The environment of a service whose files all lie in `folder`."""
    given = {"DATA": str(folder / "data"), "SITE": str(folder / "site"), "METRICS_PORT": "0", **more}
    return {f"LONGWAVE_{name}": value for name, value in given.items()}


def start(listener: socket.socket, env: Mapping[str, str], *, said: Path) -> Process:
    """Does not wait until it answers; whoever connects meanwhile is answered once it is ready."""
    fd = listener.fileno()
    with said.open("ab") as out:
        child = subprocess.Popen(
            [sys.executable, "-m", "api", "--fd", str(fd)],
            env=environment({**without_ours(), **env}),
            pass_fds=[fd],
            stdout=out,
            stderr=out,
        )
    return Process(listener.getsockname()[1], child, said)


@contextmanager
def running(folder: Path, *, said: str = "said.txt", **more: str) -> Iterator[Process]:
    """A service of its own, ready, ended with the block; what it says is kept in the file `said`."""
    with socket.create_server(("127.0.0.1", 0), backlog=256) as listener:
        process = start(listener, settings_of(folder, **more), said=folder / said)
    try:
        until(lambda: answers(process))
        yield process
    finally:
        if process.child.poll() is None:
            process.end(signal.SIGKILL)


def answers(process: Process) -> bool:
    assert process.child.poll() is None, process.output()
    try:
        return process.ask("/healthz").status == 200
    except OSError:
        return False


def without_ours() -> dict[str, str]:
    """Settings of whoever runs the tests must not reach the service."""
    return {name: "" for name in os.environ if name.startswith("LONGWAVE_")}
