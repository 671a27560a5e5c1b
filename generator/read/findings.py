"""Gathers the problems found between sources and finds their lines. Knows nothing of what they are about."""

from collections.abc import Callable
from pathlib import Path

from generator.errors import Problem
from generator.read.front_matter import Document
from generator.read.toml import Toml


class Findings:
    """The problems found between sources, each at the line of its field."""

    def __init__(self, content: Path) -> None:
        self._content = content
        self.problems: list[Problem] = []

    def at(self, source: str, *path: str | int) -> Callable[[str, str], None]:
        """A reporter for the field at `path` of a source (named with the content folder's name)."""
        return lambda problem, remedy: self.add(source, self._line(source, path), problem, remedy)

    def add(self, source: str, line: int, problem: str, remedy: str) -> None:
        self.problems.append(Problem(source, line, problem, remedy))

    def _line(self, source: str, path: tuple[str | int, ...]) -> int:
        raw = (self._content.parent / source).read_bytes() if path else b""
        if source.endswith(".md"):
            return Document(raw, file=source).line(path)
        return Toml(raw, file=source).line(path) if path else 1
