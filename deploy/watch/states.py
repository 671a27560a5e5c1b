"""What the machine's jobs leave behind about their last run, a small file each; knows neither the jobs nor when one is late."""

import datetime as dt
import tempfile
from collections.abc import Iterable
from pathlib import Path

import msgspec
from msgspec import Struct

FOLDER = Path("/var/lib/longwave-watch/state")
SITE_FOLDER = Path("/srv/longwave/state")
BACKUP_FOLDER = Path("/var/lib/longwave-rehearsal/state")  # of jobs that run as the service's user
FOLDERS = (FOLDER, SITE_FOLDER, BACKUP_FOLDER)


class State(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The last run of a job. `detail` is a sentence for people; `due` is when the job has to run again, where that is known."""

    kind: str
    at: dt.datetime
    ok: bool
    seconds: float = 0.0
    detail: str = ""
    due: dt.datetime | None = None


def record(
    kind: str,
    *,
    ok: bool,
    now: dt.datetime,
    seconds: float = 0.0,
    detail: str = "",
    due: dt.datetime | None = None,
    folder: Path = FOLDER,
) -> None:
    """Replaces FOLDER/KIND.json at once, readable by everybody: there may be no secret in `detail`."""
    state = State(kind=kind, at=now, ok=ok, seconds=round(seconds, 1), detail=detail, due=due)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("wb", dir=folder, prefix=".", delete=False) as unfinished:
        unfinished.write(msgspec.json.encode(state) + b"\n")
    path = Path(unfinished.name)
    path.chmod(0o644)
    path.replace(folder / f"{kind}.json")


def read(folders: Iterable[Path] = FOLDERS) -> dict[str, State]:
    """Every state by its kind. A file that cannot be read is a job that failed, never one that is left out."""
    return {path.stem: _state(path) for folder in folders for path in sorted(folder.glob("[!.]*.json"))}


def _state(path: Path) -> State:
    try:
        return msgspec.json.decode(path.read_bytes(), type=State)
    except (OSError, msgspec.MsgspecError) as error:
        return State(kind=path.stem, at=dt.datetime.fromtimestamp(0, dt.UTC), ok=False, detail=f"{path}: {error}")
