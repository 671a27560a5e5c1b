"""How a place of backups is reached: the words of ssh, with the box's own key and the one host key that is right."""

import subprocess
from pathlib import Path

from deploy.backup.settings import Settings
from deploy.errors import DeployError

KEY = "backup_key"
CONNECT_SECONDS = 15


def options(settings: Settings) -> list[str]:
    """For ssh and sftp alike; writes the file of known hosts that they name."""
    known = Path(settings.state, "known_hosts")
    known.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    place = settings.place
    name = place.host if place.port == 22 else f"[{place.host}]:{place.port}"
    known.write_text(f"{name} {settings.host_key}\n")
    said = {"UserKnownHostsFile": known, "StrictHostKeyChecking": "yes", "BatchMode": "yes"}
    said |= {"ConnectTimeout": CONNECT_SECONDS, "ServerAliveInterval": 15, "IdentitiesOnly": "yes", "Port": place.port}
    words = [word for name, value in said.items() for word in ("-o", f"{name}={value}")]
    return ["-F", "none", "-i", str(Path(settings.secrets, KEY)), *words]


def names(settings: Settings, folder: str) -> list[str]:
    """What is in a folder there, in the alphabet's order; nothing when it does not exist. Raises DeployError."""
    place = settings.place
    address = f"{place.user}@{f'[{place.host}]' if ':' in place.host else place.host}"
    asked = f"-ls -1 {place.below(folder)}\n"
    done = subprocess.run(
        ["sftp", "-q", *options(settings), "-b", "-", address], input=asked, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise DeployError(f"{settings.target} cannot be reached: {done.stderr.strip() or 'ssh gave up'}.")
    lines = [line.strip() for line in done.stdout.splitlines() if not line.startswith("sftp>")]
    return sorted(Path(line).name for line in lines if line)
