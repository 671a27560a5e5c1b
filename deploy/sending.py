"""A finished output as a tar over SSH; what the server says of it goes to whoever sends. Judges nothing: the server does."""

import os
import shlex
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from deploy.errors import DeployError

COMMAND = "longwave-artefact"
USER = "longwave-site"
MEMORY = ".longwave"
SHARED = ("downloads", "redirects.map", "prepared.json")  # of a build's memory, what a release takes


def send(output: Path, target: str) -> int:
    """0 when it is published. `target` is [USER@]HOST[:PORT]. Raises DeployError when there is nothing to send."""
    if output.is_dir() and not (output / "index.html").is_file():
        raise DeployError(f"{output} holds no site. Build one: longwave prepare --output {output}")
    with subprocess.Popen(_command(target), stdin=subprocess.PIPE) as process:
        if process.stdin is not None:
            try:
                _write(output, process.stdin)
                process.stdin.close()
            except BrokenPipeError:
                pass  # it has heard enough, and says why
        return process.wait()


def _command(target: str) -> list[str]:
    user, _, place = target.rpartition("@")
    host, _, port = place.partition(":")
    if not host or host.startswith("-"):
        raise DeployError(f"'{target}' is no server. Write [USER@]HOST[:PORT]")
    ssh = shlex.split(os.environ.get("GIT_SSH_COMMAND", "ssh"))
    return [*ssh, *(["-p", port] if port else []), "--", f"{user or USER}@{host}", COMMAND]


def _write(output: Path, stream: IO[bytes]) -> None:
    if output.is_file():
        with output.open("rb") as file:
            while chunk := file.read(1 << 20):
                stream.write(chunk)
        return
    with tarfile.open(fileobj=stream, mode="w|", format=tarfile.PAX_FORMAT) as archive:
        for path in _files(output):
            archive.add(path, path.relative_to(output).as_posix(), recursive=False)


def _files(output: Path) -> Iterator[Path]:
    for path in sorted(output.rglob("*")):
        parts = path.relative_to(output).parts
        remembered = parts[0] == MEMORY and (len(parts) < 2 or parts[1] not in SHARED)
        if path.is_file() and not remembered:
            yield path
