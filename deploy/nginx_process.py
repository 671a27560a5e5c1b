"""Finds the machine's nginx and runs it as a child of this process; does not know what it serves."""

import ctypes
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from msgspec import Struct

from deploy.errors import DeployError

PACKAGES = "nginx-light libnginx-mod-http-brotli-static"
BROTLI_MODULE = "ngx_http_brotli_static_module.so"
OLDEST = (1, 22)
SYSTEM_FOLDERS = "/usr/local/sbin:/usr/sbin:/sbin"  # not on an ordinary account's PATH
END_SECONDS = 10
PR_SET_PDEATHSIG = 1  # prctl(2)


class Installed(Struct, frozen=True):
    """An nginx that can run our configuration."""

    binary: Path
    version: tuple[int, int]
    brotli_module: Path


def installed() -> Installed:
    """The machine's nginx. Raises DeployError, naming Debian's packages, when it or its brotli module is missing."""
    binary = shutil.which("nginx") or shutil.which("nginx", path=SYSTEM_FOLDERS)
    if not binary:
        raise DeployError(f"nginx is not installed. Install it: apt-get install --no-install-recommends {PACKAGES}")
    says = subprocess.run([binary, "-V"], capture_output=True, text=True, check=False).stderr
    version = re.search(r"nginx/(\d+)\.(\d+)", says)
    modules = re.search(r"--modules-path=(\S+)", says)
    if not version or not modules or (int(version[1]), int(version[2])) < OLDEST:
        raise DeployError(
            f"{binary} is not an nginx {OLDEST[0]}.{OLDEST[1]} or newer with modules. Install Debian's: {PACKAGES}"
        )
    brotli = Path(modules[1]) / BROTLI_MODULE
    if not brotli.is_file():
        raise DeployError(
            f"nginx has no brotli module at {brotli}. Install it: apt-get install --no-install-recommends {PACKAGES}"
        )
    return Installed(Path(binary), (int(version[1]), int(version[2])), brotli)


def write(files: Mapping[str, str], folder: Path) -> Path:
    """Makes `folder` hold this rendered configuration and nothing else; returns its nginx.conf.

    Only what differs is replaced, each file at once: an nginx that is reading them never finds one missing.
    """
    for name, text in files.items():
        path = folder / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.with_suffix(".new").write_text(text, encoding="utf-8")
            path.with_suffix(".new").replace(path)
    for path in set(folder.rglob("*.conf")) - {folder / name for name in files}:
        path.unlink()
    return folder / "nginx.conf"


class Nginx:
    """A running nginx, ended with the `with` block, or by the kernel when this process is killed.

    `write_configuration` is called before the start and before each reload; it returns the path of nginx.conf.
    """

    def __init__(self, binary: Path, write_configuration: Callable[[], Path]) -> None:
        self._binary = binary
        self._write_configuration = write_configuration

    def __enter__(self) -> Self:
        command = self._tested()
        self._child = subprocess.Popen([*command, "-g", "daemon off;"], preexec_fn=end_with_parent)  # noqa: PLW1509 (no threads yet)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        end(self._child, within_seconds=END_SECONDS)

    @property
    def pid(self) -> int:
        return self._child.pid

    def run(self) -> None:
        """Waits until nginx ends. Raises DeployError when it fails."""
        if self._child.wait():
            raise DeployError("nginx ended with an error; its own words stand above.")

    def reload(self) -> None:
        """New workers with the configuration as it is now; old ones finish what they are sending.

        Raises DeployError, and the old workers stay, when nginx refuses it.
        """
        self._tested()
        self._child.send_signal(signal.SIGHUP)

    def _tested(self) -> list[str]:
        config = self._write_configuration()
        command = [str(self._binary), "-p", str(config.parent), "-c", str(config), "-e", "stderr"]
        tested = subprocess.run([*command, "-t", "-q"], capture_output=True, text=True, check=False)
        if tested.returncode:
            raise DeployError(f"nginx refuses its configuration:\n{tested.stderr.strip()}")
        return command


def end(child: subprocess.Popen[bytes], *, within_seconds: float) -> None:
    """Asks it to, then makes it."""
    child.terminate()
    try:
        child.wait(within_seconds)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def end_with_parent() -> None:
    """For a child between fork and exec: the kernel ends it when this process dies, however that happens."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
