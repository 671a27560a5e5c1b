"""What is served, what waits, what it could go back to and whether all is well, for people and programs. Changes nothing."""

from datetime import datetime

from msgspec import Struct

from deploy.server import deadman, health, maintenance, releases
from deploy.server.deadman import Pending
from deploy.server.maintenance import Maintenance
from deploy.server.releases import Release
from deploy.server.running import systemctl


class Status(Struct, frozen=True, kw_only=True):
    release: Release
    pending: Pending | None
    maintenance: Maintenance
    kept: tuple[str, ...]
    problems: tuple[str, ...]
    notes: tuple[str, ...] = ()


def look() -> Status:
    serving = releases.current_or_refuse()
    resting = maintenance.state()
    return Status(
        release=serving,
        pending=deadman.pending(),
        maintenance=resting,
        kept=tuple(release.id for release in releases.kept()),
        problems=() if resting.is_on else tuple(health.problems(serving)),
        notes=_notes(serving),
    )


def text(status: Status) -> str:
    release = status.release
    lines = [
        f"serves    {release.id}, since {release.created:%Y-%m-%d %H:%M} UTC by {release.by}{_why(release.why)}",
        f"parts     environment {release.environment}, configuration {release.configuration}, site {release.site}",
        f"service   {release.colour}",
        f"can go to {', '.join(id for id in status.kept if id != release.id) or 'nothing else'}",
    ]
    if status.pending:
        lines.append(
            f"waits     to be confirmed until {_at(status.pending.deadline)}: longwave server confirm {release.id}"
        )
    if status.maintenance.is_on:
        what = "everything" if status.maintenance.is_everything else "accounts and checkout"
        until = f" until {_at(status.maintenance.until)}" if status.maintenance.until else ""
        lines.append(f"rests     {what}{until}, by {status.maintenance.by}: longwave server maintenance off")
    lines += [f"note      {note}" for note in status.notes]
    lines += [f"problem   {problem}" for problem in status.problems] or ["well      everything answers"]
    return "\n".join(lines)


def _notes(serving: Release) -> tuple[str, ...]:
    """What a release cannot change without refusing somebody: nginx's own unit waits for a restart."""
    begun = (
        systemctl("show", "--property=ActiveEnterTimestamp", "--value", "--timestamp=unix", "nginx").strip().lstrip("@")
    )
    drop_in = serving.folder / "configuration/systemd/nginx.service.d/longwave.conf"
    if begun.isdigit() and drop_in.exists() and drop_in.stat().st_mtime > int(begun):
        return ("nginx runs with an older unit; its new one counts from the next restart of the machine",)
    return ()


def _why(why: str) -> str:
    return f": {why}" if why else ""


def _at(moment: datetime) -> str:
    return f"{moment:%H:%M:%S} UTC"
