"""The secrets of the service, a folder with a file for each. Knows how a wrong one looks, not what it opens."""

from pathlib import Path

from msgspec import Struct

PEPPER_CHARACTERS_MIN = 32
SANDBOX_KEY = "sk_test_sandbox"
TEST_KEYS = ("sk_test_", "rk_test_")
KEY_KINDS = {"sandbox": TEST_KEYS, "test": TEST_KEYS, "live": ("sk_live_", "rk_live_")}


class Secrets(Struct, frozen=True, kw_only=True):
    """Named like their files. Never printed."""

    stripe_key: str = ""
    stripe_operator_key: str = ""
    stripe_webhook_secret: str = ""
    stripe_webhook_secret_old: str = ""
    smtp_password: str = ""
    pepper: str = ""

    def __repr__(self) -> str:
        return "Secrets(…)"


def read(folder: Path | None, *, mode: str) -> tuple[Secrets, list[str]]:
    """What is in the folder, and what is wrong with it. Mode sandbox needs nothing: it makes up what is missing."""
    found: dict[str, str] = {}
    problems: list[str] = []
    if folder and not folder.is_dir():
        problems.append(f"LONGWAVE_SECRETS: there is no folder {folder}.")
    for name in Secrets.__struct_fields__ if folder else ():
        try:
            found[name] = (folder / name).read_text(encoding="utf-8").strip() if folder else ""
        except FileNotFoundError:
            continue
        except (OSError, UnicodeDecodeError) as error:
            problems.append(f"{name}: cannot be read in the folder of secrets: {error}.")
    secrets = Secrets(**found)
    for name in ("stripe_key", "stripe_operator_key"):
        problems += _wrong_key(name, getattr(secrets, name), mode=mode)
    if mode == "sandbox":
        return _completed(secrets), problems
    return secrets, [*problems, *_missing(secrets)]


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
        pepper=secrets.pepper or "nothing in here is worth hiding.",
    )
