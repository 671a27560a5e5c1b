"""Bare Debian machines that really boot, in a network of their own, and an outside machine that talks to them.

Each guest is a container of systemd-nspawn with systemd as its first process, sshd and a network namespace; it shares only the
kernel with this machine, and nothing in it can be reached from elsewhere. The kernel's limits: MemoryMax= and IPAddressDeny=
are taken and not held, sysctls cannot be set.
"""

import ctypes
import itertools
import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from tests.deploy.debian import bare_root, mirror
from tests.deploy.servers import until

NETWORKS = itertools.count(1)
NEW_NETWORK = 0x40000000  # CLONE_NEWNET of sched.h
STOP_SECONDS = 30
ASKED_FOR_A_REBOOT = 133  # systemd-nspawn ends with it
# What a server of ours installs, or a test asks for in it. A guest's apt finds these and what they need.
PACKAGES = frozenset({
    *("nginx-light", "libnginx-mod-http-brotli-static", "python3-venv", "nftables", "git", "restic", "uacme", "openssl"),
    *("unattended-upgrades", "needrestart", "systemd-timesyncd", "rsync", "curl", "lynis", "libpam-tmpdir", "debsums"),
    *("apt-listchanges", "sqlite3", "rclone", "cron", "logrotate", "apparmor", "locales"),
})  # fmt: skip


TRIED = "unshare --mount --pid --fork --net --uts --ipc --mount-proc mount -t tmpfs none /mnt"


@cache
def refusal() -> str:
    """What of a guest's needs this kernel, or this user, refuses; nothing where guests boot."""
    return subprocess.run(TRIED.split(), capture_output=True, text=True, check=False).stderr.strip()


class Guest:
    """A booted Debian. `root` is its file tree as this machine sees it, `key` the private key that root@ lets in."""

    def __init__(self, network: "Network", *, name: str, number: int, suite: str, folder: Path) -> None:
        self.network, self.name, self.suite = network, name, suite
        self.root, self.key = folder / name, network.folder / "key"
        self.address, self.address6 = f"10.77.0.{number}", f"fd77::{number}"
        self._namespace = f"{network.name}-{number}"
        self._log = folder / f"{name}.boot.log"
        self._process: subprocess.Popen[bytes] | None = None

    def ssh(self, command: str, *, input: str | None = None, check: bool = True) -> "CompletedProcess[str]":
        """What a shell of root's on the guest does with `command`."""
        return self.network.run(*self.network.ssh_words(self), command, input=input, check=check)

    def boot(self) -> None:
        """Returns once sshd lets root in and no unit is still starting."""
        words = ["systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--boot", "--notify-ready=no"]
        words += [
            "--capability=CAP_NET_ADMIN",
            "--link-journal=no",
            "--resolv-conf=off",
            "--timezone=off",
            f"--directory={self.root}",
        ]
        words += [f"--network-namespace-path=/run/netns/{self._namespace}", f"--bind-ro={self._mirror()}:/mirror"]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        until(self._is_up)

    def shut_down(self) -> None:
        """Orderly, as by `systemctl poweroff`."""
        if self._process:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()
            self._process = None

    def reboot(self) -> None:
        self.shut_down()
        self.boot()

    def wait_for_its_reboot(self) -> None:
        """Returns once it has gone down for a reboot by itself and is up again."""
        process = self._process
        assert process
        until(lambda: process.poll() is not None)
        assert process.returncode == ASKED_FOR_A_REBOOT
        self.boot()

    def kill(self) -> None:
        """A power cut: every process ends at once, nothing is written any more. What was on disk stays."""
        if self._process:
            first = _first_process(self._process.pid)
            if first:
                os.kill(first, signal.SIGKILL)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(5)
            self._process.kill()
            self._process.wait()
            self._process = None

    def unpack(self) -> None:
        self.root.mkdir(parents=True)
        subprocess.run(["tar", "-xf", bare_root(self.suite), "-C", self.root], check=True)
        (self.root / "etc/machine-id").write_text("")
        (self.root / "etc/hostname").write_text(f"{self.name}\n")
        (self.root / "etc/hosts").write_text(f"127.0.0.1 localhost {self.name}\n::1 localhost\n")
        (self.root / "etc/apt/sources.list").write_text("deb [trusted=yes] file:/mirror ./\n")
        keys = self.root / "root/.ssh/authorized_keys"
        keys.parent.mkdir(mode=0o700, exist_ok=True)
        keys.write_text(self.key.with_suffix(".pub").read_text())

    def plug_in(self, number: int) -> None:
        outside, inside = f"veth{number}", f"eth0-{number}"
        name = self.network.name
        _ip("netns", "add", self._namespace)
        _ip("-n", name, "link", "add", outside, "type", "veth", "peer", "name", inside, "netns", self._namespace)
        _ip("-n", name, "link", "set", outside, "master", "bridge", "up")
        _ip("-n", self._namespace, "link", "set", inside, "name", "eth0")
        _ip("-n", self._namespace, "addr", "add", f"{self.address}/24", "dev", "eth0")
        _ip("-n", self._namespace, "addr", "add", f"{self.address6}/64", "dev", "eth0", "nodad")
        for device in ("lo", "eth0"):
            _ip("-n", self._namespace, "link", "set", device, "up")

    def unplug(self) -> None:
        _ip("netns", "delete", self._namespace)

    def _is_up(self) -> bool:
        assert self._process and self._process.poll() is None, f"the guest ended: {self._log.read_text()[-2000:]}"
        return self.ssh("systemctl is-system-running --wait", check=False).stdout.strip() in {"running", "degraded"}

    def _mirror(self) -> Path:
        return mirror(self.suite, self.network.packages)


class Network:
    """The outside machine: a namespace with a bridge that guests hang on, 10.77.0.1 and fd77::1."""

    def __init__(self, folder: Path, *, packages: frozenset[str]) -> None:
        self.folder, self.packages = folder, packages
        self.name = f"lw{os.getpid()}-{next(NETWORKS)}"
        self._numbers = itertools.count(2)
        self._hosts = Path("/etc/netns") / self.name / "hosts"

    def run(self, *command: str, input: str | None = None, check: bool = True) -> "CompletedProcess[str]":
        """A command on the outside machine."""
        done = subprocess.run(
            ["ip", "netns", "exec", self.name, *command], input=input, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0 or not check, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"
        return done

    def ssh_words(self, guest: Guest) -> list[str]:
        options = ["-o", f"UserKnownHostsFile={self.folder}/known_hosts", "-o", "StrictHostKeyChecking=accept-new"]
        return ["ssh", "-i", str(guest.key), *options, "-o", "BatchMode=yes", f"root@{guest.address}"]

    @contextmanager
    def open_ssh(self, guest: Guest) -> "Iterator[Callable[[str], str]]":
        """A connection that stays open: its commands reach a guest that takes no new ones."""
        control = ["-o", f"ControlPath={self.folder}/control-{guest.name}"]
        words = self.ssh_words(guest)
        self.run(*words[:-1], *control, "-o", "ControlMaster=yes", "-o", "ControlPersist=yes", "-fN", words[-1])
        try:
            yield lambda command: self.run(*words[:-1], *control, words[-1], command).stdout
        finally:
            self.run(*words[:-1], *control, "-O", "exit", words[-1], check=False)

    def name_host(self, host: str, guest: Guest) -> None:
        """From now on the outside machine finds `host` at the guest, over IPv4 and IPv6."""
        with self._hosts.open("a") as file:
            file.write(f"{guest.address} {host}\n{guest.address6} {host}\n")

    @contextmanager
    def inside(self) -> Iterator[None]:
        """Sockets that this thread opens in here, and threads and processes that it starts, are the outside machine's.

        They know the guests by address only: the hosts file is `run`'s.
        """
        with Path("/proc/self/ns/net").open() as ours, Path("/run/netns", self.name).open() as theirs:
            _enter(theirs.fileno())
            try:
                yield
            finally:
                _enter(ours.fileno())

    @contextmanager
    def guest(self, suite: str, *, name: str = "box") -> Iterator[Guest]:
        """A bare Debian of `suite`, booted; when the block ends it is gone with all its files."""
        number = next(self._numbers)
        guest = Guest(self, name=f"{name}-{number}", number=number, suite=suite, folder=self.folder)
        guest.unpack()
        guest.plug_in(number)
        try:
            guest.boot()
            yield guest
        finally:
            guest.shut_down()
            guest.unplug()
            shutil.rmtree(guest.root)

    def _set_up(self) -> None:
        self._hosts.parent.mkdir(parents=True)
        self._hosts.write_text("127.0.0.1 localhost\n::1 localhost\n")
        key = self.folder / "key"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
        _ip("netns", "add", self.name)
        _ip("-n", self.name, "link", "add", "bridge", "type", "bridge")
        _ip("-n", self.name, "addr", "add", "10.77.0.1/24", "dev", "bridge")
        _ip("-n", self.name, "addr", "add", "fd77::1/64", "dev", "bridge", "nodad")
        for device in ("lo", "bridge"):
            _ip("-n", self.name, "link", "set", device, "up")

    def _tear_down(self) -> None:
        with suppress(AssertionError):
            _ip("netns", "delete", self.name)
        shutil.rmtree(self._hosts.parent, ignore_errors=True)


@contextmanager
def network(folder: Path, *, packages: frozenset[str] = PACKAGES) -> Iterator[Network]:
    """`folder` is empty and takes guests' file trees, 250 MB each. Where no guest can boot the test is skipped, loudly."""
    if why := refusal():
        pytest.skip(f"this machine boots no guests: {why}")
    made = Network(folder, packages=packages)
    try:
        made._set_up()
        yield made
    finally:
        made._tear_down()


def _first_process(nspawn: int) -> int | None:
    """The number here of the process that is number 1 in the container."""
    waiting = [nspawn]
    while waiting:
        process = waiting.pop()
        with suppress(OSError):
            status = Path(f"/proc/{process}/status").read_text()
            numbers = next(line.split()[1:] for line in status.splitlines() if line.startswith("NSpid:"))
            if len(numbers) > 1 and numbers[-1] == "1":
                return process
            waiting += [int(child) for child in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
    return None


def _enter(namespace: int) -> None:
    if ctypes.CDLL(None, use_errno=True).setns(namespace, NEW_NETWORK) != 0:
        raise OSError(ctypes.get_errno(), "setns")


def _ip(*words: str) -> None:
    done = subprocess.run(["ip", *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"ip {' '.join(words)}: {done.stderr}"
