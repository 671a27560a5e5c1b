"""A deployed guest that takes content, and who sends it: an editor and a CI job on the outside machine, each with a key."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import CompletedProcess

from tests.command import ROOT
from tests.deploy.deployed import HOST, Deployed
from tests.deploy.guest import Guest, Network

AUTHOR = {
    **dict.fromkeys(("GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"), "Anna"),
    **dict.fromkeys(("GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"), "anna@example.org"),
    "GIT_CONFIG_GLOBAL": os.devnull,
}
KEYS = """
editors = [{{ name = "anna", key = "{anna}" }}]
artefacts = [{{ name = "ci", key = "{ci}" }}]
"""


@dataclass
class Sender:
    """Somebody with a key of the server's, and a working copy."""

    network: Network
    box: Guest
    key: Path
    copy: Path
    settings: dict[str, str] = field(default_factory=lambda: dict(AUTHOR))

    @property
    def address(self) -> str:
        return f"longwave-site@{self.box.address}"

    @property
    def ssh_words(self) -> list[str]:
        known = f"UserKnownHostsFile={self.network.folder}/known_hosts"
        return [
            "ssh",
            "-i",
            str(self.key),
            "-o",
            known,
            "-o",
            "StrictHostKeyChecking=accept-new",
            "-o",
            "BatchMode=yes",
        ]

    def run(self, *words: str, check: bool = True) -> "CompletedProcess[str]":
        """A program of the sender's, in his working copy."""
        settings = {**self.settings, "GIT_SSH_COMMAND": " ".join(self.ssh_words), "PYTHONPATH": str(ROOT)}
        given = [f"{name}={value}" for name, value in settings.items()]
        return self.network.run("env", "-C", str(self.copy), *given, *words, check=check)

    def longwave(self, *words: str, check: bool = True) -> "CompletedProcess[str]":
        return self.run(sys.executable, "-m", "generator.cli", *words, check=check)

    def git(self, *words: str, check: bool = True) -> "CompletedProcess[str]":
        return self.run("git", *words, check=check)

    def ask(self, command: str) -> "CompletedProcess[str]":
        return self.run(*self.ssh_words, self.address, command, check=False)

    def write(self, path: str, text: str) -> None:
        (self.copy / path).parent.mkdir(parents=True, exist_ok=True)
        (self.copy / path).write_text(text)

    def post(self, name: str, *, date: str = "2024-01-01", text: str = "Hello.") -> None:
        self.write(f"content/posts/{name}.md", f"---\ntitle: {name}\nsummary: {name}.\ndate: {date}\n---\n{text}\n")

    def push(self, *, check: bool = True) -> "CompletedProcess[str]":
        """Commits everything and pushes it to main."""
        self.git("add", "--all", "--force", ".")
        self.git("commit", "--quiet", "--allow-empty", "-m", "Edit")
        return self.git("push", "server", "HEAD:main", check=check)

    def start_over(self) -> None:
        """As if what was pushed in vain had never been written."""
        self.git("fetch", "--quiet", "server", "main")
        self.git("reset", "--quiet", "--hard", "FETCH_HEAD")
        self.git("clean", "--quiet", "-d", "--force", "-x")


@dataclass
class ContentServer:
    network: Network
    box: Guest
    anna: Sender
    ci: Sender

    def get(self, path: str) -> str:
        """What readers get; '' for anything but 200."""
        words = ["curl", "--silent", "--insecure", "--fail", "--max-time", "20", f"https://{HOST}{path}"]
        return self.network.run(*words, check=False).stdout

    def site(self) -> str:
        """The release that is served."""
        return self.box.ssh("basename $(readlink -f /opt/longwave/current/site)").stdout.strip()


@contextmanager
def content_server(deployed: Deployed, folder: Path) -> Iterator[ContentServer]:
    """Lets an editor and a CI job in; in the end both are out again, and the content is what it was."""
    net, box, facts = deployed.net, deployed.box, deployed.project / "server.toml"
    before = facts.read_text()
    keys = {name: _key(folder, name) for name in ("anna", "ci")}
    facts.write_text(before.replace("[ssh]\n", "[ssh]" + KEYS.format(**keys)))
    deployed.deploy()
    net.name_host(HOST, box)
    senders = {name: Sender(net, box, folder / name, folder / f"{name}s-copy") for name in keys}
    for sender in senders.values():
        sender.copy.mkdir()
    served = ContentServer(net, box, **senders)
    served.anna.git("clone", "--quiet", f"{served.anna.address}:site.git", ".")
    served.anna.git("remote", "add", "server", f"{served.anna.address}:site.git")
    served.anna.git("tag", "begin")
    try:
        yield served
    finally:
        served.anna.start_over()
        served.anna.git("rm", "-rq", ".")
        served.anna.git("checkout", "begin", "--", ".")
        served.anna.push()
        facts.write_text(before)
        deployed.deploy()


def _key(folder: Path, name: str) -> str:
    path = folder / name
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", path], check=True)
    return path.with_suffix(".pub").read_text().strip()
