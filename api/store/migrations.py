"""Brings a database file to this release's tables: only adds, one process at a time, keeps a copy before it touches a used file.

Release N runs on the tables of N and of N+1; what nobody needs any more goes a release later. There is no way back but the copy.
"""

import datetime as dt
import fcntl
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import sqlite_utils
from msgspec import Struct
from sqlite_utils import Migrations

from api.store import schema, sync_schema
from api.store.database import connect

SNAPSHOTS = "snapshots"  # beside the database

shop = Migrations("shop")


@shop(name="0001_tables")
def _tables(db: sqlite_utils.Database) -> None:
    for statement in schema.SHOP:
        db.conn.execute(statement)


sync = Migrations("sync")


@sync(name="0001_tables")
def _sync_tables(db: sqlite_utils.Database) -> None:
    for statement in sync_schema.SYNC:
        db.conn.execute(statement)


@sync(name="0002_epochs")
def _epochs(db: sqlite_utils.Database) -> None:
    for statement in sync_schema.EPOCHS:
        db.conn.execute(statement)


@sync(name="0003_behind")
def _behind(db: sqlite_utils.Database) -> None:
    for statement in sync_schema.BEHIND:
        db.conn.execute(statement)


class Migrated(Struct, frozen=True):
    """Names of the steps that were applied, and the copy made before them (None for a new file)."""

    applied: tuple[str, ...]
    snapshot: Path | None


def migrate(path: Path, *, now: dt.datetime, migrations: Migrations = shop) -> Migrated:
    """Applies what is missing; safe to repeat and to run twice at once. Raises sqlite3.Error."""
    with _alone(path), closing(connect(path)) as db:
        tables = sqlite_utils.Database(db, execute_plugins=False)
        missing = tuple(step.name for step in migrations.pending(tables))
        if not missing:
            return Migrated((), None)
        snapshot = _snapshot(db, path, now=now) if tables.table_names() else None
        migrations.apply(tables)
        return Migrated(missing, snapshot)


def migrate_all(shop_file: Path, sync_file: Path, *, now: dt.datetime) -> tuple[Migrated, Migrated]:
    """Both files of the service. Raises sqlite3.Error, which names the file."""
    return _named(shop_file, shop, now=now), _named(sync_file, sync, now=now)


def _named(path: Path, migrations: Migrations, *, now: dt.datetime) -> Migrated:
    try:
        return migrate(path, now=now, migrations=migrations)
    except sqlite3.Error as error:
        raise type(error)(f"{path}: {error}") from error


def pending(db: sqlite3.Connection, migrations: Migrations = shop) -> tuple[str, ...]:
    """Names of the steps that the file behind `db` still lacks."""
    return tuple(step.name for step in migrations.pending(sqlite_utils.Database(db, execute_plugins=False)))


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Holds other processes back; the lock goes with the process, however it ends."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with path.with_suffix(".migrating").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        path.touch(mode=0o600)  # nobody else's to read, whoever makes it; SQLite gives its other files the same mode
        yield


def _snapshot(db: sqlite3.Connection, path: Path, *, now: dt.datetime) -> Path:
    folder = path.parent / SNAPSHOTS
    folder.mkdir(mode=0o700, exist_ok=True)
    kept = folder / f"{path.stem}-{now:%Y%m%dT%H%M%S}{now.microsecond // 1000:03d}Z.sqlite"
    with closing(sqlite3.connect(kept)) as copy:
        db.backup(copy)
    kept.chmod(0o600)
    return kept
