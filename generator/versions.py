"""What shapes our outputs beside the content: our own code and the libraries that write bytes. Imports none of them."""

import hashlib
import sys
from functools import cache
from importlib.metadata import version
from pathlib import Path

LIBRARIES = (
    "brotli",
    "feedgen",
    "isal",
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


@cache
def code() -> str:
    """One digest of all of it: another Longwave, or another library, makes every output anew."""
    digest = hashlib.blake2b(sys.version.encode(), digest_size=16)
    root = Path(__file__).parent
    for path in sorted(root.rglob("*.py")):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    for library in LIBRARIES:
        digest.update(f"{library} {version(library)}".encode())
    return digest.hexdigest()
