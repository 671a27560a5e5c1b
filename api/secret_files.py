"""The secrets of the service, a folder with a file for each. Knows how a wrong one looks, not what it opens."""

import re
import stat
from pathlib import Path

from msgspec import Struct

PEPPER_CHARACTERS_MIN = 32
MEDIA_SECRET = re.compile(r"[A-Za-z0-9_-]{32,}")  # nginx reads it as a part of its configuration
SANDBOX_LINKS = "links_of_a_sandbox_open_only_samples"  # deploy/media_keys.py says the same to nginx
SANDBOX_KEY = "sk_test_sandbox"
TEST_KEYS = ("sk_test_", "rk_test_")
KEY_KINDS = {"sandbox": TEST_KEYS, "test": TEST_KEYS, "live": ("sk_live_", "rk_live_")}


class Secrets(Struct, frozen=True, kw_only=True):
    """Named like their files. Never printed. `exposed` names those files that others than their owner can read."""

    stripe_key: str = ""
    stripe_operator_key: str = ""
    stripe_webhook_secret: str = ""
    stripe_webhook_secret_old: str = ""
    smtp_password: str = ""
    pepper: str = ""
    media_secret: str = ""
    media_secret_old: str = ""
    bunny_token_key: str = ""
    s3_secret_key: str = ""
    exposed: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return "Secrets(…)"


FILES = tuple(name for name in Secrets.__struct_fields__ if name != "exposed")


def read(folder: Path | None, *, mode: str, is_guarded: bool = False) -> tuple[Secrets, list[str]]:
    """What is in the folder, and what is wrong with it. Mode sandbox needs nothing: it makes up what is missing.

    `is_guarded`: somebody else sees to who may read the files, as systemd does for its credentials.
    """
    found: dict[str, str] = {}
    problems: list[str] = []
    if folder and not folder.is_dir():
        problems.append(f"LONGWAVE_SECRETS: there is no folder {folder}.")
    for name in FILES if folder else ():
        try:
            found[name] = (folder / name).read_text(encoding="utf-8").strip() if folder else ""
        except FileNotFoundError:
            continue
        except (OSError, UnicodeDecodeError) as error:
            problems.append(f"{name}: cannot be read in the folder of secrets: {error}.")
    exposed = tuple(name for name in found if folder and not is_guarded and _is_exposed(folder, name))
    secrets = Secrets(**found, exposed=exposed)
    for name in ("media_secret", "media_secret_old"):
        if (value := getattr(secrets, name)) and not MEDIA_SECRET.fullmatch(value):
            problems.append(f"{name}: not 32 or more letters, digits, '-' and '_'. Make one: openssl rand -hex 32")
    for name in ("stripe_key", "stripe_operator_key"):
        problems += _wrong_key(name, getattr(secrets, name), mode=mode)
    if mode == "sandbox":
        return _completed(secrets), problems
    return secrets, [*problems, *_missing(secrets), *(_exposed(secrets) if mode == "live" else ())]


def _is_exposed(folder: Path, name: str) -> bool:
    """Whether the group, or everybody, may both enter the folder and read the file."""
    rights, way = (folder / name).stat().st_mode, folder.stat().st_mode
    by_group = rights & stat.S_IRGRP and way & stat.S_IXGRP
    by_others = rights & stat.S_IROTH and way & stat.S_IXOTH
    return bool(by_group or by_others)


def _exposed(secrets: Secrets) -> list[str]:
    """Real money: what a backup's or a web server's user can read too is no secret."""
    return [f"{name}: others than its owner can read the file. Run: chmod 0400 on it." for name in secrets.exposed]


def _wrong_key(name: str, key: str, *, mode: str) -> list[str]:
    """Stripe tells test from live by the key alone, so the key must be of the mode's kind."""
    kinds = KEY_KINDS.get(mode, ())
    if not key or not kinds or key.startswith(kinds):
        return []
    return [f"{name}: begins with '{key[:8]}', but LONGWAVE_MODE is {mode}: its keys begin with {' or '.join(kinds)}."]


def _missing(secrets: Secrets) -> list[str]:
    problems = []
    if not secrets.pepper:
        problems.append("pepper: missing in the folder of secrets.")
    elif len(secrets.pepper) < PEPPER_CHARACTERS_MIN:
        problems.append(f"pepper: shorter than {PEPPER_CHARACTERS_MIN} characters.")
    if secrets.stripe_key and not secrets.stripe_webhook_secret:
        problems.append("stripe_webhook_secret: missing in the folder of secrets, but stripe_key is there.")
    return problems


def _completed(secrets: Secrets) -> Secrets:
    """What the sandbox signs and hashes protects only what was made up."""
    return Secrets(
        stripe_key=SANDBOX_KEY,
        stripe_operator_key=SANDBOX_KEY,
        stripe_webhook_secret=secrets.stripe_webhook_secret or "whsec_sandbox",
        stripe_webhook_secret_old=secrets.stripe_webhook_secret_old,
        smtp_password=secrets.smtp_password,
        media_secret=secrets.media_secret or SANDBOX_LINKS,
        media_secret_old=secrets.media_secret_old,
        bunny_token_key=secrets.bunny_token_key,
        s3_secret_key=secrets.s3_secret_key,
        exposed=secrets.exposed,
        pepper=secrets.pepper or "nothing in here is worth hiding.",
    )
