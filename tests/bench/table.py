"""The results as a Markdown table beside what was to be reached; it measures nothing."""

from msgspec import Struct

from tests.bench.builds import Addition
from tests.bench.service import Figures
from tests.bench.serving import Throughput
from tests.bench.sync import Figures as SyncFigures
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
    "service": "the service",
    "sync": "podcast sync",
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
REST_MB_MAX, READY_SECONDS_MAX = 90, 1.0
BARE_JSON_MIN, P99_MS_MAX, EVENTS_MIN = 0.5, 25, 400
PUSHES_MIN, EMPTY_PULLS_MIN, P95_MS_MAX, RESTORE_MS_MAX = 450, 1_500, 50, 300
KIB = 1024
HEAD = ("what", "to reach", "reached", "to Hugo", "processor", "largest process", "")
MET, MISSED, UNKNOWN = "met", "**missed**", "Hugo not run"


class Results(Struct, frozen=True, kw_only=True):
    """What was measured, by the names above; what was not run is absent."""

    builds: dict[str, Took]
    addition: Addition | None = None
    throughput: Throughput | None = None
    service: Figures | None = None
    sync: SyncFigures | None = None


def markdown(results: Results) -> str:
    """A table of one row for each thing measured, in the order of the names, then what it may be read against."""
    rows = [HEAD, ("---",) * len(HEAD), *_build_rows(results.builds)]
    if results.addition:
        rows.append(_addition_row(results.addition))
    if peaks := [took.peak_kib for name, took in results.builds.items() if name != "hugo"]:
        rows.append(_peak_row(max(peaks)))
    if results.throughput:
        rows.extend(_throughput_rows(results.throughput))
    if results.service:
        rows.extend(_service_rows(results.service))
    if results.sync:
        rows.extend(_sync_rows(results.sync))
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


def _service_rows(service: Figures) -> list[Row]:
    def row(what: str, limit: str, reached: str, met: bool) -> Row:
        return (f"{NAMES['service']}: {what}", limit, reached, "", "", "", _met(met))

    rest, p99 = _megabytes(service.rest_kib), service.half_load_p99_milliseconds
    library = f"{service.to_bare:.2f} ({service.library:,.0f} and {service.bare:,.0f} requests/s)"
    restart = f"{service.restart_failed}, the slowest answer {service.restart_slowest_milliseconds / 1000:.1f} s"
    return [
        row("memory at rest", f"{REST_MB_MAX} MB", f"{rest:.0f} MB", rest <= REST_MB_MAX),
        row("start to ready", "1 s", _seconds(service.ready_seconds), service.ready_seconds <= READY_SECONDS_MAX),
        row("one's library, beside a bare JSON answer", f"{BARE_JSON_MIN}", library, service.to_bare >= BARE_JSON_MIN),
        row("library at half of that load, p99", f"{P99_MS_MAX} ms", f"{p99:.0f} ms", p99 <= P99_MS_MAX),
        row("events taken, on disk", f"{EVENTS_MIN}/s", f"{service.events:,.0f}/s", service.events >= EVENTS_MIN),
        row("failed requests through a restart at 70/s", "0", restart, service.restart_failed == 0),
    ]


def _sync_rows(sync: SyncFigures) -> list[Row]:
    def row(what: str, limit: str, reached: str, met: str = "") -> Row:
        return (f"{NAMES['sync']}: {what}", limit, reached, "", "", "", met)

    fifty = f"{sync.p95_milliseconds:.0f} ms ({sync.both:,.0f} requests/s, none failed)"
    steady = f"{sync.steady_p95_milliseconds:.0f} ms ({sync.both / 2:,.0f} requests/s)"
    restored = f"{sync.restore_milliseconds:.0f} ms, {sync.restored} episodes"
    pushes, pulls = f"{sync.pushes:,.0f}/s", f"{sync.empty_pulls:,.0f}/s"
    return [
        row("pushes of 30 actions, one client", f"{PUSHES_MIN}/s", pushes, _met(sync.pushes >= PUSHES_MIN)),
        row("empty pulls, one client", f"{EMPTY_PULLS_MIN}/s", pulls, _met(sync.empty_pulls >= EMPTY_PULLS_MIN)),
        row("push and pull, 50 clients, p95", f"{P95_MS_MAX} ms", fifty, _met(sync.p95_milliseconds <= P95_MS_MAX)),
        row("the same at half of that load, p95", "written down", steady, ""),
        row(
            "a new phone with 20,000 actions behind it",
            f"{RESTORE_MS_MAX} ms",
            restored,
            _met(sync.restore_milliseconds <= RESTORE_MS_MAX),
        ),
        *(
            row(
                f"{many.accounts:,} accounts, file and p95",
                "written down",
                f"{many.bytes / 1_000_000:,.0f} MB, {many.p95_milliseconds:.0f} ms",
            )
            for many in sync.many
        ),
    ]


def _met(reached: bool) -> str:
    return MET if reached else MISSED


def _seconds(value: float) -> str:
    return f"{value:.2f} s" if value < 10 else f"{value:.1f} s"


def _megabytes(kib: int) -> float:
    return kib * KIB / 1_000_000
