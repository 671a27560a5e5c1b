"""After a restore, when the service runs again: what the old machine sold and could not send away any more is fetched from Stripe.

It compares from a day before the loss on; the command that does so is the service's own.
"""

import datetime as dt
import subprocess
from pathlib import Path

import msgspec
from msgspec import Struct

from deploy.backup.restoring import Result
from deploy.errors import DeployError

AS_SERVICE = Path("/opt/longwave/bin/longwave-service")
BEFORE = dt.timedelta(days=1)


class Reconciled(Struct, frozen=True, kw_only=True):
    """What the comparison said, and each order that it made anew or put right, with how."""

    said: list[str]
    ids: list[str]


def finish(restored: Result, *, note: Path, command: Path = AS_SERVICE) -> Reconciled:
    """What it says is kept in `note` too. Raises DeployError: then the same can be said again later."""
    since = f"{restored.changed - BEFORE:%Y-%m-%d}"
    words = [str(command), "admin", "reconcile", "--since", since, "--json"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        said = done.stderr.strip().removeprefix("Error: ")
        raise DeployError(
            f"Everything is back, but Stripe could not be asked: {said} Later: {command} admin reconcile --since {since}"
        )
    reconciled = msgspec.json.decode(done.stdout, type=Reconciled)
    note.write_bytes(msgspec.json.encode(reconciled))
    return reconciled


def sentences(restored: Result, reconciled: Reconciled) -> list[str]:
    return [
        f"Restored from {restored.source}: everything up to {restored.changed:%Y-%m-%d %H:%M:%S} UTC, "
        f"{restored.lost_seconds_max} s before the restore began. What the old machine took in after that is lost, "
        "unless Stripe knows it:",
        *reconciled.said,
    ]
