"""A conversation with deploy/agent/ on the server, through one SSH connection; knows how to ask, not what for.

Secrets go through the connection's stdin only: whoever lists the processes of either machine sees none of them.
"""

import hashlib
import json
import shlex
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self, cast

from msgspec import Struct

from deploy.errors import DeployError

AGENT = Path(__file__).with_name("agent")
MODULES = (
    "commands",
    "files",
    "former",
    "packages",
    "accounts",
    "units",
    "plan",
    "trees",
    "conversation",
)  # each after those it imports
CONNECT_SECONDS = 15
ALIVE_SECONDS = 15
# Reads as many bytes as its argument says: the modules' sources; they import each other by their names here.
START = """
import sys, json, types
def module(name, source):
    made = sys.modules[name] = types.ModuleType(name)
    exec(compile(source, name, "exec"), made.__dict__)
    parent, _, child = name.rpartition(".")
    if parent: setattr(sys.modules[parent], child, made)
for name, source in json.loads(sys.stdin.buffer.read(int(sys.argv[1]))): module(name, source)
sys.modules["deploy.agent.conversation"].converse()
"""
NO_PYTHON = "no python3"


class NoPython(DeployError):
    """The machine is so bare that it has no Python; nothing has been changed on it."""


class Host(Struct, frozen=True, kw_only=True):
    """How to get there: what one would tell ssh. `known_hosts` keeps the server's key, `host_key` is it where it is known."""

    address: str
    user: str = "root"
    port: int = 22
    known_hosts: Path
    host_key: str = ""
    identity: Path | None = None

    def words(self, command: str) -> list[str]:
        """The command line that runs `command` there; without a terminal, and never with a question."""
        trust = "yes" if self.host_key else "accept-new"
        options = {
            "BatchMode": "yes",
            "ConnectTimeout": str(CONNECT_SECONDS),
            "ServerAliveInterval": str(ALIVE_SECONDS),
            "StrictHostKeyChecking": trust,
            "UserKnownHostsFile": f'"{self.known_hosts.absolute()}"',
            "ControlMaster": "no",
            "ControlPath": "none",
        }
        words = ["ssh", *(f"-o{name}={value}" for name, value in options.items()), "-p", str(self.port)]
        identity = ["-i", str(self.identity)] if self.identity else []
        return [*words, *identity, f"{self.user}@{self.address}", "--", command]

    def as_root(self, command: str) -> str:
        return command if self.user == "root" else f"sudo -n -- {command}"

    def remember_key(self) -> None:
        """Makes ssh take the key that the facts name and no other."""
        self.known_hosts.parent.mkdir(parents=True, exist_ok=True)
        if self.host_key:
            name = self.address if self.port == 22 else f"[{self.address}]:{self.port}"
            self.known_hosts.write_text(f"{name} {self.host_key}\n", encoding="utf-8")


class Session:
    """`with Session(host) as server:` asks the agent; the agent ends with the block."""

    def __init__(self, host: Host) -> None:
        self._host = host

    def __enter__(self) -> Self:
        sources = json.dumps(_sources()).encode()
        python = f"python3 -u -c {shlex.quote(START)} {len(sources)}"
        look = f"command -v python3 >/dev/null || {{ echo {NO_PYTHON}; exit 0; }}; exec {self._host.as_root(python)}"
        self._host.remember_key()
        self._errors = tempfile.TemporaryFile()
        self._process = subprocess.Popen(
            self._host.words(look), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors
        )
        self._stdin, self._stdout = cast(IO[bytes], self._process.stdin), cast(IO[bytes], self._process.stdout)
        try:
            self._write(sources)
            self._answer(lambda _step, _seconds: None)
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate()
        self._errors.close()

    def ask(
        self, do: str, *, say: Callable[[str, float], None] | None = None, content: bytes = b"", **values: Any
    ) -> Any:
        """What the agent answers. Raises DeployError with what it says when it could not do it."""
        request = {"do": do, "bytes": len(content), **values}
        self._write(json.dumps(request).encode() + b"\n" + content)
        return self._answer(say or (lambda _step, _seconds: None))

    def send(self, path: Path, to: str) -> None:
        content = path.read_bytes()
        self.ask("receive", content=content, path=to, sha256=hashlib.sha256(content).hexdigest())

    def run(self, words: Sequence[str], *, content: bytes = b"") -> str:
        """What it printed. Raises DeployError with its last words when it failed."""
        done = self.ask("run", content=content, words=list(words))
        if done["code"]:
            raise DeployError(f"on the server, `{' '.join(words)}`:\n{(done['err'] or done['out']).strip()}")
        return str(done["out"])

    def _write(self, content: bytes) -> None:
        with suppress(BrokenPipeError):  # the answer says why
            self._stdin.write(content)
            self._stdin.flush()

    def _answer(self, say: Callable[[str, float], None]) -> Any:
        for line in self._stdout:
            if line.strip() == NO_PYTHON.encode():
                raise NoPython(f"{self._host.address} has no Python yet.")
            message = json.loads(line)
            if "done" in message:
                return message["done"]
            if "failed" in message:
                raise DeployError(f"on the server: {message['failed']}")
            say(message["step"], message["seconds"])
        raise DeployError(self._why_it_ended())

    def _why_it_ended(self) -> str:
        self._process.communicate()
        self._errors.seek(0)
        said = self._errors.read().decode(errors="replace").strip()
        where = f"{self._host.user}@{self._host.address}"
        if "REMOTE HOST IDENTIFICATION HAS CHANGED" in said or "Host key verification failed" in said:
            return (
                f"{where} shows another SSH key than the one known for it. If you know why (a new machine at the old address): "
                f"remove its line from {self._host.known_hosts}, and host_key from server.toml. If not, do not go on."
            )
        if "Permission denied" in said:
            return f"{where} lets nobody in with the keys at hand: {said.splitlines()[-1]} Give the right one with --identity."
        return f"the connection to {where} ended: {said or 'nothing was said'}"


def run_once(host: Host, command: str) -> str:
    """A command over a connection of its own. Raises DeployError."""
    done = subprocess.run(
        host.words(host.as_root(command)), capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )
    if done.returncode:
        raise DeployError(f"on {host.address}, `{command}`: {(done.stderr or done.stdout).strip()}")
    return done.stdout


def _sources() -> list[tuple[str, str]]:
    modules = [("deploy.agent." + name, (AGENT / f"{name}.py").read_text(encoding="utf-8")) for name in MODULES]
    return [("deploy", ""), ("deploy.agent", ""), *modules]
