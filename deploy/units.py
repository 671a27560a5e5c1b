"""Fills the templates of deploy/systemd/ with a server's facts; knows paths that are the same on every server, starts nothing."""

import re
from pathlib import Path

from msgspec import Struct

from deploy.errors import DeployError

TEMPLATES = Path(__file__).with_name("systemd")
COLOURS = ("blue", "green")
ORIGIN = re.compile(r"(https?://[A-Za-z0-9.:-]+)?")
MOMENT = re.compile(r"[A-Za-z0-9*:,./~ -]{1,60}")  # systemd.time(7); `systemd-analyze verify` knows it exactly
PLACEHOLDER = re.compile(r"@([A-Z_]+)@")
# The service's secrets (api/secret_files.py). One that a server does not have is empty, which is the same as none.
SECRETS = (
    "stripe_key",
    "stripe_webhook_secret",
    "stripe_webhook_secret_old",
    "smtp_password",
    "pepper",
    "media_secret",
    "media_secret_old",
    "bunny_token_key",
    "s3_secret_key",
)
SANDBOX_ONLY = ("longwave-sandbox.service",)


class UnitFacts(Struct, frozen=True, kw_only=True):
    """`memory_mib` is what the service may use, `nightly` and `rehearsal` when backups are due.

    `sandbox_url` is where people reach the stand-in for Stripe, '' for none.
    """

    memory_mib: int = 512
    sandbox_url: str = ""
    nightly: str = "02:40"
    rehearsal: str = "Sun 03:10"


def render(facts: UnitFacts) -> dict[str, str]:
    """Every unit and drop-in by its path below /etc/systemd/system. Raises DeployError when systemd would misread a fact."""
    found: dict[str, str] = {}
    for path in sorted(TEMPLATES.rglob("*")):
        name = path.relative_to(TEMPLATES).as_posix()
        if path.is_file() and (facts.sandbox_url or name not in SANDBOX_ONLY):
            for colour in COLOURS if "@COLOUR@" in name else ("",):
                values = _values(facts) | {"COLOUR": colour}
                found[_filled(name, values)] = _filled(path.read_text(encoding="utf-8"), values)
    return found


def _filled(text: str, values: dict[str, str]) -> str:
    return PLACEHOLDER.sub(lambda found: values[found[1]], text)


def _values(facts: UnitFacts) -> dict[str, str]:
    if not ORIGIN.fullmatch(facts.sandbox_url):
        raise DeployError(f"{facts.sandbox_url!r} is no origin: systemd would read a part of it as its own syntax.")
    for moment in (facts.nightly, facts.rehearsal):
        if not MOMENT.fullmatch(moment):
            raise DeployError(
                f"backup: {moment!r} is no time as systemd writes them. Write it like 02:40, or Sun 03:10."
            )
    return {
        "BACKUP_NIGHTLY": facts.nightly,
        "BACKUP_REHEARSAL": facts.rehearsal,
        "CREDENTIALS": "\n".join(_credential(name) for name in SECRETS),
        "MEMORY_HIGH": f"{facts.memory_mib * 3 // 4}M",
        "MEMORY_MAX": f"{facts.memory_mib}M",
        "SANDBOX_URL": facts.sandbox_url,
    }


def _credential(name: str) -> str:
    """Out of its file, or an empty line where there is none: without that the unit would not start."""
    return f"LoadCredential={name}:/etc/longwave/secrets/{name}\nSetCredential={name}:\\n"
