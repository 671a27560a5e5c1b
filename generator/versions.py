"""What shapes our outputs beside the content: our own code and the libraries that write bytes. Imports none of them."""

import hashlib
import os
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

LIBRARIES = (
    "brotli",
    "deflate",
    "feedgen",
    "jinja2",
    "lxml",
    "markdown",
    "msgspec",
    "mutagen",
    "pelican",
    "pillow",
    "pygments",
    "pyyaml",
)
INSTALLED = (".dist-info", ".egg-info")


@cache
def code() -> str:
    """One digest of all of it: another Longwave, or another library, makes every output anew."""
    digest = hashlib.blake2b(sys.version.encode(), digest_size=16)
    root = Path(__file__).parent
    for path in sorted(root.rglob("*.py")):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    digest.update("\0".join(libraries()).encode())
    return digest.hexdigest()


def libraries() -> list[str]:
    """Name and version of each, as the folder says that its installer left: asking importlib.metadata takes ten times as long.

    Source: Python Packaging User Guide, "Recording installed projects".
    """
    found: dict[str, str] = {}
    for name in _installed():
        library, _, version = name.removesuffix(name[name.rindex(".") :]).partition("-")
        found.setdefault(library.lower(), version)
    return [f"{library} {found.get(library) or _asked(library)}" for library in LIBRARIES]


def _installed() -> Iterator[str]:
    """What Python finds first comes first."""
    for folder in sys.path:
        if folder and os.path.isdir(folder):  # noqa: PTH112 (before anything but this is imported)
            yield from (name for name in os.listdir(folder) if name.endswith(INSTALLED))  # noqa: PTH208


def _asked(library: str) -> str:
    from importlib.metadata import version  # noqa: PLC0415

    return version(library)
