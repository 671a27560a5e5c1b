"""A file that the generator writes, read again when it changes; while it is damaged the last good one stays. Knows no contents."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Generic, TypeVar

import structlog

log = structlog.get_logger()
T = TypeVar("T")
Stamp = tuple[int, int, int]


class WrittenFile(Generic[T]):
    """`problem` is None while the file as it stands could be read, or is one that may be missing."""

    def __init__(
        self,
        path: Path,
        decoded: Callable[[bytes], T],
        *,
        counted: Callable[[T], Mapping[str, int]],
        may_be_missing: bool = False,
    ) -> None:
        """`decoded` raises ValueError with what is wrong; `counted` is what the log says of a good one."""
        self._path, self._decoded, self._counted = path, decoded, counted
        self._may_be_missing = may_be_missing
        self._stamp: Stamp | None = None
        self._good: T | None = None
        self.problem: str | None = None if may_be_missing else f"{path.name} has not been read yet"

    def last_good(self) -> T | None:
        """Asks for the file's time and size, and reads it when they changed."""
        try:
            stamp = stamp_of(self._path)
            if stamp != self._stamp:
                self._stamp = stamp
                self._good = self._decoded(self._path.read_bytes())
                self._say(None)
        except OSError as error:
            self._stamp = None
            if not (self._may_be_missing and isinstance(error, FileNotFoundError)):
                self._say(f"{self._path.name} cannot be read: {error.strerror}")
        except ValueError as error:
            self._say(f"{self._path.name}: {error}")
        return self._good

    def _say(self, problem: str | None) -> None:
        if problem and problem != self.problem:
            log.error(f"{self._path.stem}_unreadable", problem=problem, last_good_kept=self._good is not None)
        elif problem is None and self._good is not None:
            log.info(f"{self._path.stem}_read", **self._counted(self._good))
        self.problem = problem


def stamp_of(path: Path) -> Stamp:
    """Another one when the file is another one. Raises OSError."""
    found = os.stat(path)  # noqa: PTH116 (asked at every request)
    return (found.st_mtime_ns, found.st_size, found.st_ino)
