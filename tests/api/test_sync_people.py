"""What somebody watched and kept is theirs to take away, goes with their account, and moves where the account is moved to."""

import datetime as dt
import shutil
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from api.app import create_app
from api.gateways.show import NOTHING
from api.settings import Settings
from api.store.database import Database
from api.store.sync_people import TABLES
from api.usecases import cleaning, sync_people
from tests.api.conftest import FakeClock
from tests.api.people import Browser
from tests.api.syncing import LECTURE, OTHER, Phone, change, progress, signed_in
from tests.api.test_deletion import erase

pytestmark = pytest.mark.usefixtures("catalog")


@pytest.fixture
def ada(app: Starlette, database: Database) -> Browser:
    return signed_in(app, database)


@pytest.fixture
def sync(app: Starlette, ada: Browser) -> Database:
    """With something of everything of Ada's in it."""
    Phone(ada).push(
        progress(12, watched=[[0, 12]]),
        change("note", "n1", {"lecture": LECTURE, "text": "copy, then look"}),
        change("queue", "3", {"order": "V"}),
    )
    found: Database = app.state.service.sync
    return found


def rows_of(sync: Database, account_id: str) -> list[str]:
    return [line for line in sync.reader.iterdump() if account_id in line]


def test_the_file_that_is_taken_away_holds_it(sync: Database, ada: Browser) -> None:
    taken = ada.get("/api/account/export").json()
    assert taken["lectures"][0]["lecture_id"] == LECTURE
    assert taken["lectures"][0]["watched"][0][:2] == [0, 12]
    assert [thing["kind"] for thing in taken["kept"]] == ["note", "queue"]
    assert taken["kept"][0]["data"]["text"] == "copy, then look"
    assert len(taken["answered_changes"]) == 3


def test_every_table_that_names_an_account_is_known(sync: Database) -> None:
    tables = {row[0] for row in sync.reader.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    named = {
        name for name in tables if "account_id" in {c[1] for c in sync.reader.execute(f"PRAGMA table_info({name})")}
    }
    assert set(TABLES) == named


def test_it_is_erased_with_the_account(app: Any, sync: Database, ada: Browser, clock: FakeClock) -> None:
    id = ada.account_id
    ada.post("/api/account/deletion")
    clock.advance(days=14)
    erase(app, clock)
    assert sync_people.follow_now(app.state.service.database, sync, now=clock(), show=NOTHING) == 1
    assert rows_of(sync, id) == []
    assert sync_people.follow_now(app.state.service.database, sync, now=clock(), show=NOTHING) == 0


def test_a_restored_backup_of_it_is_erased_again(  # noqa: PLR0917 (fixtures)
    app: Any, settings: Settings, client: TestClient, sync: Database, ada: Browser, clock: FakeClock, tmp_path: Path
) -> None:
    id = ada.account_id
    sync.reader.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copy(settings.sync, tmp_path / "backup.sqlite")
    ada.post("/api/account/deletion")
    clock.advance(days=14)
    erase(app, clock)
    client.__exit__(None, None, None)
    for file in settings.data.glob("sync.sqlite*"):
        file.unlink()
    shutil.copy(tmp_path / "backup.sqlite", settings.sync)
    restored = create_app(settings, clock=clock, workers=False)
    with TestClient(restored):
        assert rows_of(restored.state.service.sync, id) == []


def test_a_merge_joins_what_two_accounts_have_done(
    app: Any, database: Database, sync: Database, ada: Browser, clock: FakeClock
) -> None:
    other = signed_in(app, database, "ada@work.example")
    phone = Phone(other)
    clock.advance(minutes=1)
    phone.push(progress(30, watched=[[20, 30]], at=clock()), progress(5, lecture=OTHER))
    cursor, source = phone.pull()["cursor"], ada.account_id
    with database.transaction() as db:
        db.execute("UPDATE accounts SET merged_into = ? WHERE id = ?", (other.account_id, source))
    assert sync_people.follow_now(database, sync, now=clock(), show=NOTHING) == 1
    state = phone.state()
    assert state["progress", LECTURE]["watched"] == [[0, 12], [20, 30]]
    assert state["progress", LECTURE]["position_seconds"] == 30
    assert state["progress", OTHER]["position_seconds"] == 5
    assert state["note", "n1"]["text"] == "copy, then look"
    assert rows_of(sync, source) == []
    assert {each["kind"] for each in phone.pull(cursor)["changes"]} == {"progress", "note", "queue"}


def test_answers_are_known_for_as_long_as_changes_are_taken(sync: Database, clock: FakeClock) -> None:
    def count_after(days: float) -> int:
        with sync.transaction() as db:
            cleaning.clean_sync(db, now=clock() + dt.timedelta(days=days))
        return int(sync.reader.execute("SELECT count(*) FROM answered").fetchone()[0])

    assert (count_after(180), count_after(201)) == (3, 0)
