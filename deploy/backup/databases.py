"""Copies of SQLite databases in use, and what can be said of a database without knowing its tables."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from msgspec import Struct

from deploy.errors import DeployError

BUSY_SECONDS = 30
LITESTREAM = "_litestream_"  # its own tables, which no copy needs to have alike


class Table(Struct, frozen=True):
    """How many rows there are, and the greatest number that SQLite gave one (0 where it gives none)."""

    rows: int
    greatest: int


def copy(source: Path, target: Path) -> None:
    """A copy of one moment, made while others write. Raises DeployError."""
    target.unlink(missing_ok=True)
    try:
        with _opened(source) as db, closing(sqlite3.connect(target)) as copied:
            db.backup(copied)
            copied.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.Error as error:
        raise DeployError(f"{source} cannot be copied: {error}") from error
    target.chmod(0o600)


def tables(file: Path) -> dict[str, Table]:
    """Raises DeployError for what is no whole database."""
    try:
        with _opened(file) as db:
            found = db.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'table' ORDER BY name").fetchall()
            db.execute("BEGIN")
            ours = [(name, sql) for name, sql in found if not name.startswith(("sqlite_", LITESTREAM))]
            return {name: _table(db, name, has_numbers="WITHOUT ROWID" not in sql.upper()) for name, sql in ours}
    except sqlite3.Error as error:
        raise DeployError(f"{file} cannot be read: {error}") from error


def check(file: Path) -> None:
    """Raises DeployError unless SQLite finds nothing wrong with it and all rows lead where they say."""
    try:
        with _opened(file) as db:
            wrong = [row[0] for row in db.execute("PRAGMA integrity_check(5)") if row[0] != "ok"]
            wrong += [f"a row of {row[0]} leads nowhere" for row in db.execute("PRAGMA foreign_key_check")][:5]
    except sqlite3.Error as error:
        wrong = [str(error)]
    if wrong:
        raise DeployError(f"{file} is damaged: {'; '.join(wrong)}")


def _table(db: sqlite3.Connection, name: str, *, has_numbers: bool) -> Table:
    quoted = '"' + name.replace('"', '""') + '"'
    greatest = f"coalesce(max(rowid), 0) FROM {quoted}" if has_numbers else f"0 FROM {quoted}"
    return Table(*db.execute(f"SELECT count(*), {greatest}").fetchone())


@contextmanager
def _opened(file: Path) -> Iterator[sqlite3.Connection]:
    """For reading. Who is no user of the service's leaves nothing beside the file that the service could not write."""
    if not file.exists():
        raise DeployError(f"There is no {file}.")
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True, timeout=BUSY_SECONDS)) as db:
        yield db
