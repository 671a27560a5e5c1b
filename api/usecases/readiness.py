"""Whether the service can do its work now: its database answers and is up to date, and it knows what is on sale."""

import sqlite3
from typing import Literal

from msgspec import Struct
from sqlite_utils import Migrations

from api.errors import AppError
from api.store import backlog as counts
from api.store import migrations
from api.store.database import Database
from api.usecases.service import Service


class Readiness(Struct, frozen=True):
    """Each check is 'ok' or says what is wrong; `sync`: the file of what is listened to.

    A damaged catalogue is no reason to stop while the last good one is there.
    """

    status: Literal["ready", "not ready"]
    database: str
    migrations: str
    catalog: str
    sync: str = "ok"


def check(service: Service) -> Readiness:
    database, missing = _database(service.database, migrations.shop)
    sync = next((said for said in _database(service.sync, migrations.sync) if said != "ok"), "ok")
    is_known, catalog = _catalog(service)
    ready = (database, missing, sync) == ("ok", "ok", "ok") and is_known
    return Readiness("ready" if ready else "not ready", database, missing, catalog, sync)


async def prove(service: Service) -> None:
    """Reads and writes as a request does. Raises, or never returns, when a request could not be answered either.

    What a fresh start would not mend, such as a missing catalogue, is no part of it.
    """
    for database in (service.database, service.sync):
        database.reader.execute("SELECT 1").fetchone()
        await database.write(lambda db: db.execute("SELECT 1").fetchone())


def backlog(service: Service) -> dict[str, int]:
    """How many rows of each queue wait for work."""
    return counts.waiting(service.database.reader)


def _database(database: Database, steps: Migrations) -> tuple[str, str]:
    try:
        missing = migrations.pending(database.reader, steps)
    except (sqlite3.Error, RuntimeError) as error:
        return f"does not answer: {type(error).__name__}", "unknown"
    return "ok", f"missing: {', '.join(missing)}" if missing else "ok"


def _catalog(service: Service) -> tuple[bool, str]:
    try:
        service.catalog.current()
    except AppError:
        return False, str(service.catalog.problem)
    problem = service.catalog.problem
    return True, f"{problem}. The last good one is in use." if problem else "ok"
