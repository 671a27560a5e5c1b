"""Reads the tree of a commit out of the repository it is run in, and writes content/ and theme/ as a tar; judges nothing.

No attribute, filter or configuration of the repository has a say in it: objects are read as they are.
"""

import io
import subprocess
import tarfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO, Any

from deploy.errors import DeployError
from deploy.server.tree_rules import EDITORS, FOLDER, Entry


def top(commit: str) -> dict[str, str]:
    """'MODE ID' of every entry of the top folder by its name; {} for a commit that does not exist."""
    done = _git("ls-tree", "-z", commit)
    return {path: f"{mode} {id}" for mode, _, id, path in _lines(done)} if done is not None else {}


def entries(commit: str) -> list[Entry]:
    """Every file in content/ and theme/. Raises DeployError when one of the two is no folder."""
    for name in EDITORS:
        mode = top(commit).get(name, FOLDER).split()[0]
        if mode != FOLDER:
            raise DeployError(f"{name}: this is no folder. Put a folder of that name there.")
    done = _git("ls-tree", "-r", "-l", "-z", commit, "--", *EDITORS) or b""
    found = (line.split("\t", 1) for line in _texts(done))
    return [
        Entry(mode, id, int(size) if size.isdigit() else 0, path)
        for (mode, _, id, size), path in ((words.split(), path) for words, path in found)
    ]


def exists(commit: str) -> bool:
    return _git("cat-file", "-e", f"{commit}^{{commit}}") is not None


def is_ancestor(old: str, new: str) -> bool:
    return _git("merge-base", "--is-ancestor", old, new) is not None


def heads(files: Sequence[Entry], *, size_max: int = 1024) -> Iterator[tuple[str, bytes]]:
    """Path and content of every file that is small enough to be a pointer to another."""
    with _contents() as read:
        for entry in files:
            if entry.size <= size_max:
                yield entry.path, read(entry)


def write_tar(files: Sequence[Entry], target: IO[bytes]) -> None:
    with _contents() as read, tarfile.open(fileobj=target, mode="w|", format=tarfile.PAX_FORMAT) as archive:
        for entry in files:
            member = tarfile.TarInfo(entry.path)
            member.size = entry.size
            archive.addfile(member, io.BytesIO(read(entry)))


@contextmanager
def _contents() -> Iterator[Any]:
    command = ["git", "cat-file", "--batch"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        asked, told = _pipe(process.stdin), _pipe(process.stdout)

        def read(entry: Entry) -> bytes:
            asked.write(f"{entry.id}\n".encode())
            asked.flush()
            if not told.readline().startswith(f"{entry.id} blob {entry.size}".encode()):
                raise DeployError(f"{entry.path} cannot be read from the repository. Push again.")
            return told.read(entry.size + 1)[:-1]

        yield read
        asked.close()


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    if stream is None:
        raise DeployError("a pipe was asked for, and there is none")
    return stream


def _git(*words: str) -> bytes | None:
    """What git says; None when it fails."""
    done = subprocess.run(["git", *words], stdin=subprocess.DEVNULL, capture_output=True, check=False)
    return None if done.returncode else done.stdout


def _lines(said: bytes) -> Iterator[tuple[str, str, str, str]]:
    for text in _texts(said):
        words, path = text.split("\t", 1)
        mode, kind, id = words.split()
        yield mode, kind, id, path


def _texts(said: bytes) -> Iterator[str]:
    return (part.decode("utf-8", "surrogateescape") for part in said.split(b"\0") if part)
