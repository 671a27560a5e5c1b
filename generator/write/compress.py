"""Compresses bytes for nginx to serve as they are. Knows by a file's ending what is worth it."""

from pathlib import PurePosixPath

import brotli
from isal import igzip

# Measured on 75 kB: isal at level 2 takes 0.19 ms, at 3 0.29 ms for 1.5 % fewer bytes, zlib at 6 ten times as long;
# brotli at 3 takes 0.8 ms, at 4 1.4 ms for 1.6 % fewer bytes.
GZIP_LEVEL = 2
BROTLI_QUALITY = 3
TEXTS = {".html", ".xml", ".css", ".js", ".json", ".vtt", ".srt", ".txt", ".svg", ".webmanifest"}
PAGES = {".html", ".css", ".js"}  # what browsers ask for: no podcast app asks for brotli


def siblings(path: str, data: bytes) -> dict[str, bytes]:
    """The compressed forms that `path` may have, by suffix ('gz', 'br'); b'' for one that would not be smaller than `data`."""
    suffix = PurePosixPath(path).suffix
    made: dict[str, bytes] = {}
    if suffix in TEXTS:
        made["gz"] = igzip.compress(data, compresslevel=GZIP_LEVEL, mtime=0)
    if suffix in PAGES:
        made["br"] = brotli.compress(data, quality=BROTLI_QUALITY)
    return {name: packed if len(packed) < len(data) else b"" for name, packed in made.items()}
