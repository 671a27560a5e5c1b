"""Size and hash of files that lie on this machine, looked at again when a file has changed. Knows no courses and serves nothing."""

import hashlib
from pathlib import Path

from msgspec import Struct

from api.gateways.written_file import Stamp, stamp_of


class Facts(Struct, frozen=True):
    bytes: int
    sha256: str


class Files:
    """The files below one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[str, tuple[Stamp, Facts]] = {}

    def facts(self, path: str) -> Facts | None:
        """Of '/courses/x/y.en.vtt' or 'x/y.jpg'; None where there is no such file here."""
        file = self._folder / path.lstrip("/")
        try:
            stamp = stamp_of(file)
            known = self._known.get(path)
            if known is None or known[0] != stamp:
                known = (stamp, Facts(stamp[1], _hash(file)))
                self._known[path] = known
        except OSError:
            return None
        return known[1]


def _hash(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
