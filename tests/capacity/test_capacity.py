"""From a month's requests and bytes to a line, a machine and money; sums that can be checked by hand."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from deploy.capacity import needs, offers, profile
from deploy.capacity.offers import Cdn, Offer, Offers
from deploy.capacity.profile import Profile
from deploy.cli_capacity import capacity
from deploy.errors import DeployError
from deploy.watch import reading
from deploy.watch.figures import opened
from tests.watch.lines import LISTENER, line, write

REFERENCE = profile.read()
SMALL = Offer(
    name="small",
    cents=600,
    cores=2,
    memory_gigabytes=4,
    disk_gigabytes=100,
    port_megabits=1000,
    traffic_terabytes=10,
    terabyte_cents=100,
)
WIDE = Offer(name="wide", cents=20_000, cores=16, memory_gigabytes=64, disk_gigabytes=1000, port_megabits=10_000)
CDN = Cdn(name="cdn", terabyte_cents=1000, gigabyte_cents=2, least_cents=100)
TABLE = Offers(as_of=datetime(2026, 11, 27).date(), currency="EUR", servers=(WIDE, SMALL), cdns=(CDN,))


def test_the_reference_month_is_46_megabits_in_the_mean_and_20_times_it_fills_a_port() -> None:
    month = needs.of(REFERENCE)
    assert (round(month.requests_a_second, 1), round(month.mean_megabits)) == (3.4, 46)
    many = needs.of(profile.times(REFERENCE, 20))
    assert (round(many.requests_a_second), round(many.peak_requests_a_second), round(many.mean_megabits)) == (
        68,
        684,
        913,
    )


def test_a_new_episode_s_first_hour_is_a_burst_on_top() -> None:
    calm = needs.of(msgspec.structs.replace(REFERENCE, episode_downloads=0))
    month = needs.of(REFERENCE)
    # 40,000 downloads, a tenth of them in an hour, 60 MB each: 4,000 * 480 Mbit / 3600 s
    assert month.burst_megabits - calm.burst_megabits == pytest.approx(533.3, abs=0.1)
    assert month.peak_megabits == calm.peak_megabits == pytest.approx(45.6 * 2.5, abs=0.2)


def test_with_media_at_a_cdn_the_server_carries_the_rest() -> None:
    month = needs.of(REFERENCE, media="cdn")
    assert (month.terabytes, month.cdn_terabytes) == (0.4, 14.6)
    assert month.mean_megabits == pytest.approx(1.2, abs=0.1)
    assert month.disk_gigabytes < needs.of(REFERENCE).disk_gigabytes - 39


def test_a_month_costs_its_server_and_the_traffic_beyond_what_is_in_its_price() -> None:
    here, there = (offers.quotes(TABLE, needs.of(REFERENCE, media=place)) for place in ("server", "cdn"))
    assert (here[0].name, here[0].cents) == ("small", 600 + 5 * 100)
    assert (there[0].name, there[0].cents) == ("small + cdn", 600 + 14_600 + 80)


def test_a_cdn_costs_at_least_its_least() -> None:
    little = msgspec.structs.replace(REFERENCE, media_terabytes=0.01, media_gigabytes=0)
    assert offers.quotes(TABLE, needs.of(little, media="cdn"))[0].cents == 600 + 100


def test_a_server_that_is_too_small_is_no_bargain() -> None:
    cheap = msgspec.structs.replace(SMALL, terabyte_cents=0)
    table = msgspec.structs.replace(TABLE, servers=(cheap, WIDE))
    found = offers.quotes(table, needs.of(profile.times(REFERENCE, 20)))
    assert found[1].cents < found[0].cents
    assert [(quote.name, bool(quote.lacking)) for quote in found] == [("wide", False), ("small", True)]
    assert any("port 1,000" in lack for lack in found[1].lacking)
    assert any("cores 2" in lack for lack in found[1].lacking)


def test_a_narrow_line_stretches_the_first_hour_and_no_more() -> None:
    narrow = msgspec.structs.replace(SMALL, port_megabits=200)
    quote = offers.quotes(msgspec.structs.replace(TABLE, servers=(narrow,)), needs.of(REFERENCE))[0]
    assert (quote.lacking, quote.first_hour_minutes) == ((), round(60 * (45.6 + 533.3) / 160))


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    """Two days: a page every minute, and an episode every ten."""
    now, minutes = datetime.now(UTC), 2 * 24 * 60
    pages = [line(now - timedelta(minutes=minute), bytes=10_000) for minute in range(minutes)]
    audio = [
        line(now - timedelta(minutes=minute), "/media/a.0123abcd.mp3", bytes=60_000_000, **LISTENER)
        for minute in range(0, minutes, 10)
    ]
    yield write(tmp_path / "access.json", *sorted(pages + audio))


def test_a_month_is_measured_from_one_s_own_log(log: Path) -> None:
    now = datetime.now(UTC)
    with opened(":memory:") as figures:
        reading.read(figures, log, now=now, least_bytes=lambda _: 1)
        month = profile.measured(figures, now=now, media_gigabytes=5)
    assert month.media_terabytes == pytest.approx(60e6 * 6 * 24 * 30.4375 / 1e12, rel=0.01)
    assert month.requests == pytest.approx(66 * 24 * 30.4375, rel=0.01)
    assert (round(month.bytes_peak), round(month.requests_peak, 1), month.service_share) == (10, 1.8, 0)


def test_less_than_a_day_tells_nothing_of_a_month(tmp_path: Path) -> None:
    log = write(tmp_path / "access.json", line(datetime.now(UTC)))
    done = CliRunner().invoke(capacity, ["--log", str(log)])
    assert (done.exit_code, "Less than a day" in done.output, "--profile" in done.output) == (1, True, True)


def test_the_command_says_what_the_reference_needs_and_that_prices_are_invented(tmp_path: Path) -> None:
    done = CliRunner().invoke(capacity, ["--figures", str(tmp_path / "none")])
    assert done.exit_code == 0, done.output
    for said in ("9,000,000 requests and 15.0 TB", "912.6 mean", "invented examples", "media from a CDN costs"):
        assert said in done.output


def test_it_measures_a_log_and_is_read_by_programs(log: Path) -> None:
    done = CliRunner().invoke(capacity, ["--log", str(log), "--times", "1", "--json"])
    plans = json.loads(done.output)
    assert [plan["media"] for plan in plans] == ["server", "cdn"]
    assert plans[0]["profile"]["name"].startswith("measured in")


@pytest.mark.parametrize(
    ("text", "said"), [("requests = 1\n", "name"), ("nonsense = 1\n", "none.toml"), ("[", "none.toml")]
)
def test_a_profile_with_mistakes_is_told(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "none.toml").write_text(text)
    with pytest.raises(DeployError, match=said):
        profile.read(tmp_path / "none.toml")


def test_one_s_own_offers_take_the_place_of_the_examples(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (
        offers.EXAMPLES.read_text().replace("are_examples = true", "are_examples = false").replace("example ", "our ")
    )
    (tmp_path / "offers.toml").write_text(text)
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(capacity, ["--figures", "none"])
    assert "our small" in done.output
    assert "invented" not in done.output


def test_every_number_of_a_profile_is_explained() -> None:
    said = {row.split(" = ")[0] for row in profile.REFERENCE.read_text().splitlines() if " = " in row}
    assert said == set(Profile.__struct_fields__)
