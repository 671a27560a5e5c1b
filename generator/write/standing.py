"""Which outputs stand as the ledger has them: looked at by processes of their own, while this one reads sources and plans."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from functools import cached_property
from pathlib import Path

from generator.write.ledger import Ledger

SEPARATOR = b"\0"
POLITENESS = 10  # the build itself goes first where there are no more than two cores
DAMAGED = 3  # exit status of a looker that cannot read the ledger


class Standing:
    """Looking at a hundred thousand files is half of a build that has nothing to do, so it begins when this is made.

    Made before the ledger is opened: SQLite's connections must not be carried into a forked process.
    """

    def __init__(self, root: Path, ledger: Path) -> None:
        lookers = (os.cpu_count() or 1) if ledger.is_file() else 0
        self._lookers = [_begun(root, ledger, part=part, parts=lookers) for part in range(lookers)]

    @cached_property
    def broken(self) -> frozenset[str]:
        """Paths whose file, or a sibling of it, is missing or was changed by another hand.

        Raises sqlite3.DatabaseError for a damaged ledger.
        """
        answers = []
        while self._lookers:
            answers.append(_answer(*self._lookers.pop()))
        return frozenset().union(*answers)

    def close(self) -> None:
        """Waits for the other processes, whether their answer was wanted or not."""
        for pid, pipe in self._lookers:
            os.close(pipe)
            os.waitpid(pid, 0)


def _begun(root: Path, ledger: Path, *, part: int, parts: int) -> tuple[int, int]:
    reader, writer = os.pipe()
    parent = os.getpid()
    pid = os.fork()
    if pid:
        os.close(writer)
        return pid, reader
    status = 1  # a forked copy of the build must never go on as one
    try:
        os.close(reader)
        with suppress(OSError):  # a sandbox may forbid it
            os.nice(POLITENESS)
        with closing(Ledger(ledger.absolute(), read_only=True)) as known, os.fdopen(writer, "wb") as answer:
            os.chdir(root)  # names that begin here are found sooner
            answer.write(SEPARATOR.join(path.encode() for path in _broken(known, parent, part=part, parts=parts)))
        status = 0
    except sqlite3.DatabaseError:
        status = DAMAGED
    finally:
        os._exit(status)


def _broken(ledger: Ledger, parent: int, *, part: int, parts: int) -> Iterator[str]:
    """Relative to the working folder, which is the outputs'. Ends with the build, whose lock this process holds too."""
    for path, size, mtime, gz, br in ledger.traces(part=part, parts=parts):
        if os.getppid() != parent:
            return
        if not _stands(path, size, mtime, gz, br):
            yield path


def _stands(path: str, size: int, mtime: int, gz: int, br: int) -> bool:
    """Whether the file and its siblings have the sizes and the time that the ledger has."""
    try:
        return (
            _is(path, size, mtime)
            and (not gz or _is(f"{path}.gz", gz, mtime))
            and (not br or _is(f"{path}.br", br, mtime))
        )
    except OSError:
        return False


def _is(path: str, size: int, mtime: int) -> bool:
    stat = os.stat(path)  # noqa: PTH116 (hundreds of thousands of calls)
    return stat.st_size == size and stat.st_mtime_ns == mtime * 1_000_000_000


def _answer(pid: int, pipe: int) -> frozenset[str]:
    with os.fdopen(pipe, "rb") as answer:
        paths = answer.read()
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if status == DAMAGED:
        raise sqlite3.DatabaseError("the ledger cannot be read")
    if status:
        raise ChildProcessError(f"looking at the outputs ended with status {status}. Build again.")
    return frozenset(path.decode() for path in paths.split(SEPARATOR) if path)
