"""How each kind of output is made, as a digest: our code, and for a page its template with all parts. Never what is printed."""

from functools import cache
from pathlib import Path

import msgspec
from jinja2 import Environment, meta

from generator import digests
from generator.errors import BuildError


class Recipes:
    """`code` is the digest of what is no template; `remembered` is what `memory()` gave before, to spare the parsing."""

    def __init__(self, templates: Path, *, code: str, remembered: str = "") -> None:
        self._code = code
        self._files = {
            path.relative_to(templates).as_posix(): path.read_bytes() for path in sorted(templates.rglob("*.html"))
        }
        self.digest = digests.of(msgspec.msgpack.encode([code, self._files]))
        known = msgspec.json.decode(remembered) if remembered else {}
        self._parts: dict[str, list[str]] = (
            known.get("parts", {}) if known.get("digest") == self.digest else self._all()
        )
        self._recipes = {name: self._recipe(name) for name in self._parts}

    def of(self, kind: str, frame: str) -> str:
        """The recipe of an output kind; a page's holds the `frame`'s digest too."""
        return f"{self._recipes[kind]}{frame}" if kind in self._recipes else self._code

    def memory(self) -> str:
        return msgspec.json.encode({"digest": self.digest, "parts": self._parts}).decode()

    def _recipe(self, name: str) -> str:
        parts = [self._files[part] for part in self._parts[name]]
        return digests.of(msgspec.msgpack.encode([self._code, parts]))

    def _all(self) -> dict[str, list[str]]:
        return {name: sorted(self._closure(name)) for name in self._files if "/" not in name}

    def _closure(self, name: str) -> set[str]:
        found: set[str] = set()
        waiting = [name]
        while waiting:
            part = waiting.pop()
            if part not in found:
                found.add(part)
                waiting += self._referenced(part)
        return found

    @cache  # noqa: B019 (lives as long as one build)
    def _referenced(self, name: str) -> list[str]:
        if name not in self._files:
            raise BuildError(f"the template {name} is missing from the theme. Write it, or correct who includes it.")
        tree = Environment(autoescape=True).parse(self._files[name].decode(), name)
        parts = list(meta.find_referenced_templates(tree))
        if None in parts:
            raise BuildError(
                f"the template {name} includes a part whose name is not written out. Name each part in quotes."
            )
        return [part for part in parts if part is not None]


def remembered_parts(memory: str, kind: str) -> list[str]:
    """The parts of a template as the last build knew them."""
    parts: dict[str, list[str]] = msgspec.json.decode(memory).get("parts", {}) if memory else {}
    return parts.get(kind, [])
