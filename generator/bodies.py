"""Gives the bodies of sources by digest: notes from the ledger, transcripts parsed again from their files. Knows no page."""

import os
from functools import lru_cache
from pathlib import Path

from generator import digests
from generator.errors import BuildError
from generator.read import transcripts
from generator.render.transcripts import Transcript
from generator.write.ledger import Ledger


class Bodies:
    """Each worker process opens the ledger for itself: a connection does not survive a fork."""

    def __init__(self, ledger: Path, content: Path) -> None:
        self._path, self._content = ledger, content
        self._opened: tuple[int, Ledger] | None = None
        self.transcript = lru_cache(maxsize=2)(
            self._transcript
        )  # an episode's page and its four files come one after the other

    def notes(self, digest: str) -> str:
        return self._ledger().body(digest).decode()

    def _transcript(self, wanted: str) -> Transcript:
        path = self._ledger().path_of_body(wanted)
        raw = (self._content / path).read_bytes() if path else b""
        if digests.of(raw) != wanted:
            raise BuildError(f"{self._content.name}/{path} was changed during the build. Build again.")
        cues, _ = transcripts.parse(raw, file=path)
        return Transcript(cues)

    def _ledger(self) -> Ledger:
        if self._opened is None or self._opened[0] != os.getpid():
            self._opened = os.getpid(), Ledger(self._path, read_only=True)
        return self._opened[1]
