"""Where backups go and what is in them, a file of the release. Knows no secret and none of the programs that copy."""

import os
import re
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from deploy.errors import DeployError

FILE = Path("/opt/longwave/current/configuration/backup.json")
TARGET = re.compile(
    r"sftp://(?P<user>[a-z_][a-z0-9_-]*)@(?P<host>[A-Za-z0-9.-]+|\[[0-9a-f:]+\])(:(?P<port>\d{1,5}))?(?P<folder>/[\w./-]*)?"
)
HOST_KEY = re.compile(r"(ssh-ed25519|ecdsa-sha2-nistp256|ssh-rsa) [A-Za-z0-9+/=]+")
DATABASES = ("shop", "sync")  # NAME.sqlite in the folder of data
# What no git and no build brings back; what is not there is left out. The databases go as copies made for it.
BESIDE = (
    "/var/lib/longwave/erased.jsonl",
    "/var/lib/longwave/mail",
    "/var/lib/longwave-certificate",
    "/var/lib/longwave-deploy/audit.jsonl",
    "/etc/longwave",
    "/srv/longwave/site.git",
    "/srv/longwave/accepted",
    "/srv/longwave/videos",
    "/srv/longwave/media",
)


class Place(Struct, frozen=True, kw_only=True):
    """A folder on a machine that is reached by SFTP. `host` is bare; IPv6 without its brackets."""

    user: str
    host: str
    port: int
    folder: str

    def below(self, name: str) -> str:
        return f"{self.folder.rstrip('/')}/{name}"


class Settings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`copies` is where the service's user lays copies of the databases for the night, `live` what litestream remembers here."""

    target: str
    host_key: str
    beside: tuple[str, ...] = BESIDE
    data: str = "/var/lib/longwave"
    copies: str = "/var/lib/longwave-copies"
    live: str = "/var/lib/longwave-litestream"
    state: str = "/var/lib/longwave-backup"
    secrets: str = "/etc/longwave/secrets"

    @property
    def place(self) -> Place:
        found = TARGET.fullmatch(self.target)
        if not found:
            raise DeployError(f"backup.target: '{self.target}' is no place of backups. Write it like {EXAMPLE}.")
        host, port = found["host"].strip("[]"), int(found["port"] or 22)
        return Place(user=found["user"], host=host, port=port, folder=found["folder"] or "/")

    @property
    def files(self) -> tuple[Path, ...]:
        """The databases."""
        return tuple(Path(self.data, f"{name}.sqlite") for name in DATABASES)


EXAMPLE = "sftp://longwave-backup@backup.example:22/signalpath"


def problems(*, target: str, host_key: str) -> list[str]:
    """What is wrong with the two facts; nothing when there are no backups at all."""
    found = []
    if target and not TARGET.fullmatch(target):
        found.append(f"target: '{target}' is no place of backups. Write it like {EXAMPLE}.")
    if target and not HOST_KEY.fullmatch(host_key):
        found.append("host_key: missing or none. Write what `longwave backup host` prints.")
    return found


def read(file: Path = FILE) -> Settings:
    """Raises DeployError where there are none."""
    try:
        settings = msgspec.json.decode(file.read_bytes(), type=Settings)
    except FileNotFoundError:
        raise DeployError(
            f"This machine has no backups: there is no {file}. Write [backup] into server.toml, then: longwave deploy HOST"
        ) from None
    except (OSError, msgspec.MsgspecError) as error:
        raise DeployError(f"{file}: {error}. `longwave deploy HOST` writes it anew.") from error
    settings.place  # noqa: B018 (raises)
    credentials = os.environ.get("CREDENTIALS_DIRECTORY")  # in a unit that may not read the folder of secrets
    return replace(settings, secrets=credentials or settings.secrets)
