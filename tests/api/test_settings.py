"""Settings are read once; whatever is missing or wrong is told all at once, before anything runs."""

import re
from pathlib import Path

import pytest

from api.errors import ConfigurationError
from api.secret_files import FILES, SANDBOX_KEY
from api.settings import NAMES, PREFIX, Settings, from_environment
from tests.command import ROOT

EXAMPLE = (ROOT / "deploy/env.example").read_text()


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    folder = tmp_path / "secrets"
    folder.mkdir(mode=0o700)
    (folder / "pepper").write_text("p" * 32 + "\n")
    (folder / "stripe_webhook_secret").write_text("whsec_x\n")
    return folder


def environment(mode: str, secrets: Path, **more: str) -> dict[str, str]:
    """A whole one, as a server has it."""
    given = {
        "MODE": mode,
        "URL": "https://shop.example",
        "SITE": "/srv/www/current/public",
        "DATA": "/var/lib/longwave",
        "PRIVATE_MEDIA": "/srv/private",
        "SECRETS": str(secrets),
        "MAIL_FROM": "Shop <shop@shop.example>",
        "SMTP_HOST": "mail.example",
    }
    return {PREFIX + name: value for name, value in {**given, **more}.items()}


def test_a_laptop_needs_no_settings() -> None:
    settings = from_environment({})
    assert (settings.mode, settings.secrets.stripe_key) == ("sandbox", SANDBOX_KEY)
    assert settings.shop == Path(".longwave/data/shop.sqlite")


def test_a_public_address_never_runs_the_sandbox_by_oversight() -> None:
    with pytest.raises(ConfigurationError, match="LONGWAVE_MODE: missing"):
        from_environment({"LONGWAVE_URL": "https://shop.example"})


def test_what_a_server_says_is_what_the_service_gets(secrets: Path) -> None:
    (secrets / "stripe_key").write_text("rk_live_abc\n")
    settings = from_environment(environment("live", secrets, SMTP_STARTTLS="false", METRICS_PORT="0"))
    assert settings.data == Path("/var/lib/longwave")
    assert (settings.smtp_starttls, settings.metrics_port) == (False, 0)
    assert (settings.secrets.stripe_key, settings.secrets.pepper) == ("rk_live_abc", "p" * 32)


def test_everything_missing_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as refused:
        from_environment({"LONGWAVE_MODE": "live", "LONGWAVE_SMTP_PORT": "many", "LONGWAVE_COLOUR": "red"})
    told = "\n".join(refused.value.problems)
    for name in ("URL", "SITE", "DATA", "PRIVATE_MEDIA", "MAIL_FROM", "SMTP_HOST"):
        assert f"LONGWAVE_{name}: missing" in told
    assert "pepper: missing" in told
    assert "LONGWAVE_SMTP_PORT: 'many' cannot be used" in told
    assert "LONGWAVE_COLOUR: there is no such setting" in told


@pytest.mark.parametrize(
    ("mode", "key"),
    [
        ("test", "sk_live_abc"),
        ("test", "rk_live_abc"),
        ("live", "sk_test_abc"),
        ("live", "rk_test_abc"),
        ("sandbox", "sk_live_abc"),
        ("sandbox", "rk_live_abc"),
        ("live", "pk_live_abc"),
        ("test", "abc"),
    ],
)
def test_a_key_of_another_mode_stops_the_start(secrets: Path, mode: str, key: str) -> None:
    (secrets / "stripe_key").write_text(key)
    with pytest.raises(ConfigurationError, match=f"LONGWAVE_MODE is {mode}") as refused:
        from_environment(environment(mode, secrets))
    assert f"'{key}'" not in str(refused.value) or len(key) <= 8


@pytest.mark.parametrize("mode", ["test", "live"])
def test_without_a_key_the_service_starts_all_the_same(secrets: Path, mode: str) -> None:
    assert from_environment(environment(mode, secrets)).secrets.stripe_key == ""


def test_a_key_without_its_webhook_secret_stops_the_start(secrets: Path) -> None:
    (secrets / "stripe_key").write_text("sk_live_abc")
    (secrets / "stripe_webhook_secret").unlink()
    with pytest.raises(ConfigurationError, match="stripe_webhook_secret: missing"):
        from_environment(environment("live", secrets))


def test_a_short_pepper_stops_the_start(secrets: Path) -> None:
    (secrets / "pepper").write_text("short")
    with pytest.raises(ConfigurationError, match="pepper: shorter than 32 characters"):
        from_environment(environment("live", secrets))


def test_a_folder_of_secrets_that_is_not_there_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="LONGWAVE_SECRETS: there is no folder"):
        from_environment(environment("sandbox", tmp_path / "nowhere"))


def test_systemds_credentials_come_before_our_own_folder(secrets: Path, tmp_path: Path) -> None:
    given = tmp_path / "credentials"
    given.mkdir()
    (given / "pepper").write_text("c" * 32)
    found = from_environment({**environment("live", secrets), "CREDENTIALS_DIRECTORY": str(given)})
    assert found.secrets.pepper == "c" * 32


@pytest.mark.parametrize("url", ["shop.example", "https://shop.example/path", "ftp://shop.example", "https://"])
def test_an_address_that_is_no_origin_stops_the_start(secrets: Path, url: str) -> None:
    with pytest.raises(ConfigurationError, match="LONGWAVE_URL"):
        from_environment(environment("live", secrets, URL=url))


def test_live_money_needs_https(secrets: Path) -> None:
    with pytest.raises(ConfigurationError, match="not safe for real money"):
        from_environment(environment("live", secrets, URL="http://shop.example"))


@pytest.mark.parametrize(("folder", "file", "exposed"), [
    (0o755, 0o600, False), (0o755, 0o640, True), (0o755, 0o604, True), (0o700, 0o644, False), (0o750, 0o604, False),
    (0o750, 0o640, True), (0o711, 0o444, True),
])  # fmt: skip
def test_a_secret_that_others_can_read_stops_the_start_with_real_money(
    secrets: Path, folder: int, file: int, *, exposed: bool
) -> None:
    for path in secrets.iterdir():
        path.chmod(0o400)
    (secrets / "pepper").chmod(file)
    secrets.chmod(folder)
    assert from_environment(environment("test", secrets)).secrets.exposed == (("pepper",) if exposed else ())
    if exposed:
        with pytest.raises(ConfigurationError, match="pepper: others than its owner can read") as refused:
            from_environment(environment("live", secrets))
        assert len(refused.value.problems) == 1
    else:
        from_environment(environment("live", secrets))


def test_who_reads_systemds_credentials_is_systemds_business(secrets: Path) -> None:
    secrets.chmod(0o755)
    found = from_environment({**environment("live", secrets), "CREDENTIALS_DIRECTORY": str(secrets)})
    assert found.secrets.exposed == ()


def test_secrets_are_never_printed(secrets: Path) -> None:
    (secrets / "stripe_key").write_text("sk_live_abc")
    settings = from_environment(environment("live", secrets))
    assert "abc" not in repr(settings) + str(settings)


def test_the_example_names_every_setting_and_no_other_with_its_default() -> None:
    written = dict(re.findall(r"^LONGWAVE_(\w+)=(.*)$", EXAMPLE, re.MULTILINE))
    assert set(written) == {name.upper() for name in (*NAMES, "secrets")}
    defaults = Settings()
    for name in NAMES:
        default = getattr(defaults, name)
        assert written[name.upper()] == (str(default).lower() if isinstance(default, bool) else str(default))


def test_the_example_explains_every_secret() -> None:
    assert set(re.findall(r"^#   (\w+)  ", EXAMPLE, re.MULTILINE)) == set(FILES)
