"""Which outputs stand as the ledger has them: looked at by a second process, while the first one reads and plans."""

import os
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

from generator.write.ledger import Written

SEPARATOR = b"\0"


class Standing:
    """`known` is what the ledger has, by path. Looking at a hundred thousand files takes a quarter of a short build."""

    def __init__(self, root: Path, known: dict[str, Written]) -> None:
        self.known = known
        self._pid, self._answer = _ask(root, known.values()) if known else (0, -1)

    @cached_property
    def broken(self) -> frozenset[str]:
        """Paths whose file, or a sibling of it, is missing or was changed by another hand."""
        if not self._pid:
            return frozenset()
        with os.fdopen(self._answer, "rb") as answer:
            paths = answer.read()
        _, status = os.waitpid(self._pid, 0)
        if status:
            raise ChildProcessError(f"looking at the outputs ended with status {status}. Build again.")
        return frozenset(path.decode() for path in paths.split(SEPARATOR) if path)

    def close(self) -> None:
        """Waits for the second process, whether its answer was wanted or not."""
        if self._pid and "broken" not in self.__dict__:
            os.close(self._answer)
            os.waitpid(self._pid, 0)


def intact(root: Path, written: Written) -> bool:
    """Whether the file and its siblings have the sizes and the time that the ledger has."""
    path = f"{root}/{written.path}"
    try:
        return _stands(path, written.size, written.mtime) and all(
            _stands(path + suffix, size, written.mtime)
            for suffix, size in ((".gz", written.gz), (".br", written.br))
            if size
        )
    except OSError:
        return False


def _ask(root: Path, outputs: Iterable[Written]) -> tuple[int, int]:
    reader, writer = os.pipe()
    pid = os.fork()
    if pid:
        os.close(writer)
        return pid, reader
    try:
        os.close(reader)
        paths = [written.path.encode() for written in outputs if not intact(root, written)]
        with os.fdopen(writer, "wb") as answer:
            answer.write(SEPARATOR.join(paths))
    except BaseException:  # a forked copy of the build must never go on as one
        os._exit(1)
    os._exit(0)


def _stands(path: str, size: int, mtime: int) -> bool:
    stat = os.stat(path)  # noqa: PTH116 (hundreds of thousands of calls)
    return stat.st_size == size and stat.st_mtime_ns == mtime * 1_000_000_000
