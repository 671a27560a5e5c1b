"""One TOML source with line numbers for its problems. Knows nothing of what the keys mean."""

import re
import tomllib
from collections.abc import Callable
from typing import Any

from generator.errors import Problem
from generator.read.fields import Path, refuse_control

TOML_BYTES_MAX = 1_000_000
PROBLEMS_MAX = 50


class Toml:
    """One TOML source being read: gathers its problems, each with its line."""

    def __init__(self, raw: bytes, *, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self.data: dict[str, Any] = {}
        self._text = ""
        try:
            if len(raw) > TOML_BYTES_MAX:
                raise ValueError(f"the file is too large: {len(raw):,} bytes")
            self._text = raw.decode("utf-8-sig")
            self.data = tomllib.loads(self._text)
        except (ValueError, RecursionError) as error:
            at = re.search(r"at line (\d+)", str(error))
            what = f"this is not valid TOML: {error}" if self._text else str(error)
            self.problems.append(Problem(file, int(at[1]) if at else 1, what, "Mend the line"))
        if "\\" in self._text:
            refuse_control(self.data, self.problem)

    def problem(self, where: Path, problem: str, remedy: str) -> None:
        line = self.line(where) if len(self.problems) < PROBLEMS_MAX else 1  # nobody will read it
        self.problems.append(Problem(self.file, line, problem, remedy))

    def at(self, *path: str | int) -> Callable[[str, str], None]:
        return lambda problem, remedy: self.problem(path, problem, remedy)

    def line(self, path: Path) -> int:
        """The line of a key, looked for as text: below its table's header, else the header."""
        found, table, places = 1, "", self._places(path)
        for number, line in enumerate(self._text.split("\n"), 1):
            if header := re.match(r"\s*\[([^\[\]]+)\]", line):
                table = header[1].strip()
                if path and table == ".".join(map(str, path[: table.count(".") + 1])):
                    found = number
                continue
            key, equals, _ = line.partition("=")
            if equals and (table, key.strip().strip("\"'")) in places:
                return number
        return found

    @staticmethod
    def _places(path: Path) -> set[tuple[str, str]]:
        return {(".".join(map(str, path[:k])), str(path[k])) for k in range(len(path))}
