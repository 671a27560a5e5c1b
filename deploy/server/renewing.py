"""From a wish for a certificate to the one that is served: asks the unit without rights for it, then serves what has come, as root.

`python -I -m deploy.server.renewing` is what that unit does at its end, when it failed too.
"""

import datetime as dt
import sys
from collections.abc import Callable
from pathlib import Path

from deploy.errors import DeployError
from deploy.server import acme_state, certificate, tls_files
from deploy.server.running import systemctl
from deploy.server.tls_files import Outcome

UNIT = "longwave-certificate.service"
SECONDS_MAX = 300


def renew_and_serve(configuration: Path, *, again: bool, clock: Callable[[], dt.datetime]) -> Outcome:
    wish = certificate.wish(configuration)
    if again and wish.kind == "acme":
        acme_state.AGAIN.touch()
        systemctl("start", UNIT, check=False, seconds=SECONDS_MAX)
    return tls_files.ensure(wish, now=clock())


def main() -> int:
    try:
        outcome = tls_files.ensure(certificate.wish(), now=dt.datetime.now(dt.UTC))
    except DeployError as error:
        print(error, file=sys.stderr)
        return 1
    if outcome.changed or outcome.problem:
        print(f"served until {outcome.not_after:%Y-%m-%d %H:%M} UTC. {outcome.problem}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
