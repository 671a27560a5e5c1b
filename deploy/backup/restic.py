"""Encrypted copies of every night, by Debian's restic over SFTP. Knows nothing of what is copied."""

import datetime as dt
import os
import shlex
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from deploy.backup import ssh
from deploy.backup.settings import Settings
from deploy.errors import DeployError

PASSWORD = "backup_password"  # noqa: S105 (the name of a file)
NIGHTLY = "nightly"
HOST = "longwave"  # one name for every machine that follows another
KEPT = {"daily": 14, "weekly": 8, "monthly": 24}
NO_REPOSITORY = "Is there a repository at the following location?"


class Copied(Struct, frozen=True, kw_only=True):
    snapshot: str
    files: int
    bytes: int
    added_bytes: int


class Snapshot(Struct, frozen=True, kw_only=True):
    id: str
    time: dt.datetime
    paths: tuple[str, ...] = ()


def back_up(settings: Settings, paths: Iterable[str], *, repository_may_be_new: bool = True) -> Copied:
    """Raises DeployError."""
    if repository_may_be_new:
        _begin(settings)
    run(settings, "unlock")  # locks whose process is gone
    said = run(settings, "backup", "--json", "--host", HOST, "--tag", NIGHTLY, *paths)
    last = msgspec.json.decode(said.splitlines()[-1])
    return Copied(
        snapshot=last["snapshot_id"],
        files=last["total_files_processed"],
        bytes=last["total_bytes_processed"],
        added_bytes=last["data_added"],
    )


def newest(settings: Settings) -> Snapshot | None:
    """None where nothing was ever copied. Raises DeployError."""
    try:
        said = run(settings, "snapshots", "--no-lock", "--json", "--host", HOST, "--tag", NIGHTLY)
    except DeployError as error:
        if NO_REPOSITORY in str(error):
            return None
        raise
    found = msgspec.json.decode(said or b"null", type=list[Snapshot] | None) or []
    return max(found, key=lambda each: each.time, default=None)


def restore(settings: Settings, snapshot: str, *, to: Path, only: Iterable[str] = ()) -> None:
    """What lay at /a/b comes to TO/a/b. Raises DeployError."""
    chosen = [word for path in only for word in ("--include", path)]
    run(settings, "restore", snapshot, "--no-lock", "--target", str(to), *chosen)


def check(settings: Settings, *, part: str = "") -> None:
    """That every copy is whole; `part`, like 1/50, of the bytes is read too. Raises DeployError."""
    run(settings, "check", "--no-lock", *((f"--read-data-subset={part}",) if part else ()))


def prune(settings: Settings) -> None:
    """Gives up nights that nobody would ask for any more. Raises DeployError."""
    kept = [word for span, count in KEPT.items() for word in (f"--keep-{span}", str(count))]
    run(settings, "unlock")
    run(settings, "forget", "--prune", "--host", HOST, "--tag", NIGHTLY, "--group-by", "host", *kept)


def _begin(settings: Settings) -> None:
    try:
        run(settings, "cat", "config", "--no-lock")
    except DeployError as error:
        if NO_REPOSITORY not in str(error):
            raise
        run(settings, "init")


def run(settings: Settings, *arguments: str) -> bytes:
    """What restic prints. Raises DeployError with its own words."""
    done = subprocess.run(
        ["restic", "--quiet", *_sftp(settings), *arguments], env=environment(settings), capture_output=True, check=False
    )
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip() or "no reason given"
        raise DeployError(f"restic {arguments[0]} at {settings.target} failed: {said}")
    return done.stdout


def environment(settings: Settings) -> dict[str, str]:
    place: Any = settings.place
    return {
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
        "RESTIC_REPOSITORY": f"sftp:{place.user}@backup:{place.below(NIGHTLY)}",
        "RESTIC_PASSWORD_FILE": str(Path(settings.secrets, PASSWORD)),
        "RESTIC_CACHE_DIR": str(Path(settings.state, "cache")),
    }


def _sftp(settings: Settings) -> list[str]:
    place = settings.place
    words = ["ssh", *ssh.options(settings), "-l", place.user, "-s", place.host, "sftp"]
    return ["-o", f"sftp.command={shlex.join(words)}"]
