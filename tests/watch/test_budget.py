"""The error budget and its alarms, reckoned from counted requests; and the commands that say so."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from deploy.cli_watch import budget as budget_command
from deploy.cli_watch import stats as stats_command
from deploy.watch import budget, counting
from deploy.watch.access_log import Request
from deploy.watch.budget import Budget
from deploy.watch.counting import Sums
from tests.watch.lines import LISTENER, line, write
from tests.watch.test_figures import EPISODE

NOW = datetime(2026, 11, 16, 0, 0, tzinfo=UTC)  # half of November is over
PER_MINUTE = 200


def reckoned(bad_at: range, *, bad: int = 1, per_minute: int = PER_MINUTE) -> Budget:
    """So many requests a minute for half a month, of which in the minutes before now that `bad_at` names some went wrong."""

    def between(begin: datetime, end: datetime) -> Sums:
        minutes = range(round((NOW - end).total_seconds()) // 60, round((NOW - begin).total_seconds()) // 60)
        return Sums(requests=per_minute * len(minutes), failed=bad * len(set(minutes) & set(bad_at)))

    return budget.reckon(between, now=NOW)


def alarming(found: Budget) -> list[str]:
    return [burn.name for burn in found.burns if burn.is_alarming]


def test_half_a_month_has_the_budget_of_a_whole_one() -> None:
    found = reckoned(range(0))
    assert (found.month, found.requests, found.allowed) == ("2026-11", PER_MINUTE * 60 * 24 * 15, 864)
    assert (found.availability, found.spent, alarming(found)) == (1.0, 0.0, [])


def test_what_is_spent_is_a_share_of_the_month_s_budget() -> None:
    assert reckoned(range(10_000, 10_432)).spent == pytest.approx(0.5)


def test_an_outage_is_told_within_minutes() -> None:
    assert "fast" in alarming(reckoned(range(5), bad=PER_MINUTE))


def test_an_outage_that_is_over_is_told_no_more() -> None:
    assert "fast" not in alarming(reckoned(range(10, 20), bad=PER_MINUTE))


def test_a_slow_leak_is_told_too() -> None:
    assert alarming(reckoned(range(0, 4320, 20))) == ["slow"]


def test_a_single_failure_in_a_quiet_hour_is_no_outage() -> None:
    assert alarming(reckoned(range(1), bad=9, per_minute=2)) == []
    assert "fast" in alarming(reckoned(range(1), bad=10, per_minute=2))


@pytest.mark.parametrize(
    ("fields", "is_late"),
    [
        ({"service": "0.120"}, False),
        ({"service": "2.500"}, True),
        ({"service": "1.200 : 1.100"}, True),
        ({"service": "-"}, False),
        ({"service": "", "seconds": 900, "kind": "media"}, False),
        ({"status": 499, "seconds": 3.0, "kind": "other"}, True),
        ({"status": 499, "seconds": 300, "kind": "media"}, False),
    ],
)
def test_only_the_service_s_own_time_counts(fields: dict[str, object], is_late: bool) -> None:
    request = msgspec.json.decode(line(NOW, "/api/x", **fields), type=Request)
    assert counting.is_late(request) == is_late


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    now = datetime.now(UTC)
    yesterday = now - timedelta(days=1)
    good = [line(now, client="browser") for _ in range(85)]
    bad = [line(now - timedelta(minutes=2), "/api/x", status=502, client="app") for _ in range(15)]
    heard = line(yesterday, EPISODE, bytes=2_000_000, **LISTENER)
    crawled = line(
        now, EPISODE, bytes=9_000_000, client="ai", after="1000000", rate="2000000", limit="REJECTED_DRY_RUN"
    )
    yield write(tmp_path / "access.json", *good, *bad, heard, crawled)


def test_the_commands_count_any_log(log: Path) -> None:
    done = CliRunner().invoke(stats_command, ["--log", str(log), "--json"])
    found = json.loads(done.output)
    assert done.exit_code == 0
    assert (found["downloads"], found["by_app"], found["total"]["failed"]) == (1, [["AntennaPod", 1]], 15)
    crawler = next(client for client in found["clients"] if client["name"] == "ai")
    assert (crawler["would_refuse"], crawler["slowed"], crawler["bytes"]) == (1, 1, 9_000_000)


def test_people_are_told_the_same_in_words(log: Path) -> None:
    done = CliRunner().invoke(stats_command, ["--log", str(log)])
    assert "1 downloads" in done.output
    assert "AntennaPod" in done.output
    assert "would be" in done.output


def test_a_budget_spent_too_fast_is_exit_code_1(log: Path, tmp_path: Path) -> None:
    done = CliRunner().invoke(budget_command, ["--log", str(log)])
    assert (done.exit_code, "ALARM" in done.output) == (1, True)
    well = write(tmp_path / "well.json", line(datetime.now(UTC)))
    assert CliRunner().invoke(budget_command, ["--log", str(well)]).exit_code == 0


def test_without_figures_one_is_told_where_they_come_from(tmp_path: Path) -> None:
    done = CliRunner().invoke(stats_command, ["--figures", str(tmp_path / "none.sqlite")])
    assert (done.exit_code, "longwave-watch.timer" in done.output, "--log" in done.output) == (1, True, True)
