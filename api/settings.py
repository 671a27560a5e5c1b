"""Every value the service reads, once, from its environment and its files of secrets. Decides nothing with them."""

import os
import re
from collections.abc import Mapping
from email.utils import parseaddr
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from api.errors import ConfigurationError

Mode = Literal["sandbox", "test", "live"]
PREFIX = "LONGWAVE_"
KEY_KINDS = {"test": ("sk_test_", "rk_test_"), "live": ("sk_live_", "rk_live_")}
SANDBOX_KEY = "sk_test_sandbox"
SANDBOX_API = "http://127.0.0.1:8001"
SANDBOX_SENDER = "Longwave <hello@localhost>"
ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]+(?::\d{1,5})?/?")


class Secrets(Struct, frozen=True, kw_only=True):
    """Read from files named like the fields. Never printed."""

    stripe_key: str = ""
    stripe_webhook_secret: str = ""
    stripe_webhook_secret_old: str = ""
    smtp_password: str = ""
    pepper: str = ""

    def __repr__(self) -> str:
        return "Secrets(…)"


class Settings(Struct, frozen=True, kw_only=True):
    """`LONGWAVE_NAME` for every field `name`; what each is for stands in deploy/env.example."""

    mode: Mode = "sandbox"
    url: str = "http://localhost:8000"
    site: Path = Path(".longwave/serve")
    data: Path = Path(".longwave/data")
    private_media: Path = Path(".longwave/private")
    theme: Path = Path("theme")
    secrets: Secrets = Secrets()
    stripe_api: str = ""
    mail_from: str = ""
    smtp_host: str = ""
    smtp_port: int = 587
    smtp_user: str = ""
    smtp_starttls: bool = True
    metrics_port: int = 9100
    trusted_proxy: str = "127.0.0.1"
    body_bytes_max: int = 64 * 1024
    webhook_bytes_max: int = 256 * 1024

    @property
    def shop(self) -> Path:
        return self.data / "shop.sqlite"

    @property
    def mails(self) -> Path:
        """Where mails lie in the sandbox, which sends none."""
        return self.data / "mail"

    @property
    def sender(self) -> str:
        """The From line: 'Name <address>'."""
        return self.mail_from or SANDBOX_SENDER

    @property
    def catalog(self) -> Path:
        return self.site / "catalog.json"

    @property
    def origin(self) -> str:
        """What a browser on our pages sends as Origin."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"


def from_environment(environment: Mapping[str, str] = os.environ) -> Settings:
    """Raises ConfigurationError with everything that is missing or wrong, not only the first."""
    given = {name: value for name in NAMES if (value := environment.get(PREFIX + name.upper(), "").strip())}
    folder = environment.get("CREDENTIALS_DIRECTORY") or environment.get(f"{PREFIX}SECRETS")
    secrets = _read_secrets(Path(folder)) if folder else Secrets()
    problems = [*_unknown(environment), *(problem for name in given if (problem := _problem(name, given[name])))]
    mode = given.get("mode", "sandbox")
    problems += [*_missing(mode, given, secrets), *_wrong_key(mode, secrets)]
    if problems:
        raise ConfigurationError(problems)
    settings = msgspec.convert(given, type=Settings, strict=False, dec_hook=_path)
    sandbox = {"stripe_api": settings.stripe_api or SANDBOX_API} if mode == "sandbox" else {"stripe_api": ""}
    return msgspec.structs.replace(settings, url=settings.url.rstrip("/"), secrets=_completed(mode, secrets), **sandbox)


def _read_secrets(folder: Path) -> Secrets:
    files = {name: folder / name for name in Secrets.__struct_fields__}
    return Secrets(**{name: file.read_text(encoding="utf-8").strip() for name, file in files.items() if file.is_file()})


def _unknown(environment: Mapping[str, str]) -> list[str]:
    """A misspelt setting would be a setting left out."""
    known = {PREFIX + name.upper() for name in (*NAMES, "secrets")}
    strangers = sorted(name for name in environment if name.startswith(PREFIX) and name not in known)
    return [f"{name}: there is no such setting. deploy/env.example lists them all." for name in strangers]


def _problem(name: str, value: str) -> str | None:
    field = Settings.__annotations__[name]
    try:
        msgspec.convert(value, type=field, strict=False, dec_hook=_path)
    except msgspec.ValidationError as error:
        return f"{PREFIX}{name.upper()}: '{value}' cannot be used. {error}."
    if name == "mail_from" and not parseaddr(value)[1].rpartition("@")[2]:
        return f"{PREFIX}MAIL_FROM: '{value}' holds no address. Write it like Name <name@example.com>."
    if name == "url" and not ORIGIN.fullmatch(value):
        return f"{PREFIX}URL: '{value}' is no origin. Write it like https://name.example, with nothing after the name."
    return None


def _missing(mode: str, given: Mapping[str, str], secrets: Secrets) -> list[str]:
    if mode == "sandbox":
        return []
    settings = [f"{PREFIX}{name.upper()}: missing." for name in NEEDED if name not in given]
    files = [f"{name}: missing in the folder of secrets." for name in NEEDED_SECRETS if not getattr(secrets, name)]
    if secrets.stripe_key and not secrets.stripe_webhook_secret:
        files.append("stripe_webhook_secret: missing in the folder of secrets, but stripe_key is there.")
    return settings + files


def _wrong_key(mode: str, secrets: Secrets) -> list[str]:
    """Stripe tells test from live by the key alone, so the key must be of the mode's kind."""
    key = secrets.stripe_key
    if (
        not key
        or (mode == "sandbox" and not key.startswith(KEY_KINDS["live"]))
        or key.startswith(KEY_KINDS.get(mode, ()))
    ):
        return []
    wanted = " or ".join(KEY_KINDS.get(mode, ("none at all",)))
    return [f"stripe_key: begins with '{key[:8]}', but {PREFIX}MODE is {mode}, whose keys begin with {wanted}."]


def _completed(mode: str, secrets: Secrets) -> Secrets:
    """The sandbox needs nothing from anybody: what it signs and hashes protects only what was made up."""
    if mode != "sandbox":
        return secrets
    return Secrets(
        stripe_key=SANDBOX_KEY,
        stripe_webhook_secret=secrets.stripe_webhook_secret or "whsec_sandbox",
        stripe_webhook_secret_old=secrets.stripe_webhook_secret_old,
        smtp_password=secrets.smtp_password,
        pepper=secrets.pepper or "nothing here is secret",
    )


def _path(kind: type[Any], value: Any) -> Any:
    if kind is Path:
        return Path(value)
    raise NotImplementedError(kind)


NAMES = tuple(name for name in Settings.__struct_fields__ if name != "secrets")
NEEDED = ("url", "site", "data", "private_media", "mail_from", "smtp_host")
NEEDED_SECRETS = ("pepper",)
