"""Bare Debian roots and the packages a test wants in them, fetched once and kept; boots nothing."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "longwave-tests"
SUITES = ("bookworm", "trixie")
ARCHIVE = "http://deb.debian.org"
BARE = "systemd-sysv,dbus,openssh-server,python3,iproute2,ca-certificates,procps,sudo"


def bare_root(suite: str) -> Path:
    """A tar of the smallest Debian that boots and lets root in by SSH. Minutes at first, nothing later."""
    root = CACHE / f"{suite}-{_hash(BARE)}.tar"
    with _held(f"{root.stem}.lock"):
        if not root.exists():
            half = root.with_name(f"half-{root.name}")
            _run(["mmdebstrap", "--quiet", "--variant=minbase", f"--include={BARE}", suite, str(half)])
            half.rename(root)
    return root


def mirror(suite: str, packages: frozenset[str]) -> Path:
    """A folder that apt in a bare root of `suite` can read: these packages and all they need, nothing else.

    Its line in sources.list: deb [trusted=yes] file:/mirror ./
    """
    folder = CACHE / f"{suite}-mirror-{_hash(BARE, *sorted(packages))}"
    with _held(f"{suite}-mirror.lock"):
        if not folder.exists():
            half = CACHE / f"half-{folder.name}"
            shutil.rmtree(half, ignore_errors=True)
            _download(suite, packages, folder=half)
            half.rename(folder)
    return folder


def _download(suite: str, packages: frozenset[str], *, folder: Path) -> None:
    state = folder / "apt"
    for part in ("lists/partial", "archives/partial"):
        (state / part).mkdir(parents=True)
    with tarfile.open(bare_root(suite)) as root:
        (state / "status").write_bytes(_member(root, "./var/lib/dpkg/status"))
    (state / "sources.list").write_text(
        f"deb {ARCHIVE}/debian {suite} main\n"
        f"deb {ARCHIVE}/debian {suite}-updates main\n"
        f"deb {ARCHIVE}/debian-security {suite}-security main\n"
    )
    apt = ["apt-get", "--quiet=2", "--yes", "--no-install-recommends"]
    for option in (
        f"Dir::State={state}",
        f"Dir::State::status={state}/status",
        f"Dir::Cache={state}",
        f"Dir::Etc::sourcelist={state}/sources.list",
        "Dir::Etc::sourceparts=-",
        "APT::Sandbox::User=root",
    ):
        apt += ["-o", option]
    _run([*apt, "update"])
    _run([*apt, "install", "--download-only", *sorted(packages)])
    for package in (state / "archives").glob("*.deb"):
        package.rename(folder / package.name)
    shutil.rmtree(state)
    (folder / "Packages").write_bytes(_run(["dpkg-scanpackages", "--multiversion", "."], cwd=folder))


def _member(root: tarfile.TarFile, name: str) -> bytes:
    file = root.extractfile(name)
    assert file, f"{name} is missing in the bare root"
    return file.read()


def _run(command: list[str], *, cwd: Path | None = None) -> bytes:
    done = subprocess.run(command, cwd=cwd, capture_output=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stderr.decode(errors='replace')}"
    return done.stdout


@contextmanager
def _held(name: str) -> Iterator[None]:
    """One process at a time makes it; the others wait and find it made."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / name).open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _hash(*words: str) -> str:
    return hashlib.sha256(" ".join(words).encode()).hexdigest()[:8]
