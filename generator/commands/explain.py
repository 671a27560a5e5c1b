"""`longwave explain PATH`: what an output was made from and why, or where a redirect leads, out of what the last build left."""

import datetime as dt
from contextlib import closing
from pathlib import Path

from msgspec import Struct

from generator import urls
from generator.commands.gathered import gathered
from generator.commands.redirects import Redirection, redirection
from generator.errors import BuildError
from generator.write import files
from generator.write.ledger import Ledger, Origin, Written
from generator.write.recipes import remembered_parts

WITHOUT_SETTINGS = {"bytes", "copy", "redirects", "robots", "manifest", "srt", "json", "txt"}


class Explanation(Struct, frozen=True, kw_only=True):
    """`gathers` says in words what an output prints a part of, when that is too much to list as `sources`."""

    path: str
    kind: str
    templates: tuple[str, ...]
    sources: tuple[str, ...]
    gathers: str
    settings: tuple[str, ...]
    made_at: str
    reason: str
    size_bytes: int
    gzip_bytes: int
    brotli_bytes: int
    modified: str

    def __str__(self) -> str:
        made = f"{self.kind}, with {', '.join(self.templates)}" if self.templates else self.kind
        packed = "".join(
            f", {size:,} as {name}" for name, size in (("gzip", self.gzip_bytes), ("brotli", self.brotli_bytes)) if size
        )
        rows = [
            ("made by", made),
            ("sources", "\n".join(filter(None, (*self.sources, self.gathers)))),
            ("settings", "\n".join(self.settings)),
            ("last made", f"{self.made_at}, because {self.reason}"),
            ("file", f"{self.size_bytes:,} bytes{packed}, of {self.modified}"),
        ]
        told = (f"  {name:<10}{text.replace(chr(10), chr(10) + ' ' * 12)}" for name, text in rows if text)
        return "\n".join([self.path, *told])


def explain(path: str, output: Path) -> Explanation | Redirection:
    """`path` is an address of the site, or a file inside or below `output`. Raises BuildError when no build made it."""
    place = output / files.LEDGER
    if not place.exists():
        raise BuildError(f"{path} cannot be explained: {output} holds no build. Run `longwave build` first.")
    inside = _inside(path, output)
    with closing(Ledger(place, read_only=True)) as ledger:
        outputs = ledger.outputs()
        name = next((candidate for candidate in _candidates(inside) if candidate in outputs), None)
        origin = ledger.origin(name) if name else None
        if name and origin:
            return _explanation(outputs[name], origin, ledger)
        if led := redirection(f"/{inside}", output, ledger):
            return led
    raise BuildError(f"no output answers {path}. Name an address such as /episodes/ or a file of {output}.")


def _explanation(written: Written, origin: Origin, ledger: Ledger) -> Explanation:
    content = ledger.meta("content")
    parts = remembered_parts(ledger.meta("templates"), origin.kind)
    sources, gathers = gathered(written.path, origin, ledger)
    return Explanation(
        path=written.path,
        kind=origin.kind,
        templates=tuple(part for part in parts if part != origin.kind),
        sources=sources,
        gathers=gathers,
        settings=() if origin.kind in WITHOUT_SETTINGS else (f"{content}/site.toml",),
        made_at=origin.at,
        reason=origin.reason,
        size_bytes=written.size,
        gzip_bytes=written.gz,
        brotli_bytes=written.br,
        modified=dt.datetime.fromtimestamp(written.mtime, dt.UTC).isoformat(),
    )


def _inside(path: str, output: Path) -> str:
    plain = path.partition("#")[0].partition("?")[0]
    return plain.removeprefix(f"{output}/").removeprefix(f"{output.absolute()}/").lstrip("/")


def _candidates(inside: str) -> list[str]:
    address = "/" + inside
    found = [inside, urls.output_path(address), urls.output_path(address.rstrip("/") + "/")]
    return [*found, *(candidate.removesuffix(".gz").removesuffix(".br") for candidate in found)]
