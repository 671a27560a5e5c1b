"""Every commit leaves the machine about a second later: litestream's settings, and what can be had back from it.

A machine writes into a folder of its own (`live/GENERATION`), so that neither the one before it nor one that was set up by
mistake can overwrite anything. Knows nothing of what is in the databases.
"""

import datetime as dt
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from deploy.backup import ssh
from deploy.backup.settings import DATABASES, Settings
from deploy.errors import DeployError

SYNC_SECONDS = 1
SNAPSHOT_HOURS, KEPT_HOURS = 24, 168
LIVE = "live"


class Restored(Struct, frozen=True, kw_only=True):
    """`changed` is the moment of the last change that is in it."""

    generation: str
    transaction: str
    changed: dt.datetime
    seconds: float


def program() -> str:
    """The one that came with our own environment."""
    return str(Path(sys.executable).with_name("litestream"))


def generation(settings: Settings, *, now: dt.datetime) -> str:
    """That of this machine, chosen when it is asked for first."""
    file = Path(settings.live, "generation")
    if not file.exists():
        file.write_text(f"{now:%Y%m%dT%H%M%SZ}-{os.urandom(3).hex()}")
    return file.read_text()


def generations(settings: Settings) -> list[str]:
    """All that are there, the newest first. Raises DeployError."""
    return sorted(ssh.names(settings, LIVE), reverse=True)


def configuration(settings: Settings, generation: str) -> dict[str, Any]:
    return {
        "snapshot": {"interval": f"{SNAPSHOT_HOURS}h", "retention": f"{KEPT_HOURS}h"},
        "dbs": [
            {
                "path": str(Path(settings.data, f"{name}.sqlite")),
                "meta-path": str(Path(settings.live, name)),
                "replica": _replica(settings, generation, name),
            }
            for name in DATABASES
        ],
    }


def _replica(settings: Settings, generation: str, name: str) -> dict[str, Any]:
    place = settings.place
    host = f"[{place.host}]" if ":" in place.host else place.host
    return {
        "type": "sftp",
        "host": f"{host}:{place.port}",
        "user": place.user,
        "path": place.below(f"{LIVE}/{generation}/{name}"),
        "key-path": str(Path(settings.secrets, ssh.KEY)),
        "host-key": settings.host_key,
        "sync-interval": f"{SYNC_SECONDS}s",
    }


def write(settings: Settings, generation: str, folder: Path) -> Path:
    """The file of settings: JSON, which YAML is too."""
    file = folder / "litestream.yml"
    file.write_bytes(msgspec.json.format(msgspec.json.encode(configuration(settings, generation))))
    return file


def stream(settings: Settings, *, now: dt.datetime) -> None:
    """Becomes litestream, and so never returns."""
    folder = Path(settings.live)
    file = write(settings, generation(settings, now=now), folder)
    os.execv(program(), [program(), "replicate", "-no-expand-env", "-config", str(file)])  # noqa: S606 (its own words, no shell)


def restore(settings: Settings, name: str, *, generation: str, to: Path) -> Restored:
    """The newest state of one database in `to`, whose integrity was checked. Raises DeployError."""
    to.unlink(missing_ok=True)
    said = _json(settings, generation, name, "restore", "-integrity-check", "full", "-o", str(to))
    changed = _changed(_json(settings, generation, name, "ltx", "-level", "all"), until=said["txid"])
    if changed is None:
        raise DeployError(f"{name}.sqlite came back, but generation {generation} does not say of when it is.")
    seconds = said["duration_ms"] / 1000
    return Restored(generation=generation, transaction=said["txid"], changed=changed, seconds=seconds)


def changed(settings: Settings, name: str, *, generation: str) -> dt.datetime | None:
    """The moment of the last change that is kept of a database; None where nothing is. Raises DeployError."""
    return _changed(_json(settings, generation, name, "ltx", "-level", "all"))


def _changed(listed: list[dict[str, str]], *, until: str = "f" * 16) -> dt.datetime | None:
    moments = [dt.datetime.fromisoformat(each["timestamp"]) for each in listed if each["max_txid"] <= until]
    return max(moments).astimezone(dt.UTC) if moments else None


def _json(settings: Settings, generation: str, name: str, command: str, *arguments: str) -> Any:
    with tempfile.TemporaryDirectory(dir=settings.state) as folder:
        config = write(settings, generation, Path(folder))
        database = str(Path(settings.data, f"{name}.sqlite"))
        words = [program(), command, "-json", "-no-expand-env", "-config", str(config), *arguments, database]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        said = (done.stderr.strip() or done.stdout.strip() or "no reason given").splitlines()[-1]
        raise DeployError(f"{name}.sqlite of generation {generation} cannot be had from litestream: {said}")
    return msgspec.json.decode(done.stdout[done.stdout.index("{" if command == "restore" else "[") :])


def forget_local(settings: Settings) -> None:
    """What litestream remembers of databases that are not there any more; the next start begins a new generation."""
    for found in Path(settings.live).glob("*"):
        shutil.rmtree(found) if found.is_dir() else found.unlink()
