"""What a publish has written down for ever (guids and ids) is laid over what an editor pushes. Knows both files as KEY = "VALUE".

An editor's copy may be older: lines that it lacks are added. A guid that differs is a mistake; where an id was last published
is the server's to know.
"""

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path

from deploy.errors import DeployError

GUIDS, IDS = "guids.lock", "ids.lock"
NAMES = (GUIDS, IDS)
BYTES_MAX = 50_000_000


def lay_over(content: Path, accepted: Path) -> None:
    """Raises DeployError, a line each, for every guid that is no longer the one that was published."""
    for name in NAMES:
        pushed, kept = _read(content / name), _read(accepted / name)
        if pushed is None or not kept:
            continue  # one that cannot be read is told by the build
        if name == GUIDS:
            _refuse_changed(pushed, kept, text=(content / name).read_text("utf-8") if pushed else "")
        if any(pushed.get(key) != value for key, value in kept.items()):
            _write(content / name, {**pushed, **kept})


def _read(path: Path) -> dict[str, str] | None:
    """{} when there is no such file; None when it cannot be read."""
    try:
        return {key: str(value) for key, value in tomllib.loads(path.read_text("utf-8")).items()}
    except FileNotFoundError:
        return {}
    except (ValueError, RecursionError, OSError):
        return None


def _refuse_changed(pushed: Mapping[str, str], kept: Mapping[str, str], *, text: str) -> None:
    lines = [line.split("=")[0].strip() for line in text.splitlines()]
    problems = [
        f"content/{GUIDS}:{lines.index(key) + 1 if key in lines else 1}: the guid of episode {key} was published as "
        f"{value}. A guid never changes: restore the line."
        for key, value in kept.items()
        if pushed.get(key, value) != value
    ]
    if problems:
        raise DeployError("\n".join(problems))


def _write(path: Path, values: Mapping[str, str]) -> None:
    ordered = sorted(values, key=lambda key: (int(key) if key.isdigit() else 0, key))
    head = "# Written by longwave; what stands here never changes.\n"
    path.write_text(
        head + "".join(f"{key} = {json.dumps(values[key], ensure_ascii=False)}\n" for key in ordered), encoding="utf-8"
    )
