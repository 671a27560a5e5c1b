"""Run by a timer: sees that the current release's service runs, unless it is meant to rest, and that the other colour does not."""

import sys

from deploy.errors import DeployError
from deploy.server import audit, colours, deadman, maintenance, releases
from deploy.server.audit import Busy


def main() -> int:
    try:
        with audit.lock("longwave-revive", seconds=0):
            _look()
    except Busy:  # who changes the server sees to the service too
        return 0
    except DeployError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _look() -> None:
    serving = releases.current()
    if serving is None or deadman.pending() or maintenance.state().is_on:
        return
    if not colours.is_running(serving.colour):
        colours.revive(serving)
        print(f"started the service of {serving.id} again")
    if colours.is_running(colours.other(serving.colour)):
        colours.stop(colours.other(serving.colour))


if __name__ == "__main__":
    sys.exit(main())
