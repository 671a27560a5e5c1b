"""The service's writing as a process: `python -m tests.deploy.writer shop|sync FILE FIRST`. Prints a number once it is on disk.

It writes through the service's own database, with its checkpoints; now and then it removes, compacts and vacuums.
"""

import asyncio
import datetime as dt
import sys
from pathlib import Path
from sqlite3 import Connection

from api.store import migrations
from api.store.database import Database

PAUSE_SECONDS = 0.005
TABLE = "CREATE TABLE IF NOT EXISTS written (number INTEGER PRIMARY KEY, filler TEXT NOT NULL)"


async def write(database: Database, first: int) -> None:
    number = first
    while True:
        await database.write(lambda db, number=number: insert(db, number))  # type: ignore[misc]
        print(number, flush=True)
        number += 1
        await asyncio.sleep(PAUSE_SECONDS)


def insert(db: Connection, number: int) -> None:
    db.execute(TABLE)
    db.execute("INSERT INTO written VALUES (?, hex(randomblob(400)))", (number,))
    if number % 200 == 0:
        db.execute("UPDATE written SET filler = '' WHERE number % 3 = 0")


def main() -> None:
    kind, file, first = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    chosen = migrations.shop if kind == "shop" else migrations.sync
    migrations.migrate(file, now=dt.datetime.now(dt.UTC), migrations=chosen)
    database = Database(file, synchronous="FULL" if kind == "shop" else "NORMAL")
    database.open()
    asyncio.run(write(database, first))


if __name__ == "__main__":
    main()
