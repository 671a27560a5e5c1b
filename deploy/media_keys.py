"""The secrets by which nginx knows good links to paid files, as a file for it to include. Knows nothing of what a link opens.

Only its owner, who starts nginx, may read the file: workers have what they need in memory.
"""

import hashlib
import os
import re
import secrets
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from deploy.errors import DeployError

SECRET = re.compile(r"[A-Za-z0-9_-]{32,}")
SANDBOX = "links_of_a_sandbox_open_only_samples"  # api/secret_files.py signs with the same
KEY_CHARACTERS = 8


class MediaSecrets(Struct, frozen=True):
    """The one that links are signed with now, and the one before while it is being changed; '' for none. Never printed."""

    current: str = ""
    old: str = ""

    def __repr__(self) -> str:
        return "MediaSecrets(…)"


def from_environment(environment: Mapping[str, str] = os.environ, *, is_sandbox: bool) -> MediaSecrets:
    """Out of the folder of secrets that the service reads too; a sandbox has one that everybody knows."""
    folder = environment.get("CREDENTIALS_DIRECTORY") or environment.get("LONGWAVE_SECRETS")
    names = ("media_secret", "media_secret_old") if folder else ()
    found = MediaSecrets(*(_read(Path(folder or "") / name) for name in names))
    return MediaSecrets(found.current or SANDBOX, found.old) if is_sandbox else found


def write(path: Path, *, keys: MediaSecrets) -> None:
    """Replaces the file, so that nobody else could open it before it was closed to them."""
    new = path.with_suffix(".new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text(keys))
    new.replace(path)


def text(keys: MediaSecrets) -> str:
    """Rows of a map: name of a secret -> secret. Without a secret no link is good: the default is then one that nobody has."""
    for secret in (keys.current, keys.old):
        if secret and not SECRET.fullmatch(secret):
            raise DeployError(
                "media_secret is not 32 or more letters, digits, '-' and '_'. Make one: openssl rand -hex 32"
            )
    rows = [("default", keys.current or secrets.token_urlsafe(32))]
    rows += [(_name(keys.old), keys.old)] if keys.old and keys.old != keys.current else []
    return "".join(f'{name} "{secret}";\n' for name, secret in rows)


def _name(secret: str) -> str:
    """As a link says it: api/gateways/media_links.py."""
    return hashlib.sha256(secret.encode()).hexdigest()[:KEY_CHARACTERS]


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise DeployError(f"{path} cannot be read: {error.strerror}. Who starts nginx has to be able to.") from error
