"""What the unprivileged half leaves behind for the privileged one: the newest certificate, and what went wrong last."""

import datetime as dt
from pathlib import Path

import msgspec
from msgspec import Struct

from deploy.server.certificate import Pair

STATE = Path("/var/lib/longwave-certificate")
ISSUED = Pair(STATE / "issued/chain.pem", STATE / "issued/key.pem")
AGAIN = STATE / "again"
FAILURE = STATE / "failure.json"
NEVER = dt.datetime.fromtimestamp(0, dt.UTC)
SAID_MAX = 500
WAIT_MAX_HOURS = 12


class Failure(Struct, frozen=True, kw_only=True):
    """`count` in a row, the last `at`, and what was `said` then."""

    count: int = 0
    at: dt.datetime = NEVER
    said: str = ""

    @property
    def not_before(self) -> dt.datetime:
        """When to try again: authorities refuse whoever asks too often."""
        return self.at + dt.timedelta(hours=min(2**self.count / 2, WAIT_MAX_HOURS)) if self.count else NEVER


def last_failure() -> Failure:
    """Nothing when all is well. Its text is cut and printable: its writer has less rights than its readers."""
    try:
        found = msgspec.json.decode(FAILURE.read_bytes(), type=Failure)
    except (OSError, msgspec.MsgspecError):
        return Failure()
    return msgspec.structs.replace(found, said="".join(filter(str.isprintable, found.said))[:SAID_MAX])


def note_failure(said: str, *, now: dt.datetime) -> None:
    failure = Failure(count=last_failure().count + 1, at=now, said=said)
    FAILURE.write_bytes(msgspec.json.encode(failure))


def note_success() -> None:
    FAILURE.unlink(missing_ok=True)
