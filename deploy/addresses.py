"""What path a request's target means, decided as nginx does; knows no files."""

import re
from urllib.parse import unquote_to_bytes

BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


def decoded(target: str) -> str | None:
    """The path of a request's target: unescaped, '//' and dots resolved. None for what no file can be called (400).

    >>> decoded("/a/../b//%63"), decoded("/../etc/passwd")
    ('/b/c', None)
    """
    if not target.startswith("/") or BAD_ESCAPE.search(target):
        return None
    path = unquote_to_bytes(target).decode("utf-8", "surrogateescape")
    return None if "\0" in path else _resolved(path.split("/")[1:])


def _resolved(parts: list[str]) -> str | None:
    kept: list[str] = []
    for part in parts:
        if part == ".." and not kept:
            return None
        if part == "..":
            kept.pop()
        elif part not in ("", "."):
            kept.append(part)
    is_folder = bool(kept) and parts[-1] in ("", ".", "..")
    return "/" + "/".join(kept) + ("/" if is_folder else "")
