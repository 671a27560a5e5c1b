"""One file to be: where it goes, how it is made and from what. Making it is somebody else's work."""

from typing import Any, NamedTuple

from msgspec import Struct

from generator.render.views import View


class Output(Struct, frozen=True):
    """`path` is a file below the web root; `kind` names the template or format; what it prints is all in `context`.

    `sources` are for people who ask where a file comes from; nothing is decided by them.
    """

    path: str
    kind: str
    context: Any
    sources: tuple[str, ...] = ()


class PlannedPage(NamedTuple):
    """A page at a public path, before its template is chosen."""

    path: str
    view: View
    sources: tuple[str, ...] = ()
