"""What a build has touched in a web root, and whether it had to; knows addresses, not how they are made."""

import gzip
import hashlib
from pathlib import Path

import brotli
from msgspec import Struct

from tests.bench.archive import Written

MEMORY = ".longwave"  # what the build remembers lies beside the site and is never served
COMPRESSED = (".gz", ".br")


class Mark(Struct, frozen=True):
    modified_ns: int
    digest: bytes


class Snapshot(Struct, frozen=True):
    """Every served file, compressed ones too. `overviews` are the pages that stand at most one folder deep, as text."""

    output: Path
    files: dict[str, Mark]
    overviews: dict[str, str]


def snapshot(output: Path) -> Snapshot:
    files = {path.relative_to(output).as_posix(): path for path in output.rglob("*") if path.is_file()}
    served = {name: path for name, path in files.items() if not name.startswith(f"{MEMORY}/")}
    overviews = {
        name: path.read_text(encoding="utf-8")
        for name, path in served.items()
        if name.endswith(".html") and name.count("/") <= 1
    }
    return Snapshot(output, {name: _mark(path) for name, path in served.items()}, overviews)


def changed(before: Snapshot, after: Snapshot) -> list[str]:
    """The files that came or went, or whose bytes or modification times are others."""
    names = before.files.keys() | after.files.keys()
    return sorted(name for name in names if before.files.get(name) != after.files.get(name))


def needless(before: Snapshot, after: Snapshot, *, added: Written) -> list[str]:
    """The changed files that do not print the added episode."""
    return [name for name in changed(before, after) if not _prints(name, before, after, added=added)]


def _prints(name: str, before: Snapshot, after: Snapshot, *, added: Written) -> bool:
    """It is the episode's own file, names its address, or counts it among the episodes of its guests and topics."""
    if name not in after.files:
        return False
    own = f"episodes/{added.number}/"
    if name.startswith(own):
        return True
    if f"/{own}" in _text(after.output / name):
        return True
    plain = name.removesuffix(".gz").removesuffix(".br")
    new_lines = set(after.overviews.get(plain, "").splitlines()) - set(before.overviews.get(plain, "").splitlines())
    counted = [f"/people/{guest}/" for guest in added.guests] + [f"/topics/{topic}/" for topic in added.topics]
    return bool(new_lines) and all(any(link in line for link in counted) for line in new_lines)


def _mark(path: Path) -> Mark:
    with path.open("rb") as file:
        return Mark(path.stat().st_mtime_ns, hashlib.file_digest(file, "blake2b").digest())


def _text(path: Path) -> str:
    data = path.read_bytes()
    if path.suffix == ".gz":
        data = gzip.decompress(data)
    elif path.suffix == ".br":
        data = brotli.decompress(data)
    return data.decode(errors="replace")
