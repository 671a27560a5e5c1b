"""What the service says of itself in its figures: what waits, what failed, what it wants a person to look at. Knows no database."""

import http.client
import re
import urllib.request

from deploy.watch.outside import Finding

SECONDS_MAX = 5
LINE = re.compile(r'^(longwave_\w+)(?:\{(?:\w+)="([^"]*)"\})? ([0-9.e+-]+)$', re.M)
# How many may wait, and what to do about more.
QUEUES = {
    "mails": (50, "See whether the relay takes mail: longwave doctor; what waits goes out by itself"),
    "events": (200, "See that the service runs and the disk has room: longwave doctor"),
    "failed_events": (0, "Mend the reason, then: longwave admin replay --failed; see longwave doctor"),
}
Figures = dict[tuple[str, str], float]


def look(*, port: int, before: Figures) -> tuple[list[Finding], Figures]:
    """Findings, and the counts of alarms to hand in as `before` next time: one that has grown since is new."""
    try:
        figures = _figures(port)
    except (OSError, http.client.HTTPException, ValueError) as error:
        remedy = "longwave server status; journalctl -u 'longwave-api-*' -n 50"
        return [Finding("service", f"its figures do not answer: {type(error).__name__}", remedy)], before
    findings = [Finding("service", "answers"), *_queues(figures), _catalogue(figures)]
    alarms = {key: value for key, value in figures.items() if key[0] == "longwave_alarms_total"}
    grown = sorted(kind for (name, kind), value in alarms.items() if value > before.get((name, kind), 0))
    remedy = "longwave doctor; the log has more: journalctl -u 'longwave-api-*' -p err"
    findings.append(Finding("service's alarms", ", ".join(grown) or "none is new", remedy if grown else ""))
    return findings, alarms


def _figures(port: int) -> Figures:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=SECONDS_MAX) as answer:
        text = answer.read().decode()
    return {(name, label): float(value) for name, label, value in LINE.findall(text)}


def _queues(figures: Figures) -> list[Finding]:
    findings = []
    for queue, (allowed, remedy) in QUEUES.items():
        count = int(figures.get(("longwave_backlog", queue), 0))
        findings.append(Finding(f"queue of {queue}", f"{count} wait", remedy if count > allowed else ""))
    return findings


def _catalogue(figures: Figures) -> Finding:
    is_damaged = bool(figures.get(("longwave_catalog_damaged", ""), 0))
    said = "cannot be used as it stands; the last good one is" if is_damaged else "in use"
    return Finding("catalogue", said, "Publish again: longwave publish" if is_damaged else "")
