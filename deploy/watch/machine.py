"""Looks at the machine: room, memory, units, restarts that wait. Says what to do and does nothing about it."""

import json
import os
import subprocess
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from deploy.watch.outside import Finding

FREE_BYTES_MIN = 1_000_000_000
FREE_SHARE_MIN = 0.10
MEMORY_SHARE_MIN = 0.08
REBOOT_REQUIRED = Path("/run/reboot-required")
WINDOW = timedelta(days=8)  # a weekly one, and a day
COMMAND_SECONDS = 20


def room(folders: Iterable[Path]) -> Iterator[Finding]:
    """One finding a file system, named by the first of `folders` that lies on it."""
    seen: set[int] = set()
    for folder in folders:
        if folder.exists() and (device := folder.stat().st_dev) not in seen:
            seen.add(device)
            yield from _room(folder)


def _room(folder: Path) -> Iterator[Finding]:
    status = os.statvfs(folder)
    free, whole = status.f_bavail * status.f_frsize, status.f_blocks * status.f_frsize
    is_full = free < FREE_BYTES_MIN or free < whole * FREE_SHARE_MIN
    said = f"{free / 1e9:.1f} of {whole / 1e9:.1f} GB are free"
    yield Finding(
        f"disk {folder}", said, f"Make room: du -xh --max-depth=2 {folder} | sort -h | tail" if is_full else ""
    )
    if status.f_files:
        share = status.f_favail / status.f_files
        remedy = f"Too many small files: du -x --inodes --max-depth=2 {folder} | sort -n | tail"
        yield Finding(f"inodes {folder}", f"{share:.0%} are free", remedy if share < FREE_SHARE_MIN else "")


def memory(information: Path = Path("/proc/meminfo")) -> Finding:
    lines = (line.split() for line in information.read_text(encoding="ascii").splitlines())
    kilobytes = {words[0].rstrip(":"): int(words[1]) for words in lines}
    available, whole = kilobytes["MemAvailable"], kilobytes["MemTotal"]
    remedy = "See who has it: ps -eo rss,unit,args --sort=-rss | head" if available < whole * MEMORY_SHARE_MIN else ""
    return Finding("memory", f"{available // 1024} of {whole // 1024} MiB are available", remedy)


def failed_units(command: tuple[str, ...] = ("systemctl", "list-units", "--failed", "--output=json")) -> list[Finding]:
    """One finding a failed unit, or one that says there is none."""
    said = subprocess.run(command, capture_output=True, text=True, check=False, timeout=COMMAND_SECONDS)
    if said.returncode:
        return [Finding("units", said.stderr.strip() or "systemctl does not answer", "See whether dbus runs")]
    names = sorted(unit["unit"] for unit in json.loads(said.stdout or "[]"))
    if not names:
        return [Finding("units", "none has failed")]
    return [
        Finding(f"unit {name}", "has failed", f"journalctl -u {name} -n 50; then systemctl restart {name}")
        for name in names
    ]


def restart(*, now: datetime, reboots: bool, required: Path = REBOOT_REQUIRED) -> Finding:
    """Whether an update waits for the machine to start anew, and for longer than its window should have taken."""
    if not required.exists():
        return Finding("restart", "no update waits for one")
    since = datetime.fromtimestamp(required.stat().st_mtime, UTC)
    packages = required.with_name(f"{required.name}.pkgs")
    names = sorted(set(packages.read_text(encoding="utf-8").split())) if packages.exists() else []
    said = f"waits since {since:%Y-%m-%d}{f' for {chr(44).join(names)}' if names else ''}"
    is_late = now - since > (WINDOW if reboots else timedelta(days=1))
    return Finding("restart", said, "Restart it in a quiet hour: systemctl reboot" if is_late else "")
