"""The service as a process, for systemd and `longwave serve`. Settings come from the environment alone."""

import argparse
import os
import sqlite3
import sys

import structlog

from api import logs, serving, settings, times
from api.app import create_app
from api.errors import ConfigurationError
from api.store import migrations

WRONG_SETTINGS = 78  # EX_CONFIG of sysexits.h: trying again would not help
CANNOT_START = 1


def main() -> int:
    arguments = _arguments()
    os.umask(0o077)  # what it writes is for its own user alone
    logs.configure(for_good=True)
    log = structlog.get_logger()
    try:
        chosen = settings.from_environment()
        listener = serving.listening(port=arguments.port, fd=arguments.fd)
        migrations.migrate_all(chosen.shop, chosen.sync, now=times.now_utc())
        app = create_app(chosen)
    except ConfigurationError as error:
        print("The service cannot start:", *error.problems, sep="\n  ", file=sys.stderr)
        return WRONG_SETTINGS
    except (OSError, sqlite3.Error) as error:
        print(f"The service cannot start: {error}", file=sys.stderr)
        return CANNOT_START
    log.info("started", mode=chosen.mode, at=serving.where(listener))
    started = serving.serve(app, chosen, listener)
    log.info("ended")
    return 0 if started else CANNOT_START


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m api", description="Run the service on a loopback port.")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--port", type=int, default=8080, help="the loopback port to listen on [default: 8080]")
    where.add_argument("--fd", type=int, help="a socket that already listens, as systemd passes it: 3")
    return parser.parse_args()
