"""Whether the machine's jobs ran when they should have, by what they left behind (states.py). Runs none of them."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from deploy.watch.outside import Finding
from deploy.watch.states import State

DUE_LATE = timedelta(minutes=2)
# How old the last good run may be, and what to do.
BACKUPS = {
    "backup": (timedelta(hours=26), "journalctl -u longwave-backup -n 50; then longwave backup --now"),
    "rehearsal": (
        timedelta(days=8),
        "journalctl -u longwave-rehearsal -n 50; a backup that cannot be restored is none",
    ),
}
SCHEDULED = "journalctl -u longwave-scheduled -u longwave-build -n 50; then push again"


def look(states: Mapping[str, State], *, since: datetime, now: datetime, has_backup: bool) -> list[Finding]:
    """`since`: when this machine began to be watched; a job that never ran is late as long after that."""
    findings = []
    if has_backup:
        findings += [_job(kind, states.get(kind), since=since, now=now) for kind in BACKUPS]
    known = {*BACKUPS, "scheduled", "publish"}  # what is wrong with a push its editor is told
    findings += [_last(state) for kind, state in states.items() if kind not in known]
    if scheduled := states.get("scheduled"):
        findings.append(_scheduled(scheduled, now=now))
    return findings


def _job(kind: str, state: State | None, *, since: datetime, now: datetime) -> Finding:
    allowed, remedy = BACKUPS[kind]
    if state is None:
        is_late = now - since > allowed
        return Finding(kind, "has never run", remedy if is_late else "")
    said = f"{state.at:%Y-%m-%d %H:%M} UTC, {state.seconds:.0f} s{f': {state.detail}' if state.detail else ''}"
    if not state.ok:
        return Finding(kind, f"failed at {said}", remedy)
    return Finding(kind, said, remedy if now - state.at > allowed else "")


def _last(state: State) -> Finding:
    remedy = "" if state.ok else f"journalctl -u 'longwave-{state.kind}*' -n 50"
    return Finding(state.kind, state.detail or ("well" if state.ok else "failed"), remedy)


def _scheduled(state: State, *, now: datetime) -> Finding:
    if not state.ok:
        return Finding("scheduled", f"the build failed: {state.detail}", SCHEDULED)
    if state.due is None:
        return Finding("scheduled", "nothing waits for its time")
    is_late = now - state.due > DUE_LATE
    return Finding("scheduled", f"the next appears at {state.due:%Y-%m-%d %H:%M} UTC", SCHEDULED if is_late else "")
