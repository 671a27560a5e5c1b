"""Splits a Markdown source into its front matter and its text. Knows YAML and line numbers, not what the fields mean."""

import re
from collections.abc import Mapping
from functools import cached_property
from types import MappingProxyType
from typing import Any, TypeVar

import msgspec
import yaml

from generator.errors import Problem
from generator.read.fields import CONTROL, Path, convert, refuse_control

MARKDOWN_BYTES_MAX = 1_000_000
DEPTH_MAX = 32
FLAT_BYTES_MAX, FLAT_MARKS_MAX = 20_000, 64  # what is smaller cannot nest so deep that it does harm
WHOLE_BITS_MAX = 4096  # beyond, Python refuses to write them out
PROBLEMS_MAX = 50
BROKEN = (
    yaml.YAMLError, ValueError, RecursionError,
    IndexError, KeyError, AttributeError, TypeError, StopIteration, OverflowError,
)  # fmt: skip
FENCE = re.compile(r"\A---[ \t]*\n(.*?\n)?---[ \t]*(?:\n|\Z)", re.S)
SafeLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
Value = TypeVar("Value", bound=msgspec.Struct)


class Loader(SafeLoader):  # type: ignore[misc]
    """YAML's safe types; a key given twice is an error, a date that does not exist stays text."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        result: dict[Any, Any] = super().construct_mapping(node, deep=deep)
        if len(result) != len(node.value):
            keys = [key.value for key, _ in node.value]
            twice = next(key for key, _ in reversed(node.value) if keys.count(key.value) > 1)
            raise yaml.MarkedYAMLError(problem=f"'{twice.value}' stands twice", problem_mark=twice.start_mark)
        return result

    def construct_timestamp(self, node: yaml.ScalarNode) -> object:
        try:
            return super().construct_yaml_timestamp(node)
        except ValueError:
            return node.value


Loader.add_constructor("tag:yaml.org,2002:timestamp", Loader.construct_timestamp)


class Document:
    """One source file being read: gathers its problems, each with its line.

    `body` is the Markdown, which begins at line `body_line`.
    """

    def __init__(self, raw: bytes, *, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self.body, self.body_line = "", 1
        self._head, self._head_line = "", 2
        text = self._decode(raw)
        if text is not None:
            self._split(text)

    def problem(self, where: Path, problem: str, remedy: str) -> None:
        """Adds a problem at a field's path, such as ("chapters", 3); () is the file as a whole."""
        line = self.line(where) if len(self.problems) < PROBLEMS_MAX else 1  # nobody will read it
        self.problems.append(Problem(self.file, line, problem, remedy))

    def front(self, kind: type[Value], *, stand_ins: Mapping[str, object] = MappingProxyType({})) -> Value | None:
        """The front matter as `kind`; its problems are gathered (see `convert`). None when it cannot be read at all."""
        data = self._load()
        return None if data is None else convert(data, kind, self.problem, stand_ins=stand_ins)

    def fields(self) -> dict[str, Any]:
        """The front matter as it is written; empty when it cannot be read."""
        return self._load() or {}

    def line(self, path: Path) -> int:
        """The line of the file where the field at `path` stands, or of what holds it."""
        node = self._node if path else None
        line = self._head_line if path else 1
        for step in path:
            if isinstance(node, yaml.MappingNode):
                pairs = {key.value: (key, value) for key, value in node.value}
                place, node = pairs.get(str(step), (None, None))
            elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
                place = node = node.value[step]
            else:
                place = None
            if place is None:
                break
            line = place.start_mark.line + self._head_line
        return line

    @cached_property
    def _node(self) -> yaml.Node | None:
        try:
            self._refuse_depth()
            return yaml.compose(self._head, Loader=Loader)
        except BROKEN:
            return None

    def _decode(self, raw: bytes) -> str | None:
        if len(raw) > MARKDOWN_BYTES_MAX:
            self.problem(
                (), f"the file is too large: {len(raw):,} bytes", f"Keep it under {MARKDOWN_BYTES_MAX:,} bytes"
            )
            return None
        try:
            return raw.decode("utf-8-sig").replace("\r\n", "\n")
        except UnicodeDecodeError as error:
            line = raw.count(b"\n", 0, error.start) + 1
            bad = f"byte {raw[error.start]:#04x} is not UTF-8"
            self.problems.append(Problem(self.file, line, bad, "Save the file as UTF-8"))
            return None

    def _split(self, text: str) -> None:
        if control := CONTROL.search(text):
            line = text.count("\n", 0, control.start()) + 1
            bad = f"there is a control character ({ord(control[0]):#04x})"
            self.problems.append(Problem(self.file, line, bad, "Remove it"))
        match = FENCE.match(text)
        if match is None:
            self.problem((), "there is no front matter", "Begin the file with '---', its fields, and '---' again")
            return
        self._head = match[1] or ""
        self.body, self.body_line = text[match.end() :], text.count("\n", 0, match.end()) + 1

    def _load(self) -> dict[str, Any] | None:
        if self.problems:
            return None
        try:
            if "*" in self._head:
                self._refuse_aliases()
            self._refuse_depth()
            data = yaml.load(self._head, Loader=Loader)  # noqa: S506 (a safe loader)
        except BROKEN as error:
            self._broken(error)
            return None
        if isinstance(data, dict):
            if "\\" in self._head:
                refuse_control(data, self.problem)
            plain: dict[str, Any] = self._plain(data, ())
            return plain
        self.problem((), "the front matter has no fields", "Write 'title: ...' and the other fields")
        return None

    def _plain(self, data: Any, at: Path) -> Any:
        """`data` without keys that are no text, which are reported; and without numbers that nobody means."""
        if isinstance(data, dict):
            for key in data:
                if not isinstance(key, str):
                    self.problem((*at, _named(key)), f"'{_named(key)}' is not a field's name", "Put it in quotes")
            return {key: self._plain(value, (*at, key)) for key, value in data.items() if isinstance(key, str)}
        if isinstance(data, list):
            return [self._plain(value, (*at, k)) for k, value in enumerate(data)]
        if isinstance(data, int) and data.bit_length() > WHOLE_BITS_MAX:
            self.problem(at, "the number is too large", "Correct it")
            return 0
        return data

    def _broken(self, error: Exception) -> None:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        what = getattr(error, "problem", None) or (str(error).splitlines() or ["it cannot be understood"])[0]
        line = (mark.line if mark else 0) + self._head_line
        remedy = "Mend the line, or put the value in quotes"
        self.problems.append(Problem(self.file, line, f"the front matter is not valid YAML: {what}", remedy))

    def _refuse_aliases(self) -> None:
        """A few aliases of aliases would grow without bound when they are read."""
        for event in yaml.parse(self._head, Loader=Loader):
            if isinstance(event, yaml.AliasEvent):
                raise yaml.MarkedYAMLError(problem="a YAML alias (*name)", problem_mark=event.start_mark)  # type: ignore[arg-type]

    def _refuse_depth(self) -> None:
        """The C parser recurses without a limit of its own."""
        head = self._head
        if len(head) <= FLAT_BYTES_MAX and sum(map(head.count, ("[", "{", "- ", "-\t", "? ", "?\t"))) <= FLAT_MARKS_MAX:
            return
        depth = 0
        for event in yaml.parse(head, Loader=Loader):
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
            if depth > DEPTH_MAX:
                raise yaml.MarkedYAMLError(problem="it nests too deep", problem_mark=event.start_mark)  # type: ignore[arg-type]


def _named(key: object) -> str:
    return "a number" if isinstance(key, int) and key.bit_length() > WHOLE_BITS_MAX else str(key)
