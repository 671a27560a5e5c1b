"""Keeps the published site as releases side by side and one symbolic link that says which is served; runs no nginx.

DIR/releases/ID/public/         the web root, hard links to the build's output
DIR/releases/ID/nginx/          root.conf and redirects.map, for nginx to include
DIR/releases/ID/manifest.json   a Release; written last, so a release without one is half made and worth nothing
DIR/pool/                       assets/ and media/ of all releases, and downloads/, which is not for everybody; their names hold a
                                hash, so names never clash
DIR/current                     symbolic link to releases/ID
"""

import errno
import fcntl
import hashlib
import os
import re
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
from msgspec import Struct

from generator.errors import BuildError

KEEP = 5
LOCK = "publish.lock"
OURS = {LOCK, "releases", "pool", "current", "current.new"}
HASHED = re.compile(r".+\.[0-9a-f]{8}\.[a-z0-9]+(?:\.gz|\.br)?")
ID = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{8}")
POOLED = ("assets", "media")
PRIVATE = "downloads"
MEMORY = ".longwave"  # what the build remembers inside its output
NO_LINK = {errno.EXDEV, errno.EPERM, errno.EMLINK, errno.ENOTSUP}
SYNTAX = frozenset("\"'`${};\\\n")  # of nginx
File = tuple[str, int, int]
"""Path below the output, size in bytes, modification time in nanoseconds."""


class Release(Struct, frozen=True, kw_only=True):
    """`parent` is what was current when this was made ('' for the first); `assets` are its names in the pool."""

    id: str
    created: datetime
    parent: str
    files: int
    bytes: int
    digest: str
    assets: tuple[str, ...]


@contextmanager
def lock(www: Path) -> Iterator[None]:
    """Held for a whole publish or rollback; all that changes `www` runs inside. Raises BuildError when it is taken."""
    if strange := sorted({entry.name for entry in www.iterdir()} - OURS if www.exists() else ()):
        raise BuildError(f"{www} holds {strange[0]}, which Longwave did not make. Choose another folder, or empty it")
    www.mkdir(parents=True, exist_ok=True)
    with (www / LOCK).open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder = file.read().strip() or "another process"
            raise BuildError(
                f"{www} is being published to by {holder}. Wait until it has ended, then publish again"
            ) from None
        file.truncate(0)
        file.write(f"process {os.getpid()}")
        file.flush()
        yield


def create(output: Path, www: Path, *, now: datetime, shared: bool = True) -> Release:
    """Makes a release of the finished web root `output`; nobody sees it before `switch`.

    Costs a hard link per file, or a copy when `output` is on another file system and the release before lacks the file:
    files of `output` must be replaced, never changed in place. When they are not to be `shared` with the release, because who
    wrote them is not trusted with it, they are copied too. What a killed publish left half made is removed first.
    An output equal to the current release gives that release. Raises BuildError when `www` cannot be written.
    """
    try:
        _remove_unfinished(www)
        files = sorted(_walk(str(output)))
        serving = current(www)
        digest = _digest(files, redirects=_redirects(output))
        if serving and serving.digest == digest:
            return serving
        release = _describe(files, digest=digest, parent=serving.id if serving else "", created=_later(www, now))
        _fill(release, output, www=www, files=files, shared=shared)
        return release
    except OSError as error:
        raise BuildError(f"{www} cannot be written: {error.strerror} ({error.filename})") from error


def switch(www: Path, id: str) -> Release:
    """Makes the release `id` the served one, all at once; nginx must then be reloaded. Harmless when it is already."""
    release = _read(www, id)
    if release is None:
        known = ", ".join(kept.id for kept in kept_releases(www)) or "none"
        raise BuildError(f"{www} has no release {id!r}. It has: {known}")
    link = www / "current.new"
    link.unlink(missing_ok=True)
    link.symlink_to(Path("releases") / id)
    link.replace(www / "current")
    _sync_folder(www)
    return release


def current(www: Path) -> Release | None:
    """The release that is served."""
    link = www / "current"
    return _read(www, link.readlink().name) if link.is_symlink() else None


def previous(www: Path) -> Release | None:
    """What was served when the current release was made: going back twice is two steps, never to a bad one."""
    serving = current(www)
    if serving is None:
        return None
    older = [release for release in kept_releases(www) if release.id < serving.id]
    return _read(www, serving.parent) or (older[-1] if older else None)


def kept_releases(www: Path) -> tuple[Release, ...]:
    """Every finished release, the oldest first."""
    found = (_read(www, name) for name in sorted(_names(www / "releases")))
    return tuple(release for release in found if release)


def prune(www: Path, keep: int = KEEP, *, spare: Collection[str] = ()) -> tuple[Release, ...]:
    """Removes and returns all but the newest `keep` releases, the current one, the one before it, and those to `spare`.

    Assets that no kept release names leave the pool; media stay, since the address of an audio file is for ever.
    """
    releases = kept_releases(www)
    spared = {*spare, *(release.id for release in (current(www), previous(www)) if release)}
    spared |= {release.id for release in releases[max(0, len(releases) - keep) :]}
    removed = tuple(release for release in releases if release.id not in spared)
    for release in removed:
        folder = www / "releases" / release.id
        (folder / "manifest.json").unlink()  # from here on it is half made: a kill leaves work for the next create
        shutil.rmtree(folder)
    wanted = {name for release in releases if release.id in spared for name in release.assets}
    _remove_assets(www / "pool" / "assets", wanted=wanted)
    return removed


def _walk(folder: str, below: str = "") -> Iterator[File]:
    """Plain strings and one stat a file: there may be a hundred thousand."""
    with os.scandir(folder) as entries:
        for entry in entries:
            path = below + entry.name
            if entry.is_dir(follow_symlinks=False):
                if path != MEMORY:
                    yield from _walk(entry.path, path + "/")
            else:
                status = entry.stat()
                yield path, status.st_size, status.st_mtime_ns


def _redirects(output: Path) -> bytes:
    path = output / MEMORY / "redirects.map"
    return path.read_bytes() if path.exists() else b""


def _digest(files: list[File], *, redirects: bytes) -> str:
    """Size and time stand for a file's content: a changed output always gets a later time."""
    digest = hashlib.sha256(redirects)
    for path, size, modified in files:
        digest.update(f"{path}\0{size}\0{modified}\n".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def _later(www: Path, now: datetime) -> datetime:
    """`now`, or a second after the newest release: names sort as releases were made, whatever the clock says."""
    moment = now.astimezone(UTC).replace(microsecond=0)
    releases = kept_releases(www)
    return max(moment, releases[-1].created + timedelta(seconds=1)) if releases else moment


def _describe(files: list[File], *, digest: str, parent: str, created: datetime) -> Release:
    return Release(
        id=f"{created:%Y%m%dT%H%M%SZ}-{digest[:8]}",
        created=created,
        parent=parent,
        files=len(files),
        bytes=sum(size for _, size, _ in files),
        digest=digest,
        assets=tuple(path.removeprefix("assets/") for path, _, _ in files if path.startswith("assets/")),
    )


def _fill(release: Release, output: Path, *, www: Path, files: list[File], shared: bool) -> None:
    folder = www.resolve() / "releases" / release.id
    earlier = www / "releases" / release.parent / "public" if release.parent else None
    private = output / MEMORY / PRIVATE
    own, pooled = [file for file in files if not _is_pooled(file)], [file for file in files if _is_pooled(file)]
    downloads = list(_walk(str(private))) if private.is_dir() else []
    _place_all(output, folder / "public", earlier=earlier, files=own, shared=shared)
    _place_all(output, www / "pool", earlier=None, files=pooled, shared=shared)
    _place_all(private, www / "pool" / PRIVATE, earlier=None, files=downloads, shared=shared)
    (folder / "nginx").mkdir(parents=True)
    (folder / "nginx" / "redirects.map").write_bytes(_redirects(output))
    (folder / "nginx" / "root.conf").write_text(_root(folder / "public"), encoding="utf-8")
    os.sync()  # everything of the release lies on the disk before its manifest says so
    _write_durably(folder / "manifest.json", msgspec.json.format(msgspec.json.encode(release)) + b"\n")


def _is_pooled(file: File) -> bool:
    return file[0].partition("/")[0] in POOLED and "/" in file[0]


def _place_all(source: Path, target: Path, *, earlier: Path | None, files: list[File], shared: bool) -> None:
    made: set[str] = set()
    target.mkdir(parents=True, exist_ok=True)
    for file in files:
        folder = file[0].rpartition("/")[0]
        if folder not in made:
            (target / folder).mkdir(parents=True, exist_ok=True)
            made.add(folder)
        old = f"{earlier}/{file[0]}" if earlier else ""
        place = _place if shared else _place_copy
        place(f"{source}/{file[0]}", f"{target}/{file[0]}", earlier=old, file=file)


def _place(source: str, target: str, *, earlier: str, file: File) -> None:
    try:
        os.link(source, target)
    except OSError as error:
        if error.errno not in {errno.EEXIST, *NO_LINK}:
            raise
        _place_copy(source, target, earlier=earlier, file=file)


def _place_copy(source: str, target: str, *, earlier: str, file: File) -> None:
    """Only in the pool, where a name is its content, is there something already."""
    with suppress(FileNotFoundError):
        if Path(target).stat().st_size == file[1]:
            return
    if not (earlier and _links(earlier, target, file=file)):
        _copy(source, target)


def _links(earlier: str, target: str, *, file: File) -> bool:
    """Links the earlier release's file when it is the same; says whether it did."""
    with suppress(OSError):
        status = Path(earlier).stat()
        if (status.st_size, status.st_mtime_ns) == file[1:]:
            os.link(earlier, target)
            return True
    return False


def _copy(source: str, target: str) -> None:
    """Whole or not at all, with its time."""
    partial = target + ".partial"
    shutil.copyfile(source, partial)
    shutil.copystat(source, partial)
    Path(partial).replace(target)


def _root(public: Path) -> str:
    if SYNTAX & set(str(public)):
        raise BuildError(
            f"{public} holds a character that nginx would read as its own syntax. Publish to another folder"
        )
    return f'root "{public}";\n'


def _remove_unfinished(www: Path) -> None:
    link = www / "current"
    served = link.readlink().name if link.is_symlink() else ""
    for name in _names(www / "releases"):
        unfinished = ID.fullmatch(name) and not (www / "releases" / name / "manifest.json").exists()
        if name != served and unfinished:
            shutil.rmtree(www / "releases" / name)


def _remove_assets(pool: Path, *, wanted: set[str]) -> None:
    for path, _, _ in list(_walk(str(pool))) if pool.is_dir() else []:
        if path not in wanted and HASHED.fullmatch(path):
            (pool / path).unlink()


def _names(folder: Path) -> list[str]:
    return [entry.name for entry in os.scandir(folder)] if folder.is_dir() else []


def _read(www: Path, id: str) -> Release | None:
    manifest = www / "releases" / id / "manifest.json"
    if not id or "/" in id or not manifest.is_file():
        return None
    try:
        return msgspec.json.decode(manifest.read_bytes(), type=Release)
    except msgspec.DecodeError as error:
        raise BuildError(
            f"{manifest} is damaged ({error}). Remove {manifest.parent}, or restore it from a backup"
        ) from error


def _write_durably(path: Path, content: bytes) -> None:
    new = path.with_suffix(".new")
    with new.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
