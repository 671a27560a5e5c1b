"""Files to be: where they go, how they are made and from what. Making them is somebody else's work."""

from collections.abc import Callable, Iterable
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


class Part(Struct, frozen=True):
    """Outputs that are planned together by `plan(*inputs)`, a function that is told nothing else.

    So inputs that are as they were leave these outputs as they were. Without inputs a part is planned at every build.
    """

    name: str
    plan: Callable[..., Iterable[Output]]
    inputs: tuple[Any, ...] = ()

    def outputs(self) -> list[Output]:
        return list(self.plan(*self.inputs))


class PlannedPage(NamedTuple):
    """A page at a public path, before its template is chosen."""

    path: str
    view: View
    sources: tuple[str, ...] = ()
