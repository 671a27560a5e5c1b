"""Databases that come back from a backup are told so: phones start over, and whoever was erased later is erased again."""

import asyncio
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from api.app import create_app
from api.gateways.delete_list import DeleteList
from api.settings import Settings
from api.store import accounts
from api.usecases import deletion
from tests.api.conftest import FakeClock
from tests.api.people import Browser
from tests.api.syncing import Phone, progress, signed_in


def restored(settings: Settings, *more: str) -> "subprocess.CompletedProcess[str]":
    words = [str(settings.shop), str(settings.sync), str(settings.erased), *more]
    return subprocess.run([sys.executable, "-m", "api.restored", *words], capture_output=True, text=True, check=False)


def kept_copy(settings: Settings, folder: Path) -> Path:
    """As a backup has it: everything in the databases' files."""
    folder.mkdir()
    for database in (settings.shop, settings.sync):
        with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(folder / database.name)) as copy:
            source.backup(copy)
    return folder


@pytest.mark.usefixtures("catalog")
def test_phones_start_over_after_a_restore(
    settings: Settings, app: Starlette, client: TestClient, clock: FakeClock
) -> None:
    ada = signed_in(app, app.state.service.database)
    cursor = Phone(ada).pull()["cursor"]
    Phone(ada).push(progress(5))
    client.__exit__(None, None, None)
    assert restored(settings).returncode == 0
    again = create_app(settings, clock=clock, workers=False)
    with TestClient(again):
        phone = Phone(signed_in(again, again.state.service.database))
        assert phone.http.get("/api/v1/changes", params={"cursor": cursor}).status_code == 410
        told = phone.pull()
        assert len(told["changes"]) >= 1
        assert phone.pull(told["cursor"])["changes"] == []


def test_whoever_was_erased_after_the_restored_state_is_erased_again(
    settings: Settings, app: Starlette, client: TestClient, clock: FakeClock, tmp_path: Path
) -> None:
    database = app.state.service.database
    ada = Browser(app, email="ada@example.com").sign_in(database)
    ada.post("/api/account/deletion")
    night = kept_copy(settings, tmp_path / "night")
    clock.advance(days=14)
    asyncio.run(deletion.erase_due(database, app.state.service.erased, clock=clock))
    newest = kept_copy(settings, tmp_path / "newest") / "shop.sqlite"
    client.__exit__(None, None, None)

    for database_file in (settings.shop, settings.sync):  # the older state comes back, and the list is lost
        for left in database_file.parent.glob(f"{database_file.name}-*"):
            left.unlink()
        shutil.copy(night / database_file.name, database_file)
    settings.erased.unlink()
    said = restored(settings, "--newest", str(newest))
    assert (said.returncode, said.stdout) == (0, "1 accounts were erased after that.\n")
    assert len(DeleteList(settings.erased).all()) == 1
    again = create_app(settings, clock=clock, workers=False)
    with TestClient(again):
        assert accounts.find_by_email(again.state.service.database.reader, "ada@example.com") is None


def test_it_says_what_is_no_database(settings: Settings, tmp_path: Path) -> None:
    settings.shop.parent.mkdir(parents=True, exist_ok=True)
    settings.shop.write_text("no database, but long enough for a header of SQLite's, which is a hundred bytes" * 9)
    said = restored(settings)
    assert said.returncode == 1
    assert "cannot be used" in said.stderr
    assert "Traceback" not in said.stderr
