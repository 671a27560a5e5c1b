"""What is read again and again is kept until somebody writes, and no longer."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from api.store import remembered
from api.store.remembered import Remembered


class Reads:
    """Counts how often the file was asked."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, db: sqlite3.Connection) -> int | None:
        self.count += 1
        row = db.execute("SELECT n FROM t").fetchone()
        return row and int(row[0])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with closing(sqlite3.connect(tmp_path / "a.sqlite", isolation_level=None)) as db:
        db.executescript("PRAGMA journal_mode = WAL; CREATE TABLE t (n); INSERT INTO t VALUES (1)")
    return tmp_path / "a.sqlite"


@pytest.fixture
def kept(path: Path) -> Iterator[Remembered]:
    with closing(sqlite3.connect(path)) as reader:
        yield Remembered(reader)


def ask(kept: Remembered, reads: Reads, *, key: object = "k", holds: bool = True) -> int | None:
    return kept.get(key, reads, holds=lambda _: holds)


def test_a_file_that_nobody_writes_is_read_once(kept: Remembered) -> None:
    reads = Reads()
    assert [ask(kept, reads) for _ in range(3)] == [1, 1, 1]
    assert reads.count == 1


def test_a_commit_of_another_connection_is_seen_at_once(kept: Remembered, path: Path) -> None:
    reads = Reads()
    ask(kept, reads)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("UPDATE t SET n = 2")
        assert ask(kept, reads) == 2
        other.execute("DELETE FROM t")
        assert ask(kept, reads) is None


def test_what_holds_no_more_is_read_anew(kept: Remembered) -> None:
    reads = Reads()
    ask(kept, reads)
    ask(kept, reads, holds=False)
    assert reads.count == 2


def test_no_more_is_kept_than_allowed(kept: Remembered, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembered, "KEPT_MAX", 3)
    reads = Reads()
    for key in (1, 2, 3, 4, 1):
        ask(kept, reads, key=key)
    assert reads.count == 5


def test_in_an_event_loop_a_commit_is_seen_in_the_next_turn(kept: Remembered, path: Path) -> None:
    """Not later: whoever was told that a write is done reads in a later turn."""

    async def in_turns() -> list[int | None]:
        reads = Reads()
        found = [ask(kept, reads)]
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            for n in (2, 3):
                other.execute("UPDATE t SET n = ?", (n,))
                await asyncio.sleep(0)
                found.append(ask(kept, reads))
        return found

    assert asyncio.run(in_turns()) == [1, 2, 3]
