"""The results as a Markdown table beside what was to be reached; it measures nothing."""

from msgspec import Struct

from tests.bench.builds import Addition
from tests.bench.serving import Throughput
from tests.bench.timing import Took

NAMES = {
    "sample": "sample site, cold",
    "hugo": "Hugo's full build of the same text, nothing compressed",
    "cold": "cold build: all formats, gzip on every text, brotli on HTML",
    "unchanged": "nothing changed",
    "title": "one episode's title edited",
    "template": "one shared template edited",
    "added": "files touched when one episode is added",
    "nginx": "nginx with our full configuration",
}
SECONDS_MAX = {"title": 1.0, "unchanged": 0.6, "sample": 3.0}
HUGO_MAX = {"title": 1 / 6, "template": 3.0, "cold": 5.0}
LIMITS = {
    "sample": "3 s",
    "cold": "5 times Hugo",
    "unchanged": "0.6 s",
    "title": "1.0 s and 1/6 of Hugo",
    "template": "3 times Hugo",
}
PEAK_MB_MAX = 300
BARE_NGINX_MIN = 0.8
KIB = 1024
HEAD = ("what", "to reach", "reached", "to Hugo", "processor", "largest process", "")
MET, MISSED, UNKNOWN = "met", "**missed**", "Hugo not run"


class Results(Struct, frozen=True, kw_only=True):
    """What was measured, by the names above; what was not run is absent."""

    builds: dict[str, Took]
    addition: Addition | None = None
    throughput: Throughput | None = None


def markdown(results: Results) -> str:
    """A table of one row for each thing measured, in the order of the names, then what it may be read against."""
    rows = [HEAD, ("---",) * len(HEAD), *_build_rows(results.builds)]
    if results.addition:
        rows.append(_addition_row(results.addition))
    if peaks := [took.peak_kib for name, took in results.builds.items() if name != "hugo"]:
        rows.append(_peak_row(max(peaks)))
    if results.throughput:
        rows.extend(_throughput_rows(results.throughput))
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


Row = tuple[str, ...]


def _build_rows(builds: dict[str, Took]) -> list[Row]:
    hugo = builds["hugo"].seconds if "hugo" in builds else None
    return [_build_row(name, builds[name], hugo=hugo) for name in NAMES if name in builds]


def _build_row(name: str, took: Took, *, hugo: float | None) -> Row:
    compared = hugo is not None and name in HUGO_MAX
    return (
        NAMES[name],
        LIMITS.get(name, ""),
        _seconds(took.seconds),
        f"{took.seconds / hugo:.2f}" if hugo and compared else "",
        _seconds(took.cpu_seconds),
        f"{_megabytes(took.peak_kib):.0f} MB",
        _verdict(name, took.seconds, hugo=hugo),
    )


def _verdict(name: str, seconds: float, *, hugo: float | None) -> str:
    if name not in LIMITS:
        return ""
    if seconds > SECONDS_MAX.get(name, seconds):
        return MISSED
    if name not in HUGO_MAX:
        return MET
    if hugo is None:
        return UNKNOWN
    return MET if seconds <= HUGO_MAX[name] * hugo else MISSED


def _addition_row(addition: Addition) -> Row:
    count = len(addition.needless)
    examples = ", ".join(f"`{name}`" for name in addition.needless[:3])
    reached = (
        f"{addition.touched}, all print it" if not count else f"{addition.touched}, {count} do not print it: {examples}"
    )
    took = addition.took
    return (
        NAMES["added"],
        "only those that print it",
        f"{reached} ({_seconds(took.seconds)})",
        "",
        _seconds(took.cpu_seconds),
        f"{_megabytes(took.peak_kib):.0f} MB",
        MISSED if count else MET,
    )


def _peak_row(peak_kib: int) -> Row:
    peak = _megabytes(peak_kib)
    return (
        "largest process of all builds",
        f"{PEAK_MB_MAX} MB",
        f"{peak:.0f} MB",
        "",
        "",
        "",
        _met(peak <= PEAK_MB_MAX),
    )


def _throughput_rows(through: Throughput) -> list[Row]:
    def reached(ratio: float, other: float) -> str:
        return f"{ratio:.2f} ({through.ours:,.0f} and {other:,.0f} requests/s)"

    met = _met(through.to_bare >= BARE_NGINX_MIN)
    beside = f"{NAMES['nginx']}, beside a bare one"
    return [
        (beside, f"{BARE_NGINX_MIN}", reached(through.to_bare, through.bare), "", "", "", met),
        (f"{beside} with an open-file cache", "", reached(through.to_cached, through.cached), "", "", "", ""),
    ]


def _met(reached: bool) -> str:
    return MET if reached else MISSED


def _seconds(value: float) -> str:
    return f"{value:.2f} s" if value < 10 else f"{value:.1f} s"


def _megabytes(kib: int) -> float:
    return kib * KIB / 1_000_000
