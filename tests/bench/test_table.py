"""The table says plainly what was reached and what was missed."""

import pytest

from tests.bench.builds import Addition
from tests.bench.serving import Throughput
from tests.bench.table import MET, MISSED, UNKNOWN, Results, markdown
from tests.bench.timing import Took


def took(seconds: float, *, peak_kib: int = 100_000) -> Took:
    return Took(seconds=seconds, cpu_seconds=seconds, peak_kib=peak_kib)


def verdicts(results: Results) -> list[str]:
    return [row.split(" | ")[-1].removesuffix(" |") for row in markdown(results).splitlines()[2:]]


@pytest.mark.parametrize(
    ("title", "hugo", "verdict"), [(0.9, 6.0, MET), (1.1, 9.0, MISSED), (0.9, 5.0, MISSED), (0.9, None, UNKNOWN)]
)
def test_an_edit_is_held_against_the_clock_and_against_hugo(title: float, hugo: float | None, verdict: str) -> None:
    peer = {} if hugo is None else {"hugo": took(hugo)}
    rows = markdown(Results(builds={**peer, "title": took(title)})).splitlines()
    assert next(row for row in rows if "title" in row).endswith(f"| {verdict} |")


def test_the_largest_process_of_ours_counts_and_hugo_s_does_not() -> None:
    builds = {"hugo": took(6, peak_kib=700_000), "unchanged": took(0.5, peak_kib=320_000)}
    assert verdicts(Results(builds=builds))[-1] == MISSED
    assert "| 328 MB |" in markdown(Results(builds=builds)).splitlines()[-1]


def test_a_needless_change_is_named() -> None:
    table = markdown(Results(builds={}, addition=Addition(30, ("404.html",), took(0.8))))
    assert "30, 1 do not print it: `404.html`" in table
    assert MISSED in table


def test_our_nginx_is_judged_beside_the_bare_one() -> None:
    slow = Throughput(ours=70, bare=100, cached=120, to_bare=0.7, to_cached=0.58)
    assert verdicts(Results(builds={}, throughput=slow)) == [MISSED, ""]
