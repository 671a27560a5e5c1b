"""The theme's static files: styles joined into one, names that carry their content's hash, so that they may be cached forever.

Does not know which page uses what.
"""

import hashlib
import posixpath
import re
from collections.abc import Iterable
from pathlib import Path

from msgspec import Struct

from generator.errors import BuildError

FOLDER = "assets/"
STYLESHEET, SCRIPTS, PAGE_SCRIPTS = "css/site.css", "js/", "js/pages/"
PLAIN = {"css/feed.css": "feed.css"}  # named in feeds, which must not change with it
HASH_CHARACTERS = 8
IMPORT = re.compile(r"""@import\s+(?:url\()?["']([^"')]+)["']\)?([^;]*);""")
REFERENCE = re.compile(r"""(url\(["']?|from\s*["']|import\s*["'])(\.{0,2}/?[A-Za-z0-9_./-]+)(["')])""")


class Assets(Struct, frozen=True):
    """`files` by output path; `stylesheet`, `scripts` and `page_scripts` are public paths, the last by the script's name."""

    files: dict[str, bytes]
    stylesheet: str
    scripts: tuple[str, ...]
    page_scripts: dict[str, str]


def load(theme: Path) -> Assets:
    """Everything of theme/static: files at its root and PLAIN ones keep their names, all others get their hash."""
    static = theme / "static"
    sources = _read(static)
    if STYLESHEET not in sources:
        raise BuildError(f"{static / STYLESHEET} is missing. Name the theme's folder with --theme.")
    joined = _imported(sources, STYLESHEET)
    sources[STYLESHEET] = _joined(sources, STYLESHEET, ()).encode()
    files: dict[str, bytes] = {}
    names: dict[str, str] = {}
    for name in _dependencies_first(sources, leave=joined):
        if "/" not in name or name in PLAIN:
            files[PLAIN.get(name, name)] = sources[name]
            continue
        data = _linked(name, sources[name], names)
        stem, _, suffix = posixpath.basename(name).rpartition(".")
        names[name] = f"{FOLDER}{stem}.{hashlib.sha256(data).hexdigest()[:HASH_CHARACTERS]}.{suffix}"
        files[names[name]] = data
    scripts = tuple(
        f"/{path}" for name, path in sorted(names.items()) if name.startswith(SCRIPTS) and name.count("/") == 1
    )
    pages = {posixpath.splitext(name)[0][len(PAGE_SCRIPTS) :]: f"/{path}" for name, path in sorted(names.items())
             if name.startswith(PAGE_SCRIPTS)}  # fmt: skip
    return Assets(files=files, stylesheet=f"/{names[STYLESHEET]}", scripts=scripts, page_scripts=pages)


def _read(static: Path) -> dict[str, bytes]:
    """By name; a symbolic link could publish any file of the server."""
    paths = sorted(static.rglob("*"))
    link = next((path for path in (static, *paths) if path.is_symlink()), None)
    if link:
        raise BuildError(f"{link} is a symbolic link. Put the file itself there.")
    return {path.relative_to(static).as_posix(): path.read_bytes() for path in paths if path.is_file()}


def _imported(sources: dict[str, bytes], name: str) -> set[str]:
    """Every style that `name` imports, through others too."""
    found: set[str] = set()
    for match in IMPORT.finditer(sources[name].decode()):
        below = posixpath.normpath(posixpath.join(posixpath.dirname(name), match[1]))
        if below in sources and below not in found:
            found |= {below, *_imported(sources, below)}
    return found


def _joined(sources: dict[str, bytes], name: str, within: tuple[str, ...]) -> str:
    def put(match: re.Match[str]) -> str:
        below = posixpath.normpath(posixpath.join(posixpath.dirname(name), match[1]))
        if below not in sources or below in within:
            raise BuildError(
                f"the style {name} imports '{match[1]}', which is missing or imports it again. Correct it."
            )
        layer = re.search(r"layer\(([\w.-]+)\)", match[2])
        text = _joined(sources, below, (*within, name))
        return f"@layer {layer[1]} {{\n{text}}}\n" if layer else text

    return IMPORT.sub(put, sources[name].decode())


def _dependencies_first(sources: dict[str, bytes], *, leave: Iterable[str]) -> list[str]:
    """Names in an order in which each comes after all that it refers to."""
    order: list[str] = []

    def visit(name: str, above: tuple[str, ...]) -> None:
        if name in order or name in above:
            return
        for reference in _references(name, sources[name], sources):
            visit(reference, (*above, name))
        order.append(name)

    for name in sorted(set(sources) - set(leave)):
        visit(name, ())
    return order


def _references(name: str, data: bytes, sources: dict[str, bytes]) -> list[str]:
    if not name.endswith((".css", ".js")):
        return []
    places = (
        posixpath.normpath(posixpath.join(posixpath.dirname(name), match[2]))
        for match in REFERENCE.finditer(data.decode())
    )
    return [place for place in places if place in sources]


def _linked(name: str, data: bytes, names: dict[str, str]) -> bytes:
    """`data` with its references to other assets led to their hashed names."""
    if not name.endswith((".css", ".js")):
        return data

    def put(match: re.Match[str]) -> str:
        place = posixpath.normpath(posixpath.join(posixpath.dirname(name), match[2]))
        return f"{match[1]}/{names[place]}{match[3]}" if place in names else match[0]

    return REFERENCE.sub(put, data.decode()).encode()
