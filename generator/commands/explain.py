"""`longwave explain PATH`: what an output was made from and why, out of the ledger."""

import datetime as dt
from pathlib import Path

from msgspec import Struct

from generator import urls
from generator.errors import BuildError
from generator.write import files
from generator.write.ledger import Ledger
from generator.write.recipes import remembered_parts


class Explanation(Struct, frozen=True, kw_only=True):
    path: str
    kind: str
    templates: tuple[str, ...]
    sources: tuple[str, ...]
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
            ("sources", "\n".join(self.sources) or "the list of all episodes and pages"),
            ("settings", "\n".join(self.settings)),
            ("last made", f"{self.made_at}, because {self.reason}"),
            ("file", f"{self.size_bytes:,} bytes{packed}, of {self.modified}"),
        ]
        return "\n".join(
            [self.path, *(f"  {name:<10}{text.replace(chr(10), chr(10) + ' ' * 12)}" for name, text in rows)]
        )


def explain(path: str, output: Path) -> Explanation:
    """`path` is an address of the site, or a file inside or below `output`. Raises BuildError when no build made it."""
    place = output / files.LEDGER
    if not place.exists():
        raise BuildError(f"{path} cannot be explained: {output} holds no build. Run `longwave build` first.")
    ledger = Ledger(place, read_only=True)
    outputs = ledger.outputs()
    name = next((candidate for candidate in _candidates(path, output) if candidate in outputs), None)
    origin = ledger.origin(name) if name else None
    if name is None or origin is None:
        raise BuildError(f"no output answers {path}. Name an address such as /episodes/ or a file of {output}.")
    written = outputs[name]
    parts = remembered_parts(ledger.meta("templates"), origin.kind)
    content = ledger.meta("content")
    ledger.close()
    return Explanation(
        path=name,
        kind=origin.kind,
        templates=tuple(part for part in parts if part != origin.kind),
        sources=tuple(dict.fromkeys(origin.sources)),
        settings=(f"{content}/site.toml",),
        made_at=origin.at,
        reason=origin.reason,
        size_bytes=written.size,
        gzip_bytes=written.gz,
        brotli_bytes=written.br,
        modified=dt.datetime.fromtimestamp(written.mtime, dt.UTC).isoformat(),
    )


def _candidates(path: str, output: Path) -> list[str]:
    plain = path.partition("#")[0].partition("?")[0]
    inside = plain.removeprefix(f"{output}/").removeprefix(f"{output.absolute()}/").lstrip("/")
    address = "/" + inside
    found = [inside, urls.output_path(address), urls.output_path(address.rstrip("/") + "/")]
    return [*found, *(candidate.removesuffix(".gz").removesuffix(".br") for candidate in found)]
