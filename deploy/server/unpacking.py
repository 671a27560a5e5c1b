"""Brings a folder to what a tar holds, so that files that are the same stay the same, with their times. Trusts no tar.

A changed file gets a later time than it had, as a build does it: what is asked for by time (ETag, ledger) is then new.
"""

import os
import shutil
import tarfile
from pathlib import Path
from typing import IO

from deploy.errors import DeployError

FILES_MAX = 400_000
BYTES_MAX = 20_000_000_000
DEPTH_MAX = 30
CHUNK_BYTES = 1 << 20


def unpack(stream: IO[bytes], folder: Path, *, tops: frozenset[str] | None, now: int, spared: frozenset[str]) -> int:
    """Gives the number of files. What the tar does not hold is removed, but for the top names `spared`.

    With `tops`, nothing else may stand at the top. Raises DeployError, naming it, at the first member that is no plain file
    inside of `folder`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    held: set[str] = set()
    bytes_left = BYTES_MAX
    try:
        with tarfile.open(fileobj=stream, mode="r|") as archive:
            for member in archive:
                if member.isdir():
                    continue
                path = _judged(member, tops=tops)
                bytes_left -= member.size
                if bytes_left < 0 or len(held) >= FILES_MAX:
                    raise DeployError(f"more than {BYTES_MAX:,} bytes or {FILES_MAX:,} files are too much for one site")
                if content := archive.extractfile(member):
                    _place(content, folder / path, now=now)
                    held.add(path)
    except (tarfile.TarError, EOFError) as error:
        raise DeployError(f"what was sent is no whole tar ({error}). Send it again") from error
    _remove_others(folder, held, spared=spared)
    return len(held)


def _judged(member: tarfile.TarInfo, *, tops: frozenset[str] | None) -> str:
    path = member.name.removeprefix("./")
    parts = path.split("/")
    sound = all(part not in {"", ".", ".."} and part.isprintable() and "\\" not in part for part in parts)
    if not member.isreg() or not sound or len(parts) > DEPTH_MAX:
        raise DeployError(f"{path!r} is no plain file with a plain name: only such can be sent")
    if tops is not None and parts[0] not in tops:
        raise DeployError(f"{path!r} lies outside of {' and '.join(sorted(tops))}")
    return path


def _place(content: IO[bytes], path: Path, *, now: int) -> None:
    """Beside its place first; there it is compared with what stands there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".new-{os.getpid()}")
    with new.open("wb") as file:
        shutil.copyfileobj(content, file, CHUNK_BYTES)
    before = path.stat().st_mtime if path.is_file() else 0
    if before and _same(new, path):
        new.unlink()
        return
    moment = max(now, int(before) + 1)
    os.utime(new, (moment, moment))
    new.replace(path)


def _same(one: Path, other: Path) -> bool:
    if one.stat().st_size != other.stat().st_size:
        return False
    with one.open("rb") as left, other.open("rb") as right:
        while chunk := left.read(CHUNK_BYTES):
            if chunk != right.read(CHUNK_BYTES):
                return False
    return True


def _remove_others(folder: Path, held: set[str], *, spared: frozenset[str]) -> None:
    for place, folders, files in os.walk(folder, topdown=False):
        below = Path(place).relative_to(folder)
        if below.parts and below.parts[0] in spared:
            continue
        for name in files:
            path = (below / name).as_posix()
            if path not in held and path not in spared:
                (folder / path).unlink()
        for inner in (folder / below / name for name in folders):
            if inner.is_symlink():
                inner.unlink()
            elif not any(inner.iterdir()):
                inner.rmdir()
