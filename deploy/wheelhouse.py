"""The wheels of a server's environment: everything that uv.lock names, for the server's Python and architecture, and our own.

They are fetched once and kept; hashes are those of the lock. The server itself needs no package registry. Sends nothing.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct

from deploy.errors import DeployError
from deploy.facts import Target

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("generator", "api", "deploy")
METADATA = ("pyproject.toml", "README.md", "LICENSE")
GLIBC = {12: 36, 13: 41}  # the minor version of Debian's C library, which a manylinux wheel may ask for
OLDEST_GLIBC = {"x86_64": 5, "aarch64": 17}
KEEP_HASH = 16


class Wheelhouse(Struct, frozen=True, kw_only=True):
    """`uv` lays the others out. `environment` names what they make together: the lock, our sources and the target's Python."""

    environment: str
    wheels: tuple[Path, ...]
    uv: Path


def gather(target: Target, *, root: Path = ROOT) -> Wheelhouse:
    """Raises DeployError, in pip's words, when a wheel is not to be had for the target."""
    if not (root / "uv.lock").is_file():
        raise DeployError(
            f"{root} holds no uv.lock. Deploy out of a checkout of Longwave: its lock says what a server gets."
        )
    locked = _locked(target, root=root)
    own = _own(root)
    names = f"{locked.name} {own.parent.name} {target.architecture} {target.python}"
    wheels = sorted(locked.glob("*.whl"))
    uv = next(wheel for wheel in wheels if wheel.name.startswith("uv-"))
    return Wheelhouse(
        environment=_digest(names.encode()), wheels=(*(wheel for wheel in wheels if wheel != uv), own), uv=uv
    )


def digest_of_sources(root: Path) -> str:
    """Names what our own wheel holds: wheels of the same sources differ by the time at which they were made."""
    digest = hashlib.sha256()
    for path in _sources(root):
        digest.update(f"{path.relative_to(root)}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()[:KEEP_HASH]


def platforms(target: Target) -> list[str]:
    """What wheels for this Debian may be built for, the newest first."""
    if target.debian not in GLIBC or target.architecture not in OLDEST_GLIBC:
        raise DeployError(f"there are no wheels for Debian {target.debian} on {target.architecture}.")
    versions = range(GLIBC[target.debian], OLDEST_GLIBC[target.architecture] - 1, -1)
    return [
        *(f"manylinux_2_{minor}_{target.architecture}" for minor in versions),
        f"manylinux2014_{target.architecture}",
        f"linux_{target.architecture}",
    ]


def _locked(target: Target, *, root: Path) -> Path:
    """The folder of the lock's wheels for this target."""
    text = _said(
        [*_uv(root), "export", "--quiet", "--frozen", "--offline", "--no-emit-project", "--no-dev", "--group", "server"]
    )
    requirements = "".join(f"{line}\n" for line in text.splitlines() if not line.lstrip().startswith("#"))
    kept = _cache() / f"locked-{_digest((requirements + str(target.python) + str(platforms(target))).encode())}"
    with _made_once(kept) as folder:
        if folder:
            listed = folder / "requirements.txt"
            listed.write_text(requirements, encoding="utf-8")
            _said(
                [
                    *_pip("download"),
                    "--require-hashes",
                    *_for(target),
                    "--dest",
                    str(folder),
                    "--requirement",
                    str(listed),
                ]
            )
            _build_sources(folder)
    return kept


def _build_sources(folder: Path) -> None:
    """What is published as source only becomes a wheel here, if it is the same for every machine."""
    for source in folder.glob("*.tar.gz"):
        _said([*_pip("wheel"), "--wheel-dir", str(folder), str(source)])
        source.unlink()
    strangers = [path.name for path in folder.glob("*.whl") if path.name.endswith(f"-linux_{os.uname().machine}.whl")]
    if strangers:
        raise DeployError(
            f"{', '.join(strangers)} was built for this machine. It has to be published for the server's."
        )


def _own(root: Path) -> Path:
    """Our own wheel, made anew when a source of it has changed."""
    kept = _cache() / f"own-{digest_of_sources(root)}"
    with _made_once(kept) as folder:
        if folder:
            _build_own(_sources(root), root=root, folder=folder)
    return next(kept.glob("*.whl"))


def _sources(root: Path) -> list[Path]:
    code = (path for name in PACKAGES for path in sorted((root / name).rglob("*")) if _belongs(path))
    return [*(root / name for name in METADATA), *code]


def _build_own(sources: list[Path], *, root: Path, folder: Path) -> None:
    """Out of a copy: setuptools would put what an earlier build left beside the sources into the wheel."""
    with tempfile.TemporaryDirectory() as copy:
        for path in sources:
            to = Path(copy) / path.relative_to(root)
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, to)
        _said([*_pip("wheel"), "--wheel-dir", str(folder), copy])


def _belongs(path: Path) -> bool:
    return path.is_file() and "__pycache__" not in path.parts and path.suffix != ".pyc"


def _for(target: Target) -> list[str]:
    major, minor = target.python
    tags = [word for platform in platforms(target) for word in ("--platform", platform)]
    abis = ["--abi", f"cp{major}{minor}", "--abi", "abi3", "--abi", "none"]
    return [*tags, *abis, "--implementation", "cp", "--python-version", f"{major}.{minor}"]


def _pip(command: str) -> list[str]:
    """pip fetches, so that the machine's own pip settings (index, certificates) hold."""
    return [sys.executable, "-m", "pip", command, "--quiet", "--disable-pip-version-check", "--no-deps"]


def _uv(root: Path) -> list[str]:
    found = shutil.which("uv", path=f"{Path(sys.executable).parent}:{os.environ.get('PATH', '')}")
    if not found:
        raise DeployError("uv is missing, which reads uv.lock. Run `make setup`.")
    return [found, "--project", str(root), "--no-progress"]


@contextmanager
def _made_once(kept: Path) -> Iterator[Path | None]:
    """A folder to fill when there is none yet; it gets its name when it is whole."""
    if kept.is_dir():
        yield None
        return
    kept.parent.mkdir(parents=True, exist_ok=True)
    half = Path(tempfile.mkdtemp(prefix=f".{kept.name}-", dir=kept.parent))
    try:
        yield half
        if not kept.is_dir():
            half.rename(kept)
    finally:
        shutil.rmtree(half, ignore_errors=True)


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "longwave" / "wheels"


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:KEEP_HASH]


def _said(words: list[str]) -> str:
    done = subprocess.run(words, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    if done.returncode:
        raise DeployError(f"{Path(words[0]).name} {' '.join(words[1:4])} … failed:\n{done.stderr.strip()}")
    return done.stdout
