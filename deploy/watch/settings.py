"""What watching on the server is told: a file of the release, made by deploy/machine/watching.py. No secret is in it."""

import os
from collections.abc import Mapping
from pathlib import Path

import msgspec
from msgspec import Struct

from deploy.watch import outside
from deploy.watch.outside import Channels

FILE = Path("/opt/longwave/current/configuration/watch.json")
OWN = Path("/var/lib/longwave-watch/own")


class Relay(Struct, frozen=True, kw_only=True):
    """Where alarms are handed over, from whom and to whom."""

    host: str
    sender: str
    to: tuple[str, ...]
    port: int = 587
    user: str = ""
    starttls: bool = True


class Settings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`url` is the site's; `own` is the one folder that watching writes to; `folders` are looked at for room.

    `has_backup`: whether backups are made at all. `reboots`: whether the machine restarts by itself when an update needs it.
    """

    url: str
    mail: Relay | None = None
    has_backup: bool = True
    reboots: bool = True
    metrics_port: int = 9100
    own: Path = OWN
    log: Path = Path("/var/log/nginx/access.json")
    www: Path = Path("/srv/longwave/www")
    states: tuple[Path, ...] = (Path("/var/lib/longwave-watch/state"), Path("/srv/longwave/state"))
    folders: tuple[Path, ...] = (Path("/"), Path("/var/lib/longwave"), Path("/var/log"), Path("/srv/longwave"))

    @property
    def figures(self) -> Path:
        return self.own / "figures.sqlite"


def read(path: Path = FILE) -> Settings:
    """Raises OSError or msgspec.MsgspecError."""
    return msgspec.json.decode(path.read_bytes(), type=Settings, dec_hook=lambda _, value: Path(value))


def channels(settings: Settings, environment: Mapping[str, str] = os.environ) -> Channels:
    """With the secrets that systemd hands over: smtp_password, alarm_webhook, dead_man, each of which may be empty."""
    folder = Path(environment.get("CREDENTIALS_DIRECTORY", "/nonexistent"))
    mail = settings.mail
    return Channels(
        mail=outside.Mail(**msgspec.structs.asdict(mail), password=_secret(folder / "smtp_password")) if mail else None,
        webhook=_secret(folder / "alarm_webhook"),
        ping=_secret(folder / "dead_man"),
    )


def _secret(path: Path) -> str:
    return path.read_text(encoding="utf-8").strip() if path.is_file() else ""
