"""One file: whole writes or none, reads that never wait, refusals instead of lost data."""

import asyncio
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from api.errors import AppError, Code
from api.store import checkpoints
from api.store import database as database_module
from api.store.database import Database

ADD = "INSERT INTO things (name) VALUES (?)"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database(tmp_path / "things.sqlite")
    opened.open()
    with opened.transaction() as db:
        db.execute("CREATE TABLE things (name TEXT NOT NULL UNIQUE)")
        db.execute("CREATE TABLE parts (thing TEXT NOT NULL REFERENCES things (name))")
    yield opened
    opened.close()


def names(database: Database) -> list[str]:
    return [row["name"] for row in database.reader.execute("SELECT name FROM things ORDER BY name").fetchall()]


def test_a_write_is_read_once_it_is_done(database: Database) -> None:
    asyncio.run(database.write(lambda db: db.execute(ADD, ("one",))))
    assert names(database) == ["one"]


def test_a_write_that_fails_leaves_nothing(database: Database) -> None:
    def twice(db: sqlite3.Connection) -> None:
        db.execute(ADD, ("one",))
        db.execute(ADD, ("one",))

    with pytest.raises(sqlite3.IntegrityError):
        asyncio.run(database.write(twice))
    assert names(database) == []
    asyncio.run(database.write(lambda db: db.execute(ADD, ("two",))))
    assert names(database) == ["two"]


def test_writes_come_one_after_the_other_and_none_is_lost(database: Database) -> None:
    def add_next(db: sqlite3.Connection) -> None:
        count = db.execute("SELECT count(*) FROM things").fetchone()[0]
        db.execute(ADD, (f"{count:04}",))

    async def many() -> None:
        await asyncio.gather(*(database.write(add_next) for _ in range(50)))

    other = threading.Thread(target=lambda: [with_transaction(database, add_next) for _ in range(50)])
    other.start()
    asyncio.run(many())
    other.join()
    assert names(database) == [f"{number:04}" for number in range(100)]


def with_transaction(database: Database, function: object) -> None:
    with database.transaction() as db:
        function(db)  # type: ignore[operator]


def test_writes_that_wait_together_are_committed_together_and_fail_apart(database: Database) -> None:
    commits: list[str] = []

    async def many() -> list[object]:
        with database.transaction() as db:  # holds the writer back until all of them wait
            db.set_trace_callback(lambda statement: commits.append(statement) if statement == "COMMIT" else None)
            waiting = [asyncio.ensure_future(database.write(add_unless_odd(n))) for n in range(20)]
            await asyncio.sleep(0.1)
        commits.clear()
        return await asyncio.gather(*waiting, return_exceptions=True)

    outcomes = asyncio.run(many())
    assert [type(outcome) for outcome in outcomes] == [str, ValueError] * 10
    assert names(database) == [f"{n:02}" for n in range(0, 20, 2)]
    assert len(commits) <= 2  # the first may have begun before the others came


def add_unless_odd(number: int) -> Callable[[sqlite3.Connection], str]:
    def add(db: sqlite3.Connection) -> str:
        db.execute(ADD, (f"{number:02}",))
        if number % 2:
            raise ValueError(number)
        return "added"

    return add


def test_a_full_disk_refuses_all_who_wrote_together_and_nobody_else(database: Database) -> None:
    with database.transaction() as db:
        pages = db.execute("PRAGMA page_count").fetchone()[0]
        db.execute(f"PRAGMA max_page_count = {pages + 2}")

    async def write_much_and_little() -> list[object]:
        much = database.write(lambda db: db.execute(ADD, ("x" * 100_000,)))
        return await asyncio.gather(much, return_exceptions=True)

    (refused,) = asyncio.run(write_much_and_little())
    assert isinstance(refused, AppError)
    assert refused.code is Code.STORAGE_FULL
    asyncio.run(database.write(lambda db: db.execute(ADD, ("little",))))
    assert names(database) == ["little"]


def test_a_read_does_not_wait_for_a_write(database: Database) -> None:
    with database.transaction() as db:
        db.execute(ADD, ("one",))
        assert names(database) == []
    assert names(database) == ["one"]


def test_the_reader_refuses_to_write(database: Database) -> None:
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        database.reader.execute(ADD, ("one",))


def test_a_row_that_points_nowhere_is_refused(database: Database) -> None:
    with pytest.raises(sqlite3.IntegrityError), database.transaction() as db:
        db.execute("INSERT INTO parts VALUES ('nothing')")


def test_the_file_is_written_ahead_and_synchronised_with_every_commit(database: Database) -> None:
    with database.transaction() as db:
        assert db.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
        assert db.execute("PRAGMA synchronous").fetchone()[0] == 2  # FULL


def test_a_full_disk_refuses_writes_and_reads_go_on(database: Database) -> None:
    with database.transaction() as db:
        db.execute(ADD, ("kept",))
    with database.transaction() as db:
        pages = db.execute("PRAGMA page_count").fetchone()[0]
        db.execute(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(AppError) as refused, database.transaction() as db:
        for number in range(100):
            db.execute(ADD, (f"{number}" * 1000,))
    assert refused.value.code is Code.STORAGE_FULL
    assert names(database) == ["kept"]
    with database.transaction() as db:
        db.execute(ADD, ("small",))
    assert names(database) == ["kept", "small"]


def test_a_lock_that_nobody_lets_go_is_a_refusal(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    with database.transaction() as db:
        db.execute("PRAGMA busy_timeout = 50")
    other = sqlite3.connect(database.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(AppError) as refused, database.transaction() as db:
        db.execute(ADD, ("one",))
    assert refused.value.code is Code.UNAVAILABLE
    other.execute("ROLLBACK")
    other.close()
    with database.transaction() as db:
        db.execute(ADD, ("one",))


@pytest.mark.parametrize("synchronous", ["FULL", "NORMAL"])
def test_what_was_committed_outlives_a_kill(tmp_path: Path, synchronous: str) -> None:
    path = tmp_path / "killed.sqlite"
    program = (
        "import os, sys; from pathlib import Path; from api.store.database import Database\n"
        "database = Database(Path(sys.argv[1]), synchronous=sys.argv[2]); database.open()\n"
        "with database.transaction() as db: db.execute('CREATE TABLE things (name TEXT)')\n"
        "with database.transaction() as db: db.execute(\"INSERT INTO things VALUES ('one')\")\n"
        "with database.transaction() as db:\n"
        "    db.execute(\"INSERT INTO things VALUES ('two')\"); os.kill(os.getpid(), 9)\n"
    )
    ended = subprocess.run([sys.executable, "-c", program, str(path), synchronous], check=False)
    assert ended.returncode == -9
    database = Database(path)
    database.open()
    assert names(database) == ["one"]
    database.close()


def test_close_waits_for_the_writes_already_asked_for(tmp_path: Path) -> None:
    database = Database(tmp_path / "things.sqlite")
    database.open()
    with database.transaction() as db:
        db.execute("CREATE TABLE things (name TEXT)")

    async def leave() -> None:
        asked = [asyncio.ensure_future(database.write(lambda db: db.execute(ADD, ("late",)))) for _ in range(5)]
        await asyncio.sleep(0)
        database.close()
        await asyncio.gather(*asked)

    asyncio.run(leave())
    database.open()
    assert names(database) == ["late"] * 5
    database.close()


@pytest.fixture
def quick(tmp_path: Path) -> Iterator[Database]:
    """A file whose commits wait for no disk."""
    opened = Database(tmp_path / "quick.sqlite", synchronous="NORMAL")
    opened.open()
    with opened.transaction() as db:
        db.execute("CREATE TABLE things (name TEXT NOT NULL UNIQUE)")
    yield opened
    opened.close()


def add_where(name: str, threads: list[str]) -> Callable[[sqlite3.Connection], object]:
    """Adds it and says in which thread."""

    def add(db: sqlite3.Connection) -> None:
        threads.append(threading.current_thread().name)
        db.execute(ADD, (name,))

    return add


def test_a_prompt_write_needs_no_thread(quick: Database) -> None:
    threads: list[str] = []
    asyncio.run(quick.write_promptly(add_where("one", threads)))
    assert names(quick) == ["one"]
    assert threads == [threading.current_thread().name]


def test_where_commits_wait_for_the_disk_nobody_else_waits(database: Database) -> None:
    threads: list[str] = []
    asyncio.run(database.write_promptly(add_where("one", threads)))
    assert names(database) == ["one"]
    assert threads == ["write-things"]


def test_a_prompt_write_that_fails_leaves_nothing(quick: Database) -> None:
    def twice(db: sqlite3.Connection) -> None:
        db.execute(ADD, ("one",))
        db.execute(ADD, ("one",))

    with pytest.raises(sqlite3.IntegrityError):
        asyncio.run(quick.write_promptly(twice))
    assert names(quick) == []
    asyncio.run(quick.write_promptly(lambda db: db.execute(ADD, ("two",))))
    assert names(quick) == ["two"]


def test_a_prompt_write_on_a_full_disk_is_refused(quick: Database) -> None:
    def too_much(db: sqlite3.Connection) -> None:
        db.execute(f"PRAGMA max_page_count = {db.execute('PRAGMA page_count').fetchone()[0]}")
        db.execute(ADD, ("x" * 100_000,))

    with pytest.raises(AppError) as refused:
        asyncio.run(quick.write_promptly(too_much))
    assert refused.value.code is Code.STORAGE_FULL
    assert names(quick) == []


def test_a_prompt_write_waits_for_others_without_stopping_the_service(quick: Database) -> None:
    threads: list[str] = []

    async def while_another_process_writes() -> None:
        with sqlite3.connect(quick.path, isolation_level=None) as other:
            other.execute("BEGIN IMMEDIATE")
            writing = asyncio.ensure_future(quick.write_promptly(add_where("late", threads)))
            await asyncio.sleep(2 * sum(database_module.PROMPT_PAUSES_SECONDS))  # other requests are answered
            assert not writing.done()
            other.execute("COMMIT")
            await writing

    asyncio.run(while_another_process_writes())
    assert names(quick) == ["late"]
    assert threads == ["write-quick"]


def test_a_prompt_write_takes_its_turn_as_soon_as_another_ends(quick: Database) -> None:
    threads: list[str] = []

    async def while_the_thread_writes_a_little() -> None:
        under_way, go_on = threading.Event(), threading.Event()

        def write(_db: sqlite3.Connection) -> None:
            under_way.set()
            go_on.wait(10)

        first = asyncio.ensure_future(quick.write(write))
        await asyncio.to_thread(under_way.wait)
        second = asyncio.ensure_future(quick.write_promptly(add_where("soon", threads)))
        await asyncio.sleep(0)
        go_on.set()
        await asyncio.gather(first, second)

    asyncio.run(while_the_thread_writes_a_little())
    assert names(quick) == ["soon"]


def test_prompt_and_patient_writes_come_one_after_the_other(quick: Database) -> None:
    def add_next(db: sqlite3.Connection) -> None:
        count = db.execute("SELECT count(*) FROM things").fetchone()[0]
        db.execute(ADD, (f"{count:04}",))

    async def many() -> None:
        for _ in range(20):
            await asyncio.gather(quick.write(add_next), quick.write_promptly(add_next))
            await quick.write_promptly(add_next)

    asyncio.run(many())
    assert names(quick) == [f"{number:04}" for number in range(60)]


def test_what_is_written_promptly_comes_into_the_file_and_no_writer_waits_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoints, "WRITES", 10)
    path, threads = tmp_path / "quick.sqlite", list[str]()
    opened = Database(path, synchronous="NORMAL")
    opened.open()
    with opened.transaction() as db:
        db.execute("CREATE TABLE things (name TEXT)")

    async def many() -> None:
        for number in range(30):
            await opened.write_promptly(add_where(f"{number}", threads))

    empty = path.stat().st_size
    asyncio.run(many())
    assert set(threads) == {threading.current_thread().name}
    until(lambda: path.stat().st_size > empty)
    opened.close()


def test_a_log_begins_anew_once_all_of_it_is_in_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoints, "WRITES", 10)
    opened = Database(tmp_path / "quick.sqlite", synchronous="NORMAL")
    opened.open()
    log = tmp_path / "quick.sqlite-wal"
    with opened.transaction() as db:
        db.execute("CREATE TABLE things (name TEXT)")
    beginning = salt(log)

    def one_more() -> bool:
        asyncio.run(opened.write_promptly(lambda db: db.execute(ADD, ("more",))))
        return salt(log) != beginning

    until(one_more)
    opened.close()


def salt(log: Path) -> bytes:
    """Another one each time a log begins (SQLite, "WAL file format")."""
    return log.read_bytes()[16:24]


def until(done: Callable[[], bool]) -> None:
    for _ in range(1_000):
        if done():
            return
        time.sleep(0.01)
    raise AssertionError("it never was so")
