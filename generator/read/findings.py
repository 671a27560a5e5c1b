"""Gathers the problems found between sources and finds their lines. Knows nothing of what they are about."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

from generator.errors import Problem
from generator.read.front_matter import Document
from generator.read.toml import Toml

PROBLEMS_MAX = 50


class Findings:
    """The problems found between sources, each at the line of its field; of a file with very many only the first."""

    def __init__(self, content: Path) -> None:
        self._content = content
        self.problems: list[Problem] = []
        self._counts: Counter[str] = Counter()
        self._more: dict[str, int] = {}
        self._documents: dict[str, Document | Toml] = {}

    def at(self, source: str, *path: str | int) -> Callable[[str, str], None]:
        """A reporter for the field at `path` of a source (named with the content folder's name)."""

        def report(problem: str, remedy: str) -> None:
            line = self._line(source, path) if self._counts[source] < PROBLEMS_MAX else 1
            self.add(source, line, problem, remedy)

        return report

    def add(self, source: str, line: int, problem: str, remedy: str) -> None:
        self._counts[source] += 1
        if (more := self._counts[source] - PROBLEMS_MAX) > 0:
            at = self._more.setdefault(source, len(self.problems))
            self.problems[at : at + 1] = [further(source, more)]
        else:
            self.problems.append(Problem(source, line, problem, remedy))

    def _line(self, source: str, path: tuple[str | int, ...]) -> int:
        if not path or not source.endswith((".md", ".toml", ".lock")):
            return 1
        if source not in self._documents:
            raw = (self._content.parent / source).read_bytes()
            read = Document if source.endswith(".md") else Toml
            self._documents[source] = read(raw, file=source)
        return self._documents[source].line(path)


def further(file: str, count: int) -> Problem:
    return Problem(file, 1, f"there are {count} more problems in this file", "Mend the others first")
