"""What is kept of this machine and of when, looked up at the place of backups itself and not in a note about it."""

import datetime as dt
import time
from pathlib import Path

from msgspec import Struct

from deploy.backup import litestream, restic
from deploy.backup.settings import DATABASES, Settings

NIGHT_LATE = dt.timedelta(hours=26)
LIVE_LATE_SECONDS = 60
ON_ITS_WAY_SECONDS = 5


class Look(Struct, frozen=True, kw_only=True):
    """`behind_seconds`: by how much what is kept of a database is older than it; None for never."""

    target: str
    night: dt.datetime | None
    generation: str
    generations: list[str]
    behind_seconds: dict[str, float | None]
    problems: list[str]

    def sentences(self) -> list[str]:
        night = f"{self.night:%Y-%m-%d %H:%M} UTC" if self.night else "never"
        behind = ", ".join(
            f"{name} {'never' if seconds is None else f'{seconds:.0f} s'}"
            for name, seconds in self.behind_seconds.items()
        )
        return [
            f"Backups go to {self.target}.",
            f"Last night: {night}. Behind by: {behind}.",
            f"This machine's generation: {self.generation}; others: {', '.join(self.generations) or 'none'}.",
            *(f"LATE: {problem}" for problem in self.problems),
        ]


def look(settings: Settings, *, now: dt.datetime) -> Look:
    """Raises DeployError where the place cannot be reached."""
    own = litestream.generation(settings, now=now)
    newest = restic.newest(settings)
    behind = {name: _behind(settings, name, own) for name in DATABASES}
    return Look(
        target=settings.target,
        night=newest.time.astimezone(dt.UTC) if newest else None,
        generation=own,
        generations=[each for each in litestream.generations(settings) if each != own],
        behind_seconds=behind,
        problems=[*_late_night(newest, now=now), *_late_live(behind)],
    )


def _behind(settings: Settings, name: str, generation: str) -> float | None:
    """0 when everything is sent, None when nothing ever was. What was written a moment ago is given time to arrive."""
    written = _written(Path(settings.data, f"{name}.sqlite-wal"))
    for pause in (ON_ITS_WAY_SECONDS, 0):
        sent = litestream.changed(settings, name, generation=generation)
        if sent and (not written or (written - sent).total_seconds() <= litestream.SYNC_SECONDS):
            return 0.0
        time.sleep(pause)
    return (written - sent).total_seconds() if sent and written else None


def _written(log: Path) -> dt.datetime | None:
    """When SQLite wrote into its log last; None when all of that is in the database and nobody writes."""
    is_used = log.exists() and log.stat().st_size
    return dt.datetime.fromtimestamp(log.stat().st_mtime, dt.UTC) if is_used else None


def _late_night(newest: restic.Snapshot | None, *, now: dt.datetime) -> list[str]:
    if newest and now - newest.time <= NIGHT_LATE:
        return []
    when = f"is of {newest.time:%Y-%m-%d %H:%M} UTC" if newest else "was never made"
    return [f"the nightly backup {when}. Look at `journalctl -u longwave-backup`, then: longwave backup now"]


def _late_live(behind: dict[str, float | None]) -> list[str]:
    late = {name: seconds for name, seconds in behind.items() if seconds is None or seconds > LIVE_LATE_SECONDS}
    said = {
        name: "was never sent" if seconds is None else f"is kept as it was {seconds:.0f} s ago"
        for name, seconds in late.items()
    }
    return [f"{name}.sqlite {words}. Look at `journalctl -u longwave-litestream`" for name, words in said.items()]
