"""Reads nginx configuration text into directives, includes followed; does not know what any directive means."""

import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path

from msgspec import Struct

from deploy.errors import DeployError

TOKEN = re.compile(
    r"""\s+ | \#[^\n]* | (?P<mark>[{};])
    | "(?P<double>(?:\\.|[^"\\])*)" | '(?P<single>(?:\\.|[^'\\])*)' | (?P<bare>[^\s;{}"'\#][^\s;{}]*)""",
    re.VERBOSE | re.DOTALL,
)
ESCAPED = re.compile(r"""\\(["'\\])""")


class Directive(Struct, frozen=True):
    """`block` is None for a directive that ends with a semicolon."""

    name: str
    args: tuple[str, ...]
    block: "tuple[Directive, ...] | None" = None


def read(files: Mapping[str, str], start: str) -> tuple[Directive, ...]:
    """The directives of `start`, every include replaced by what it names: a pattern over `files` or an absolute path.

    Raises DeployError for text that is not nginx's syntax.
    """
    return tuple(_expanded(parse(files[start]), files))


def parse(text: str) -> tuple[Directive, ...]:
    """
    >>> parse("listen 80; types { text/css css; }")[1].block
    (Directive(name='text/css', args=('css',), block=None),)
    """
    return tuple(_block(_tokens(text), inner=False))


def _expanded(directives: tuple[Directive, ...], files: Mapping[str, str]) -> Iterator[Directive]:
    for directive in directives:
        if directive.name == "include":
            for text in _included(directive.args[0], files):
                yield from _expanded(parse(text), files)
        elif directive.block is None:
            yield directive
        else:
            yield Directive(directive.name, directive.args, tuple(_expanded(directive.block, files)))


def _included(name: str, files: Mapping[str, str]) -> list[str]:
    if name.startswith("/"):
        found = sorted(Path("/").glob(name[1:])) if "*" in name else [Path(name)]
        return [path.read_text(encoding="utf-8") for path in found]
    return [files[found] for found in sorted(files) if fnmatchcase(found, name)]


def _block(tokens: Iterator[tuple[str, bool]], *, inner: bool) -> Iterator[Directive]:
    words: list[str] = []
    for word, is_mark in tokens:
        if not is_mark:
            words.append(word)
        elif word == "}" and inner and not words:
            return
        elif word == "}":
            raise DeployError(f"nginx configuration: a '}}' too many after {' '.join(words)!r}.")
        else:
            block = tuple(_block(tokens, inner=True)) if word == "{" else None
            yield Directive(words[0] if words else "", tuple(words[1:]), block)
            words = []
    if words or inner:
        raise DeployError(f"nginx configuration: it ends within {' '.join(words) or 'a block'!r}.")


def _tokens(text: str) -> Iterator[tuple[str, bool]]:
    """Each word or mark, and whether it is a mark: a quoted ';' is a word."""
    position = 0
    while position < len(text):
        match = TOKEN.match(text, position)
        if not match:
            raise DeployError(f"nginx configuration: a quote is not closed near {text[position : position + 30]!r}.")
        position = match.end()
        if kind := match.lastgroup:
            yield (match[kind] if kind in ("mark", "bare") else ESCAPED.sub(r"\1", match[kind])), kind == "mark"
