"""Puts bytes into files whole or not at all, with times that move only when bytes do. Knows folders, not pages."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from generator.errors import BuildError
from generator.write.compress import siblings
from generator.write.replacing import replace

MEMORY = ".longwave"
LEDGER = f"{MEMORY}/ledger.sqlite"
MARK = "output"  # lies in the memory of a folder that a build made, and nowhere else
SUFFIXES = ("", ".gz", ".br")


@contextmanager
def locked(root: Path) -> Iterator[None]:
    """The right to write, and remove, below `root`. Refuses a folder with files that no build of ours has made."""
    memory = root / MEMORY
    if root.exists() and not (memory / MARK).exists() and any(entry != memory for entry in root.iterdir()):
        raise BuildError(f"{root} holds files that Longwave did not make. Choose another --output, or empty it.")
    memory.mkdir(parents=True, exist_ok=True)
    (memory / MARK).touch()
    with (memory / "lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            holder = lock.read().strip() or "unknown"
            message = f"another build (process {holder}) is writing {root}. Wait for it to end, or stop it."
            raise BuildError(message) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        shutil.rmtree(memory / "new", ignore_errors=True)  # what a killed build left
        (memory / "new").mkdir()
        yield


def put(root: Path, path: str, data: bytes, *, mtime: int) -> tuple[int, int]:
    """Writes a file and its compressed siblings, all of one time; gives the sizes of gz and br (0: none).

    The siblings come first: whoever looks between sees an old file or a new one, never a mixture of halves.
    """
    packed = siblings(path, data)
    for suffix, bytes_of_it in packed.items():
        if bytes_of_it:
            place(root, f"{path}.{suffix}", bytes_of_it, mtime=mtime)
        else:
            (root / f"{path}.{suffix}").unlink(missing_ok=True)
    place(root, path, data, mtime=mtime)
    return len(packed.get("gz", b"")), len(packed.get("br", b""))


def place(root: Path, path: str, data: bytes | Path, *, mtime: int) -> None:
    """One file, renamed into its place when it is complete. A Path is copied."""
    if "/../" in f"/{path}":
        raise BuildError(f"the output {path} lies outside {root}. Correct the name it was made from.")
    new = f"{root}/{MEMORY}/new/{os.getpid()}"
    if isinstance(data, Path):
        shutil.copyfile(data, new)
    else:
        with open(new, "wb") as stream:  # noqa: PTH123 (a quarter of a cold build's files' time is Path's)
            stream.write(data)
    os.utime(new, (mtime, mtime))
    target = f"{root}/{path}"
    try:
        replace(new, target)
    except FileNotFoundError:
        os.makedirs(os.path.dirname(target), exist_ok=True)  # noqa: PTH103, PTH120
        replace(new, target)


def replace_text(path: Path, text: str) -> None:
    """A file outside the web root, replaced as a whole: whoever is killed here leaves the old one or the new one."""
    new = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with new.open("w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)


def remove(root: Path, path: str) -> None:
    """Removes a file, its siblings and the folders they leave empty."""
    for suffix in SUFFIXES:
        (root / f"{path}{suffix}").unlink(missing_ok=True)
    folder = (root / path).parent
    while folder != root:
        try:
            folder.rmdir()
        except OSError:
            return
        folder = folder.parent


def strangers(root: Path, known: set[str]) -> list[str]:
    """Files below `root` that no output and no sibling of one accounts for; what a build remembers is not looked at."""
    found = []
    for folder, names, files in os.walk(root):
        place = os.path.relpath(folder, root)
        if place == ".":
            names[:] = [name for name in names if name != MEMORY]
        for file in files:
            path = file if place == "." else f"{place}/{file}"
            if path not in known and path.removesuffix(".gz") not in known and path.removesuffix(".br") not in known:
                found.append(path)
    return found
