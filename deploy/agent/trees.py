"""Folders of files that are new as a whole, and single files that came through the connection. Standard library only."""

import hashlib
import os
import shutil
from pathlib import Path

from deploy.agent.commands import Failed
from deploy.agent.files import diff, write


def differences(files: dict[str, str], folder: Path) -> list[str]:
    """What is in the files and not in the folder, or the other way round."""
    found = (
        {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()} if folder.is_dir() else set()
    )
    lines = [f"remove {name} of the configuration" for name in sorted(found - files.keys())]
    for name in sorted(files):
        before = (folder / name).read_text(errors="replace") if name in found else None
        if before is None:
            lines.append(f"create {name} of the configuration")
        elif before != files[name]:
            lines += [f"change {name} of the configuration", *diff(before, files[name])]
    return lines


def lay(files: dict[str, str], folder: Path) -> None:
    """A new folder that everybody may read, there as a whole or not at all."""
    half = folder.with_name(f".{folder.name}.new")
    shutil.rmtree(half, ignore_errors=True)
    half.mkdir(parents=True)
    for name, text in files.items():
        path = half / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    for path in (half, *half.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    os.sync()
    half.rename(folder)


def receive(path: Path, content: bytes, *, digest: str) -> None:
    """Keeps a file that came through the connection, when it came whole."""
    if hashlib.sha256(content).hexdigest() != digest:
        raise Failed(f"{path.name} has not arrived as it was sent. Try again.")
    path.parent.mkdir(parents=True, exist_ok=True)
    write(path, content, mode=0o644)
