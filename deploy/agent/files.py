"""Files, folders and links with their rights: how they differ from what is wanted, and making them so. Standard library only."""

import difflib
import grp
import os
import pwd
import secrets
import shutil
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from deploy.agent.commands import Failed, Resource, run

DIFF_LINES_MAX = 40


def look_folder(resource: Resource) -> Iterator[str]:
    path = Path(resource["path"])
    if not path.is_dir() or path.is_symlink():
        yield f"create {path}/"
    elif rights := _rights_differ(path, resource, mode=0o755):
        yield f"change {path}/: {rights}"


def make_folder(resource: Resource) -> None:
    path = Path(resource["path"])
    if path.is_symlink() or (path.exists() and not path.is_dir()):
        raise Failed(f"{path} is there and is no folder. Move it away.")
    path.mkdir(parents=True, exist_ok=True)
    _give(path, resource, mode=0o755)


def look_file(resource: Resource) -> Iterator[str]:
    path = Path(resource["path"])
    if not path.is_file() or path.is_symlink():
        yield f"create {path}"
        return
    text, found = resource["text"], path.read_bytes().decode("utf-8", "replace")
    if found != text:
        yield f"change {path}"
        yield from [] if resource.get("secret") else diff(found, text)
    elif rights := _rights_differ(path, resource, mode=0o644):
        yield f"change {path}: {rights}"


def make_file(resource: Resource) -> None:
    path = Path(resource["path"])
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.new")
    write(new, resource["text"].encode(), mode=0o600, then=None)
    _give(new, resource, mode=0o644)
    if check := resource.get("check"):
        try:
            run([word.replace("@", str(new)) for word in check])
        except Failed as refused:
            new.unlink()
            raise Failed(f"{path} is not taken: {refused}") from refused
    new.replace(path)


def look_generated(resource: Resource) -> Iterator[str]:
    path = Path(resource["path"])
    if not path.exists():
        yield f"make a secret: {path}"
    elif rights := _rights_differ(path, resource, mode=0o400):
        yield f"change {path}: {rights}"


def make_generated(resource: Resource) -> None:
    path = Path(resource["path"])
    if not path.exists():
        write(path, secrets.token_hex(resource.get("bytes", 32)).encode() + b"\n", mode=0o600)
    _give(path, resource, mode=0o400)


def look_link(resource: Resource) -> Iterator[str]:
    path = Path(resource["path"])
    if not path.is_symlink() or str(path.readlink()) != resource["target"]:
        yield f"link {path} -> {resource['target']}"


def make_link(resource: Resource) -> None:
    path = Path(resource["path"])
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.new")
    new.unlink(missing_ok=True)
    new.symlink_to(resource["target"])
    new.replace(path)


def look_absent(resource: Resource) -> Iterator[str]:
    if os.path.lexists(resource["path"]):
        yield f"remove {resource['path']}"


def make_absent(resource: Resource) -> None:
    path = Path(resource["path"])
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


def diff(before: str, after: str) -> Iterator[str]:
    lines = list(difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=1))[2:]
    yield from (f"    {line}" for line in lines[:DIFF_LINES_MAX])
    if len(lines) > DIFF_LINES_MAX:
        yield f"    … {len(lines) - DIFF_LINES_MAX} more lines"


def write(path: Path, content: bytes, *, mode: int, then: str | None = "replace") -> None:
    """Written down for good before it has its name; readable by nobody else before its rights are right."""
    new = path.with_name(f".{path.name}.part") if then else path
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    new.chmod(mode)
    if then:
        new.replace(path)


def _rights_differ(path: Path, resource: Resource, *, mode: int) -> str:
    status = path.stat()
    found = (_name(pwd.getpwuid, status.st_uid), _name(grp.getgrgid, status.st_gid), stat.S_IMODE(status.st_mode))
    wanted = (resource.get("owner", "root"), resource.get("group", "root"), resource.get("mode", mode))
    return (
        "" if found == wanted else f"{wanted[0]}:{wanted[1]} {wanted[2]:04o}, was {found[0]}:{found[1]} {found[2]:04o}"
    )


def _name(ask: Callable[[int], Any], number: int) -> str:
    try:
        return str(ask(number)[0])
    except KeyError:
        return str(number)


def _give(path: Path, resource: Resource, *, mode: int) -> None:
    try:
        shutil.chown(path, resource.get("owner", "root"), resource.get("group", "root"))
    except LookupError as error:
        raise Failed(f"{path}: {error}") from error
    path.chmod(resource.get("mode", mode))
