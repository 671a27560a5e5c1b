"""Every value the service reads, once, from its environment. Decides nothing with them."""

import os
import re
from collections.abc import Mapping
from email.utils import parseaddr
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta, Struct

from api import secret_files
from api.errors import ConfigurationError
from api.secret_files import Secrets

Mode = Literal["sandbox", "test", "live"]
MediaStore = Literal["local", "bunny", "s3"]
PREFIX = "LONGWAVE_"
SANDBOX_API = "http://127.0.0.1:8001"
SANDBOX_SENDER = "Longwave <hello@localhost>"
MEDIA_URL = re.compile(r"https://[A-Za-z0-9.-]+(?::\d{1,5})?(?:/[A-Za-z0-9._~-]+)*/?")
ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]+(?::\d{1,5})?/?")


class Settings(Struct, frozen=True, kw_only=True):
    """`LONGWAVE_NAME` for every field `name`; what each is for stands in deploy/env.example."""

    mode: Mode = "sandbox"
    url: str = "http://localhost:8000"
    site: Path = Path(".longwave/serve")
    data: Path = Path(".longwave/data")
    private_media: Path = Path("content/videos")
    media_store: MediaStore = "local"
    media_link_hours: Annotated[int, Meta(ge=2, le=6)] = 4
    media_url: str = ""
    media_region: str = ""
    media_access_key: str = ""
    theme: Path = Path("theme")
    secrets: Secrets = Secrets()
    stripe_api: str = ""
    checkout_promotion_codes: bool = True
    checkout_invoices: bool = True
    checkout_tax_ids: bool = False
    checkout_terms: bool = False
    checkout_terms_text: str = ""
    checkout_adaptive_pricing: bool = False
    checkout_recovery: bool = False
    tax_code: str = "txcd_10000000"
    refund_revokes: bool = True
    mail_from: str = ""
    smtp_host: str = ""
    smtp_port: Annotated[int, Meta(ge=1, le=65535)] = 587
    smtp_user: str = ""
    smtp_starttls: bool = True
    metrics_port: Annotated[int, Meta(ge=0, le=65535)] = 9100
    trusted_proxy: str = "127.0.0.1"
    body_bytes_max: Annotated[int, Meta(ge=1024)] = 64 * 1024
    webhook_bytes_max: Annotated[int, Meta(ge=1024)] = 256 * 1024
    sync_bytes_max: Annotated[int, Meta(ge=1024)] = 4 * 1024 * 1024

    @property
    def shop(self) -> Path:
        return self.data / "shop.sqlite"

    @property
    def sync(self) -> Path:
        return self.data / "sync.sqlite"

    @property
    def mails(self) -> Path:
        """Where mails lie in the sandbox, which sends none."""
        return self.data / "mail"

    @property
    def erased(self) -> Path:
        """The list of erased accounts: beside the database, and never restored with it."""
        return self.data / "erased.jsonl"

    @property
    def sender(self) -> str:
        """The From line: 'Name <address>'."""
        return self.mail_from or SANDBOX_SENDER

    @property
    def catalog(self) -> Path:
        return self.site / "catalog.json"

    @property
    def episodes(self) -> Path:
        return self.site / "episodes.json"

    @property
    def origin(self) -> str:
        """What a browser on our pages sends as Origin."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc.lower()}"


NAMES = tuple(name for name in Settings.__struct_fields__ if name != "secrets")
# What each store of videos needs beside its name: settings, and a secret.
STORE_NEEDS: dict[str, tuple[tuple[str, ...], str]] = {
    "bunny": (("media_url",), "bunny_token_key"),
    "s3": (("media_url", "media_region", "media_access_key"), "s3_secret_key"),
}
NEEDED = ("url", "site", "data", "private_media", "mail_from", "smtp_host")  # in the modes test and live


def from_environment(environment: Mapping[str, str] = os.environ) -> Settings:
    """Raises ConfigurationError with everything that is missing or wrong, not only the first."""
    given = {name: value for name in NAMES if (value := environment.get(PREFIX + name.upper(), "").strip())}
    credentials = environment.get("CREDENTIALS_DIRECTORY")
    folder = credentials or environment.get(f"{PREFIX}SECRETS")
    mode = given.get("mode", "sandbox")
    secrets, problems = secret_files.read(Path(folder) if folder else None, mode=mode, is_guarded=bool(credentials))
    problems += [*_unknown(environment), *_missing(mode, given), *_missing_of_store(given, secrets)]
    problems += [problem for name, value in given.items() if (problem := _problem(name, value, mode=mode))]
    if problems:
        raise ConfigurationError(sorted(problems))
    settings = msgspec.convert(given, type=Settings, strict=False, dec_hook=_path)
    sandbox = {"stripe_api": settings.stripe_api or SANDBOX_API} if mode == "sandbox" else {"stripe_api": ""}
    return msgspec.structs.replace(settings, url=settings.url.rstrip("/"), secrets=secrets, **sandbox)


def _unknown(environment: Mapping[str, str]) -> list[str]:
    """A misspelt setting would be a setting left out."""
    known = {PREFIX + name.upper() for name in (*NAMES, "secrets")}
    strangers = sorted(name for name in environment if name.startswith(PREFIX) and name not in known)
    return [f"{name}: there is no such setting. deploy/env.example lists them all." for name in strangers]


def _problem(name: str, value: str, *, mode: str) -> str | None:
    field = Settings.__annotations__[name]
    try:
        msgspec.convert(value, type=field, strict=False, dec_hook=_path)
    except msgspec.ValidationError as error:
        return f"{PREFIX}{name.upper()}: '{value}' cannot be used. {error}."
    if name == "mail_from" and not parseaddr(value)[1].rpartition("@")[2]:
        return f"{PREFIX}MAIL_FROM: '{value}' holds no address. Write it like Name <name@example.com>."
    if name == "url" and not ORIGIN.fullmatch(value):
        return f"{PREFIX}URL: '{value}' is no origin. Write it like https://name.example, with nothing after the name."
    if name == "url" and mode == "live" and not value.startswith("https://"):
        return f"{PREFIX}URL: '{value}' is not safe for real money. Write https://."
    if name == "media_url" and not MEDIA_URL.fullmatch(value):
        return f"{PREFIX}MEDIA_URL: '{value}' is no place of files. Write it like https://files.example/videos."
    return None


def _missing_of_store(given: Mapping[str, str], secrets: Secrets) -> list[str]:
    store = given.get("media_store", "local")
    settings, secret = STORE_NEEDS.get(store, ((), ""))
    problems = [
        f"{PREFIX}{name.upper()}: missing, but {PREFIX}MEDIA_STORE is {store}."
        for name in settings
        if name not in given
    ]
    if secret and not getattr(secrets, secret):
        problems.append(f"{secret}: missing in the folder of secrets, but {PREFIX}MEDIA_STORE is {store}.")
    return problems


def _missing(mode: str, given: Mapping[str, str]) -> list[str]:
    if "mode" not in given and given.get("url", "").startswith("https://"):  # its keys are known to everybody
        return [f"{PREFIX}MODE: missing. Write live, test, or sandbox if {given['url']} shall sell nothing in earnest."]
    return [] if mode == "sandbox" else [f"{PREFIX}{name.upper()}: missing." for name in NEEDED if name not in given]


def _path(kind: type[Any], value: Any) -> Any:
    if kind is Path:
        return Path(value)
    raise NotImplementedError(kind)
