"""`longwave doctor`: says of everything whether it is well, and ends with what to do next."""

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from msgspec.structs import replace

from api.times import now_utc
from api.usecases import diagnosis, reconciliation
from tests.api import process
from tests.api.shop import THURSDAY, Shop
from tests.command import longwave

Doctor = Callable[..., "CompletedProcess[str]"]


@pytest.fixture
def doctor(shop: Shop) -> Doctor:
    settings = shop.service.settings
    shop.clock.now = now_utc()

    def run(*args: str, **more: str) -> "CompletedProcess[str]":
        given = {"STRIPE_API": shop.stripe.url, "URL": settings.url, **more}
        env = process.settings_of(settings.data.parent, **given)
        return longwave("doctor", *args, env=env)

    return run


def test_a_shop_that_is_well_has_nothing_to_do(shop: Shop, doctor: Doctor) -> None:
    shop.run(lambda: reconciliation.hourly(shop.service))
    shop.run(lambda: reconciliation.daily(shop.service))
    told = doctor()
    assert (told.returncode, told.stderr) == (0, ""), told.stdout
    assert told.stdout.endswith("All is well; there is nothing to do.\n")
    assert "ok     catalogue: 4 courses, 1 bundles, usd, tax none" in told.stdout


def test_what_is_wrong_comes_with_what_to_do(shop: Shop, doctor: Doctor) -> None:
    shop.buy(shop.owner(), THURSDAY)
    with shop.service.database.transaction() as db:
        db.execute("UPDATE events SET state = 'failed', last_error = 'the moon'")
        db.execute("UPDATE outbox SET created_at = '2020-01-01T00:00:00.000Z', last_error = 'relay asleep'")
    told = doctor()
    assert told.returncode == 1
    assert "TO DO  events: 0 wait, 1 failed; the first: the moon" in told.stdout
    assert "longwave admin replay --failed" in told.stdout
    assert "relay asleep" in told.stdout
    assert "longwave admin reconcile --daily" in told.stdout


def test_stripe_away_and_a_damaged_catalogue_are_told(shop: Shop, doctor: Doctor) -> None:
    shop.service.settings.catalog.write_text("{")
    told = json.loads(doctor("--json", STRIPE_API="http://127.0.0.1:9").stdout)
    wrong = {check["name"] for check in told if check["remedy"]}
    assert {"catalogue", "stripe"} <= wrong


def test_a_key_of_the_wrong_mode_stops_it(doctor: Doctor) -> None:
    told = doctor(MODE="live")
    assert told.returncode == 1 and "LONGWAVE_SMTP_HOST: missing" in told.stderr


def test_a_secret_that_others_can_read_is_told(doctor: Doctor, tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    folder.mkdir()
    (folder / "pepper").write_text("p" * 32)
    (folder / "pepper").chmod(0o644)
    told = doctor(SECRETS=str(folder))
    assert "TO DO  secrets: others than their owner can read pepper" in told.stdout
    assert told.returncode == 1
    (folder / "pepper").chmod(0o400)
    assert "ok     secrets: nobody but their owner" in doctor(SECRETS=str(folder)).stdout


def test_a_relay_that_cannot_be_reached_is_told(shop: Shop) -> None:
    settings = replace(shop.service.settings, mode="test", smtp_host="127.0.0.1", smtp_port=9)
    checks = shop.run(lambda: diagnosis.examine(replace(shop.service, settings=settings)))
    (relay,) = [check for check in checks if check.name == "mail relay"]
    assert "127.0.0.1:9 cannot be reached" in relay.found and relay.remedy


def test_it_has_help_with_an_example() -> None:
    assert "Example: longwave doctor" in longwave("doctor", "--help").stdout


def test_a_video_that_is_nowhere_is_told(doctor: Doctor, tmp_path: Path) -> None:
    told = doctor(PRIVATE_MEDIA=str(tmp_path))
    assert told.returncode == 1
    assert "TO DO  videos: 17 of 17 are not in" in told.stdout and "set LONGWAVE_PRIVATE_MEDIA" in told.stdout
