"""Has the site built again at the moment when something comes out or ends, and not before. Knows when, not what.

The moment stands in a file that is watched from outside, too. A timer of systemd's is set for it after every publish, and at boot,
when the moment may have been slept over.
"""

import datetime as dt
import subprocess
from collections.abc import Callable

from deploy.errors import DeployError
from deploy.server import states

TIMER, SERVICE = "longwave-due", "longwave-scheduled.service"
AGAIN_SECONDS = 60
"""Until a build that failed is tried again."""


def plan(due: dt.datetime | None, *, now: dt.datetime | None = None) -> None:
    """Writes the moment down and has the clock wake us then. A build never waits for a moment that is past: it was of now."""
    moment = now or dt.datetime.now(dt.UTC)
    ahead = max(due, moment + dt.timedelta(seconds=1)) if due else None
    states.record_due(ahead, now=moment)
    arm(ahead)


def run(build: Callable[[], None], *, now: dt.datetime) -> bool:
    """Builds when something is due, which plans the next; False when there was nothing to do yet.

    Raises DeployError when the build failed, which is tried again in a minute.
    """
    due = states.due()
    if due is None or due > now:
        arm(due)
        return False
    try:
        build()
    except DeployError as error:
        states.record_due(due, now=now, ok=False, detail=str(error).partition("\n")[0])
        arm(now + dt.timedelta(seconds=AGAIN_SECONDS))
        raise
    return True


def arm(moment: dt.datetime | None) -> None:
    """Takes the place of what was armed before; None disarms."""
    subprocess.run(["systemctl", "stop", f"{TIMER}.timer"], check=False, capture_output=True)
    if moment is None:
        return
    calendar = moment.astimezone(dt.UTC) + (dt.timedelta(seconds=1) if moment.microsecond else dt.timedelta())
    words = [
        "systemd-run",
        "--quiet",
        "--collect",
        f"--unit={TIMER}",
        f"--on-calendar={calendar:%Y-%m-%d %H:%M:%S} UTC",
    ]
    words += ["--timer-property=AccuracySec=100ms"]
    subprocess.run([*words, "systemctl", "start", "--no-block", SERVICE], check=True, capture_output=True)
