"""Keeps backups on another machine: an SFTP server for one folder, in which nothing that was there can be deleted or overwritten.

It runs as the forced command of a server's SSH key and needs Python alone. What is removed or replaced through it moves to
`.kept/DAY/`, where that key does not reach; whoever owns the machine forgets it later (--forget-days) or puts it back
(--put-back). It does not know what the files hold.
"""

import argparse
import contextlib
import datetime as dt
import os
import posixpath
import shutil
import stat
import struct
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

KEPT = ".kept"
DAY, MOMENT = "%Y%m%d", "%Y%m%dT%H%M%S.%fZ"
PACKET_BYTES_MAX = 1 << 20
READ_BYTES_MAX = 1 << 18
LISTED_AT_ONCE = 100
# https://datatracker.ietf.org/doc/html/draft-ietf-secsh-filexfer-02: version 3, the one that everybody speaks
INIT, VERSION, OPEN, CLOSE, READ, WRITE, LSTAT, FSTAT, SETSTAT, FSETSTAT, OPENDIR, READDIR = range(1, 13)
REMOVE, MKDIR, RMDIR, REALPATH, STAT, RENAME = range(13, 19)
STATUS, HANDLE, DATA, NAME, ATTRS, EXTENDED = 101, 102, 103, 104, 105, 200
OK, EOF, NO_SUCH_FILE, DENIED, FAILURE, UNSUPPORTED = 0, 1, 2, 3, 4, 8
TO_WRITE, TO_CREATE, TO_TRUNCATE, TO_BE_NEW = 0x2, 0x8, 0x10, 0x20
SIZE, OWNER, RIGHTS, TIMES = 0x1, 0x2, 0x4, 0x8
POSIX_RENAME, FSYNC = b"posix-rename@openssh.com", b"fsync@openssh.com"
Answer = tuple[int, bytes]


class Keep:
    """The folder. Paths are its clients': '/a/b' is ROOT/a/b. Only what was made through this object can be renamed or dated."""

    def __init__(self, root: Path, *, clock: Callable[[], dt.datetime]) -> None:
        self._root = root
        self._clock = clock
        self._new: set[Path] = set()

    def real(self, path: str) -> Path:
        """Raises FileNotFoundError for what is out of reach."""
        inside = posixpath.normpath("/" + path).lstrip("/")
        if KEPT in inside.split("/"):
            raise FileNotFoundError(path)
        return self._root / inside

    def create(self, path: str, *, exclusively: bool) -> int:
        if not exclusively:
            self.remove(path)
        file = os.open(self.real(path), os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        self._new.add(self.real(path))
        return file

    def date(self, path: str, times: tuple[int, int]) -> None:
        if self.real(path) not in self._new:
            raise PermissionError(path)
        os.utime(self.real(path), times, follow_symlinks=False)

    def rename(self, source: str, target: str) -> None:
        here, there = self.real(source), self.real(target)
        if here not in self._new:
            raise PermissionError(source)
        if here != there:
            self.remove(target)
            here.rename(there)
            self._new.discard(here)
            self._new.add(there)
        sync(there.parent)

    def remove(self, path: str) -> bool:
        """Moves what is there out of reach; whether there was anything."""
        real, now = self.real(path), self._clock()
        if not os.path.lexists(real):
            return False
        if not stat.S_ISREG(real.lstat().st_mode):
            raise PermissionError(path)
        aside = self._root / KEPT / now.strftime(DAY) / real.relative_to(self._root)
        aside.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        real.rename(aside.with_name(f"{aside.name}~{now.strftime(MOMENT)}"))
        self._new.discard(real)
        return True

    def forget(self, *, days: int, below: str = "") -> int:
        """Deletes for good what was removed on earlier days, all or of one folder; how many days of it."""
        first_kept = (self._clock() - dt.timedelta(days=days)).strftime(DAY)
        earlier = (day for day in (self._root / KEPT).glob("*") if day.name < first_kept)
        old = [day / below for day in earlier if (day / below).is_dir()]
        for day in old:
            shutil.rmtree(day)
        return len(old)

    def put_back(self, since: dt.datetime) -> int:
        """Undoes removals and replacements since then, the latest first; how many."""
        removed = []
        for aside in (self._root / KEPT).glob("*/**/*~*Z"):
            name, _, moment = aside.name.rpartition("~")
            if aside.is_file() and moment >= since.strftime(MOMENT):
                removed.append((moment, aside, str(Path(*aside.relative_to(self._root / KEPT).parts[1:-1], name))))
        for _, aside, path in sorted(removed, reverse=True):
            self.remove(path)
            self.real(path).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            aside.rename(self.real(path))
        return len(removed)


class Fields:
    """Those of one packet, in their order."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def number(self, form: str = ">I") -> int:
        (value,) = struct.unpack_from(form, self._data, self._at)
        self._at += struct.calcsize(form)
        return int(value)

    def text(self) -> bytes:
        length = self.number()
        if self._at + length > len(self._data):
            raise ValueError("a text is longer than its packet")
        self._at += length
        return self._data[self._at - length : self._at]

    def path(self) -> str:
        return os.fsdecode(self.text())

    def times(self) -> tuple[int, int] | None:
        """Of a file's attributes those that clients may set. Raises PermissionError for another size; rights are ours to choose."""
        flags = self.number()
        if flags & SIZE:
            raise PermissionError("a file's size stays as it was written")
        for flag, form in ((OWNER, ">Q"), (RIGHTS, ">I")):
            if flags & flag:
                self.number(form)
        return (self.number(), self.number()) if flags & TIMES else None


class Session:
    """One connection: a packet comes in, an answer goes out. A refusal is an answer too."""

    def __init__(self, keep: Keep) -> None:
        self._keep = keep
        self._files: dict[bytes, int] = {}
        self._listings: dict[bytes, list[Path]] = {}
        self._opened = 0
        self._does: dict[int, Callable[[Fields], Answer]] = {
            **{OPEN: self._open, CLOSE: self._close, READ: self._read, WRITE: self._write, OPENDIR: self._opendir},
            **{READDIR: self._readdir, LSTAT: self._stat, STAT: self._stat, FSTAT: self._fstat, SETSTAT: self._setstat},
            **{FSETSTAT: self._fsetstat, REMOVE: self._remove, MKDIR: self._mkdir, RMDIR: self._rmdir},
            **{REALPATH: self._realpath, RENAME: self._rename, EXTENDED: self._extended},
        }

    def answer(self, packet: bytes) -> bytes:
        kind, fields = packet[0], Fields(packet[1:])
        if kind == INIT:
            return struct.pack(">BI", VERSION, 3) + b"".join(map(text, (POSIX_RENAME, b"1", FSYNC, b"1")))
        id = fields.number()
        try:
            answered, rest = self._does.get(kind, unsupported)(fields)
        except (OSError, ValueError, KeyError, struct.error) as error:
            answered, rest = refused(error)
        return struct.pack(">BI", answered, id) + rest

    def _open(self, fields: Fields) -> Answer:
        path, flags = fields.path(), fields.number()
        if not flags & TO_WRITE:
            return self._opened_as(self._files, os.open(self._keep.real(path), os.O_RDONLY | os.O_NOFOLLOW))
        may_be_there = flags & (TO_TRUNCATE | TO_BE_NEW) or not os.path.lexists(self._keep.real(path))
        if not flags & TO_CREATE or not may_be_there:
            raise PermissionError(path)
        return self._opened_as(self._files, self._keep.create(path, exclusively=bool(flags & TO_BE_NEW)))

    def _opendir(self, fields: Fields) -> Answer:
        found = sorted(self._keep.real(fields.path()).iterdir(), reverse=True)
        return self._opened_as(self._listings, [path for path in found if path.name != KEPT])

    def _opened_as(self, where: dict[bytes, Any], what: Any) -> Answer:
        self._opened += 1
        handle = str(self._opened).encode()
        where[handle] = what
        return HANDLE, text(handle)

    def _close(self, fields: Fields) -> Answer:
        handle = fields.text()
        if self._listings.pop(handle, None) is None:
            file = self._files.pop(handle)
            with contextlib.suppress(OSError):  # where a file was opened to be read
                os.fsync(file)
            os.close(file)
        return done()

    def _read(self, fields: Fields) -> Answer:
        file, offset, length = self._files[fields.text()], fields.number(">Q"), fields.number()
        data = os.pread(file, min(length, READ_BYTES_MAX), offset)
        return (DATA, text(data)) if data else status(EOF, "the end of the file")

    def _write(self, fields: Fields) -> Answer:
        file, offset, data = self._files[fields.text()], fields.number(">Q"), fields.text()
        while data:
            written = os.pwrite(file, data, offset)
            data, offset = data[written:], offset + written
        return done()

    def _readdir(self, fields: Fields) -> Answer:
        waiting = self._listings[fields.text()]
        listed = [waiting.pop() for _ in range(min(len(waiting), LISTED_AT_ONCE))]
        entries = [named(path.name, path.lstat()) for path in listed if os.path.lexists(path)]
        return (NAME, struct.pack(">I", len(entries)) + b"".join(entries)) if listed else status(EOF, "all is listed")

    def _stat(self, fields: Fields) -> Answer:
        return ATTRS, attributes(self._keep.real(fields.path()).lstat())

    def _fstat(self, fields: Fields) -> Answer:
        return ATTRS, attributes(os.fstat(self._files[fields.text()]))

    def _setstat(self, fields: Fields) -> Answer:
        path, times = fields.path(), fields.times()
        if times:
            self._keep.date(path, times)
        return done()

    def _fsetstat(self, fields: Fields) -> Answer:
        file, times = self._files[fields.text()], fields.times()
        if times:
            raise PermissionError(file)
        return done()

    def _remove(self, fields: Fields) -> Answer:
        return done() if self._keep.remove(fields.path()) else status(NO_SUCH_FILE, "there is no such file")

    def _mkdir(self, fields: Fields) -> Answer:
        self._keep.real(fields.path()).mkdir(mode=0o700)
        return done()

    def _rmdir(self, fields: Fields) -> Answer:
        self._keep.real(fields.path()).rmdir()
        return done()

    def _realpath(self, fields: Fields) -> Answer:
        path = posixpath.normpath("/" + fields.path()).replace("//", "/")
        return NAME, struct.pack(">I", 1) + named(path, None)

    def _rename(self, fields: Fields) -> Answer:
        self._keep.rename(fields.path(), fields.path())
        return done()

    def _extended(self, fields: Fields) -> Answer:
        name = fields.text()
        if name == POSIX_RENAME:
            return self._rename(fields)
        if name == FSYNC:
            os.fsync(self._files[fields.text()])
            return done()
        return unsupported(fields)


def text(value: bytes) -> bytes:
    return struct.pack(">I", len(value)) + value


def attributes(found: os.stat_result) -> bytes:
    times = struct.pack(">II", int(found.st_atime), int(found.st_mtime))
    owner_and_rights = struct.pack(">III", found.st_uid, found.st_gid, found.st_mode)
    return struct.pack(">IQ", SIZE | OWNER | RIGHTS | TIMES, found.st_size) + owner_and_rights + times


def named(name: str, found: os.stat_result | None) -> bytes:
    written = os.fsencode(name)
    return text(written) + text(written) + (attributes(found) if found else struct.pack(">I", 0))


def status(code: int, said: str) -> Answer:
    return STATUS, struct.pack(">I", code) + text(said.encode(errors="replace")) + text(b"en")


def done() -> Answer:
    return status(OK, "done")


def unsupported(_fields: Fields) -> Answer:
    return status(UNSUPPORTED, "this place of backups does not do that")


def refused(error: Exception) -> Answer:
    if isinstance(error, FileNotFoundError):
        return status(NO_SUCH_FILE, "there is no such file")
    if isinstance(error, PermissionError):
        return status(DENIED, "what was kept stays as it is")
    return status(FAILURE, f"{type(error).__name__}: {error}")


def sync(folder: Path) -> None:
    file = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def serve(keep: Keep, incoming: BinaryIO, outgoing: BinaryIO) -> None:
    """Until the other side hangs up."""
    session = Session(keep)
    while len(header := incoming.read(4)) == 4:
        (length,) = struct.unpack(">I", header)
        if not 1 <= length <= PACKET_BYTES_MAX or len(packet := incoming.read(length)) < length:
            return
        outgoing.write(text(session.answer(packet)))
        outgoing.flush()


def main() -> int:
    parser = argparse.ArgumentParser(
        description="Serve ROOT by SFTP on standard input and output; nothing in it is lost."
    )
    parser.add_argument("root", type=Path, help="the folder of one server's backups")
    parser.add_argument("--forget-days", type=int, metavar="N", help="delete for good what was removed over N days ago")
    parser.add_argument("--below", default="", metavar="FOLDER", help="forget what was removed in this folder alone")
    parser.add_argument(
        "--put-back", type=dt.datetime.fromisoformat, metavar="TIME", help="undo removals since TIME (UTC)"
    )
    asked = parser.parse_args()
    os.umask(0o077)
    keep = Keep(asked.root.resolve(), clock=lambda: dt.datetime.now(dt.UTC))
    if asked.forget_days is not None:
        print(f"{keep.forget(days=asked.forget_days, below=asked.below)} days of removed files are gone for good.")
    elif asked.put_back:
        print(f"{keep.put_back(asked.put_back.replace(tzinfo=asked.put_back.tzinfo or dt.UTC))} files are back.")
    else:
        serve(keep, sys.stdin.buffer, sys.stdout.buffer)
    return 0


if __name__ == "__main__":
    sys.exit(main())
