"""One file to be: where it goes, how it is made and from what. Making it is somebody else's work."""

from typing import Any

from msgspec import Struct


class Output(Struct, frozen=True):
    """`path` is a file below the web root; `kind` names the template or format; what it prints is all in `context`.

    `sources` are for people who ask where a file comes from; nothing is decided by them.
    """

    path: str
    kind: str
    context: Any
    sources: tuple[str, ...] = ()
