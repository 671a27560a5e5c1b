"""Secrets as they were before a deploy that may yet fail: noted before a change, put back with its release. Standard library only.

A service that is started again, by a crash or a boot, reads what lies there then: it must be what its release was tried with.
"""

import json
from pathlib import Path

from deploy.agent.files import write

NOTE = Path("/var/lib/longwave-deploy/former-secrets.json")  # path -> its text, or null where there was none
SECRET_MODE = 0o400


def note(path: Path) -> None:
    """Called before `path` is changed. The first text counts: that of the release which is served."""
    known = _known()
    if str(path) not in known:
        known[str(path)] = path.read_text(encoding="utf-8") if path.is_file() else None
        NOTE.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write(NOTE, json.dumps(known).encode(), mode=0o600)


def put_back() -> list[str]:
    """The paths that are as they were again. Harmless when nothing was noted."""
    known = _known()
    for name, text in known.items():
        path = Path(name)
        if text is None:
            path.unlink(missing_ok=True)
        elif path.parent.is_dir():
            write(path, text.encode(), mode=SECRET_MODE)
    forget()
    return sorted(known)


def forget() -> None:
    """What lies there now is kept."""
    NOTE.unlink(missing_ok=True)


def _known() -> dict[str, str | None]:
    found: dict[str, str | None] = json.loads(NOTE.read_text(encoding="utf-8")) if NOTE.exists() else {}
    return found
