"""A place of backups on this machine: a real sshd on loopback, whose one key is let into the keeper and nowhere else."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import deploy.backup.keeper
from tests.deploy.servers import free_port, until

KEEPER = Path(deploy.backup.keeper.__file__)


class BackupHost:
    """`root` is the kept folder, `key` lets in, `host_key` is right."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.root, self.key = folder, folder / "kept", folder / "key"
        self.port = free_port()
        self.user = subprocess.run(["id", "-un"], capture_output=True, text=True, check=True).stdout.strip()

    @property
    def target(self) -> str:
        return f"sftp://{self.user}@127.0.0.1:{self.port}/signalpath"

    @property
    def host_key(self) -> str:
        return " ".join((self.folder / "host.pub").read_text().split()[:2])

    def keeper(self, *options: str) -> str:
        """What its owner says to it."""
        words = [sys.executable, str(KEEPER), str(self.root), *options]
        return subprocess.run(words, capture_output=True, text=True, check=True).stdout

    def sftp(self, *commands: str) -> "subprocess.CompletedProcess[str]":
        """Whoever has the box's key; ends at the first refusal."""
        options = ["-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR"]
        words = ["sftp", "-q", "-F", "none", "-i", str(self.key), *options, "-P", str(self.port), "-b", "-"]
        told = "\n".join(commands) + "\n"
        return subprocess.run(
            [*words, f"{self.user}@127.0.0.1"], input=told, capture_output=True, text=True, check=False, cwd=self.folder
        )

    def set_up(self) -> None:
        (self.root / "signalpath").mkdir(parents=True)
        for name in ("key", "host"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(self.folder / name)], check=True)
        public = self.key.with_suffix(".pub").read_text()
        command = f"{sys.executable} {KEEPER} {self.root}"
        (self.folder / "authorized").write_text(f'restrict,command="{command}" {public}')
        lines = [f"Port {self.port}", "ListenAddress 127.0.0.1", f"HostKey {self.folder}/host", "UsePAM no"]
        lines += [f"AuthorizedKeysFile {self.folder}/authorized", "StrictModes no", "MaxStartups 100"]
        lines += [f"PidFile {self.folder}/sshd.pid", "Subsystem sftp internal-sftp", "PermitRootLogin yes"]
        (self.folder / "sshd.conf").write_text("\n".join(lines) + "\n")

    def start(self) -> None:
        Path("/run/sshd").mkdir(exist_ok=True)
        subprocess.run(
            ["/usr/sbin/sshd", "-f", f"{self.folder}/sshd.conf", "-E", f"{self.folder}/sshd.log"], check=True
        )
        until((self.folder / "sshd.pid").exists)

    def stop(self) -> None:
        """And with it the connections that are open."""
        process = int((self.folder / "sshd.pid").read_text())
        children = subprocess.run(["pgrep", "-P", str(process)], capture_output=True, text=True, check=False).stdout
        for each in [process, *map(int, children.split())]:
            os.kill(each, signal.SIGTERM)
        until(lambda: not Path(f"/proc/{process}").exists())


@contextmanager
def backup_host(folder: Path) -> Iterator[BackupHost]:
    folder.mkdir()
    made = BackupHost(folder)
    made.set_up()
    made.start()
    try:
        yield made
    finally:
        made.stop()
