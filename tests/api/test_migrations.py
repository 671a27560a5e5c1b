"""Tables come in steps that only add: at start, under a lock, with a copy of a used file, and safely twice."""

import datetime as dt
import re
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest
import sqlite_utils
from sqlite_utils import Migrations

from api.store import migrations, schema
from api.store.database import connect
from api.store.migrations import migrate

NOW = dt.datetime(2026, 1, 5, 6, 0, tzinfo=dt.UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "shop.sqlite"


def tables(path: Path) -> set[str]:
    with closing(connect(path)) as db:
        return set(sqlite_utils.Database(db, execute_plugins=False).table_names())


def with_one_more_step() -> Migrations:
    """The set of a later release."""
    later = Migrations("shop")
    later(name="0001_tables")(migrations._tables)

    @later(name="0002_gifts")
    def gifts(db: sqlite_utils.Database) -> None:
        db.conn.execute("CREATE TABLE gifts (id TEXT PRIMARY KEY)")

    return later


def test_a_new_file_gets_every_table(path: Path) -> None:
    migrated = migrate(path, now=NOW)
    assert (migrated.applied, migrated.snapshot) == (("0001_tables",), None)
    named = set(re.findall(r"CREATE TABLE (\w+)", " ".join(schema.SHOP)))
    assert len(named) == 25
    assert named <= tables(path)


def test_nothing_happens_the_second_time(path: Path) -> None:
    migrate(path, now=NOW)
    again = migrate(path, now=NOW)
    assert (again.applied, again.snapshot) == ((), None)


def test_a_used_file_is_copied_before_it_is_touched(path: Path) -> None:
    migrate(path, now=NOW)
    with closing(connect(path)) as db:
        db.execute("INSERT INTO products VALUES ('crs_one', 'course', 'One', '{}', '', '')")
    migrated = migrate(path, now=NOW, migrations=with_one_more_step())
    assert migrated.applied == ("0002_gifts",)
    assert migrated.snapshot == path.parent / "snapshots/shop-20260105T060000000Z.sqlite"
    assert "gifts" in tables(path)
    assert "gifts" not in tables(migrated.snapshot)
    with closing(sqlite3.connect(migrated.snapshot)) as copy:
        assert copy.execute("SELECT title FROM products").fetchall() == [("One",)]
    assert migrated.snapshot.stat().st_mode & 0o077 == 0


def test_a_step_that_fails_leaves_the_file_as_it_was(path: Path) -> None:
    migrate(path, now=NOW)
    broken = with_one_more_step()

    @broken(name="0003_broken")
    def broken_step(db: sqlite_utils.Database) -> None:
        db.conn.execute("CREATE TABLE half (id TEXT)")
        db.conn.execute("CREATE TABLE half (id TEXT)")

    with pytest.raises(sqlite3.OperationalError):
        migrate(path, now=NOW, migrations=broken)
    assert "half" not in tables(path)
    with closing(connect(path)) as db:
        assert migrations.pending(db, broken) == ("0003_broken",)


def test_two_starts_at_once_apply_each_step_once(path: Path) -> None:
    found: list[tuple[str, ...]] = []
    starts = [threading.Thread(target=lambda: found.append(migrate(path, now=NOW).applied)) for _ in range(4)]
    for start in starts:
        start.start()
    for start in starts:
        start.join()
    assert sorted(found) == [(), (), (), ("0001_tables",)]


def test_an_older_release_runs_on_the_tables_of_a_newer_one(path: Path) -> None:
    migrate(path, now=NOW, migrations=with_one_more_step())
    assert migrate(path, now=NOW).applied == ()


def test_every_foreign_key_has_an_index(path: Path) -> None:
    """Without one, removing or finding by it reads the whole table."""
    migrate(path, now=NOW)
    with closing(connect(path)) as db:
        found = sqlite_utils.Database(db, execute_plugins=False)
        for table in found.tables:
            led = {index.columns[0] for index in table.indexes} | set(table.pks)
            keys = {key.column for key in table.foreign_keys}
            assert keys <= led, f"{table.name}: {keys - led}"
