"""Reads content/redirects.toml: short links and old addresses."""

from msgspec import Struct

from generator import model
from generator.errors import Problem
from generator.read import grammar
from generator.read.fields import convert
from generator.read.toml import Toml


class RedirectFields(Struct, forbid_unknown_fields=True):
    to: str
    permanent: bool = False


def parse(raw: bytes, *, file: str) -> tuple[tuple[model.Redirect, ...], list[Problem]]:
    """`"/from" = "to"` is temporary; `"/from" = { to = "...", permanent = true }` says so."""
    document = Toml(raw, file=file)
    redirects = []
    for path, value in document.data.items():
        written = {"to": value} if isinstance(value, str) else value
        if not isinstance(written, dict):
            document.problem((path,), f"'{path}' leads nowhere", "Write its target as text")
            continue
        front = convert(written, RedirectFields, document.problem, at=(path,))
        grammar.alias(path, document.at(path))
        if front is not None:
            grammar.target(front.to, document.at(path))
            if front.to.rstrip("/") == path.rstrip("/"):
                document.problem((path,), f"'{path}' leads to itself", "Write where it should lead")
            redirects.append(model.Redirect(path=path, to=front.to, permanent=front.permanent))
    return tuple(redirects), document.problems
