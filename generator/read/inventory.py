"""All sources of a content folder, each parsed once in its life and then kept in a store. Knows no relations between them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from msgspec import Struct

from generator import model
from generator.errors import Problem
from generator.read import sources
from generator.read.grammar import FILE_NAME
from generator.read.scan import MEDIA, Found, Stat, kind
from generator.read.sources import DECODERS, Defaults, Parsed

Spread = Callable[[Callable[[str], Any], Sequence[str]], Iterator[Any]]


FOLLOWED = ("file", "media lock", "guids lock", "ids lock")  # a mistake in these makes others miss what they say


class Row(Struct, frozen=True):
    """A parsed source as a store keeps it."""

    path: str
    stat: Stat
    parsed: Parsed


class Store(Protocol):
    def sources(self) -> dict[str, tuple[Stat, str, str, bytes]]:
        """By path: the file's stat, its digest, its body's digest, its head."""

    def keep(self, rows: Iterable[Row]) -> None: ...

    def touch(self, stats: dict[str, Stat]) -> None: ...

    def forget(self, paths: Iterable[str]) -> None: ...


class Entry(Struct, frozen=True):
    digest: str
    body_digest: str
    value: Any


class Inventory(Struct, frozen=True):
    """Every parsed source by kind and path; `problems` of those that could not be parsed."""

    content: Path
    config: model.Config | None
    entries: dict[str, dict[str, Entry]]
    problems: tuple[Problem, ...]
    broken: frozenset[str] = frozenset()
    """Paths of which nothing could be made: what is missing because of them is no mistake of its own."""

    def of(self, kind: str) -> dict[str, Entry]:
        return self.entries.get(kind, {})

    def values(self, kind: str) -> list[Any]:
        return [entry.value for entry in self.of(kind).values()]

    def label(self, path: str) -> str:
        """A source as people know it: with the content folder's name."""
        return f"{self.content.name}/{path}"


def read_config(content: Path) -> tuple[model.Config | None, tuple[Problem, ...]]:
    file = f"{content.name}/site.toml"
    if (content / "site.toml").is_symlink():
        return None, (Problem(file, 1, "this is a symbolic link", "Put the file itself here"),)
    if not (content / "site.toml").is_file():
        missing = Problem(
            file, 1, "the file is missing", "Make a show with `longwave new show`, or name its folder with --content"
        )
        return None, (missing,)
    parsed = sources.parse(content, "site.toml", Defaults())
    return (DECODERS["site"].decode(parsed.head) if parsed and parsed.head else None), parsed.problems if parsed else ()


def defaults(config: model.Config | None) -> Defaults:
    return Defaults(ZoneInfo(config.timezone), config.show.explicit) if config else Defaults()


def load(content: Path, scanned: Found, store: Store, *, spread: Spread) -> Inventory:
    """Parses what the store does not hold as it is now, and hands it to the store."""
    config, found = read_config(content)
    problems, stats = list(found), scanned.sources
    known = store.sources()
    store.forget(known.keys() - stats.keys())
    changed = [path for path, stat in stats.items() if path not in known or known[path][0] != stat]
    parse = partial(_parse, content, defaults(config), {path: known[path][1] for path in changed if path in known})
    rows, touched = [], {}
    for path, parsed in spread(parse, changed):
        if parsed is None:
            touched[path] = stats[path]
        else:
            rows.append(Row(path, stats[path], parsed))
    store.touch(touched)
    store.keep(row for row in rows if not row.parsed.problems)
    problems += [problem for row in rows for problem in row.parsed.problems if row.path != "site.toml"]
    fresh = {row.path: row.parsed for row in rows}
    problems += _misnamed(content, scanned)
    broken = frozenset(
        path for path, parsed in fresh.items() if not parsed.head or (parsed.problems and kind(path) in FOLLOWED)
    )
    return Inventory(content, config, _entries(stats, known, fresh), tuple(problems), broken)


def _misnamed(content: Path, scanned: Found) -> Iterator[Problem]:
    for path in scanned.links:
        yield Problem(f"{content.name}/{path}", 1, "this is a symbolic link", "Put the file itself here")
    for path in scanned.strange:
        yield Problem(f"{content.name}/{path}", 1, "the file's name is not UTF-8", "Rename it")
    for path in scanned.strays:
        if path.startswith("media/"):
            kinds = ", ".join(sorted(MEDIA))
            yield Problem(f"{content.name}/{path}", 1, "files of this kind are not published", f"Use one of {kinds}")
            continue
        remedy = f"Put it where content/README.md says, or outside of {content.name}"
        yield Problem(f"{content.name}/{path}", 1, "this file is read by nothing", remedy)
    for path in scanned.sources:
        if path.startswith("media/") and not FILE_NAME.fullmatch(path):
            remedy = "Rename it: letters, digits, '.', '_' and '-'"
            yield Problem(f"{content.name}/{path}", 1, "the file's name cannot be part of an address", remedy)


def _parse(content: Path, defaults: Defaults, known: dict[str, str], path: str) -> tuple[str, Parsed | None]:
    return path, sources.parse(content, path, defaults, known=known.get(path, ""))


def _entries(
    stats: dict[str, Stat], known: dict[str, tuple[Stat, str, str, bytes]], fresh: dict[str, Parsed]
) -> dict[str, dict[str, Entry]]:
    entries: dict[str, dict[str, Entry]] = {}
    for path in sorted(stats):
        if path in fresh:
            parsed = fresh[path]
            digest, body_digest, head = parsed.digest, parsed.body_digest, parsed.head
        else:
            _, digest, body_digest, head = known[path]
        if head:
            its_kind = kind(path)
            entries.setdefault(its_kind, {})[path] = Entry(digest, body_digest, DECODERS[its_kind].decode(head))
    return entries
