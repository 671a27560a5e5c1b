"""A full disk refuses what would have to be written, changes nothing, and lets everybody read on."""

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from api.settings import Settings
from api.store.database import Database
from tests.api.conftest import FORM, FROM_OUR_PAGES
from tests.api.test_catalog import COURSE, write

ASK = {"email": "ada@mail.example"}


def fill_up(database: Database) -> None:
    """SQLite then says what it says when the file system has no room."""
    with database.transaction() as db:
        db.execute("CREATE TABLE ballast (filler TEXT)")
        pages = db.execute("PRAGMA page_count").fetchone()[0]
        db.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(Exception, match="disk is full"):
        for _ in range(1000):
            with database.transaction() as db:
                db.execute("INSERT INTO ballast VALUES (?)", ("x" * 200,))


def make_room(database: Database) -> None:
    with database.transaction() as db:
        db.execute("PRAGMA max_page_count = 1000000")


def counts(database: Database) -> tuple[int, ...]:
    tables = ("accounts", "sign_in_codes", "outbox", "audit")
    return tuple(database.reader.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables)  # noqa: S608


def test_a_full_disk_is_told_and_nothing_is_half_done(client: TestClient, database: Database) -> None:
    fill_up(database)
    before = counts(database)
    answers = [
        client.post("/api/sign-in", json=ASK | {"email": f"a{n}@mail.example"}, headers=FROM_OUR_PAGES)
        for n in range(20)
    ]
    refused = [answer for answer in answers if answer.status_code == 507]
    assert refused
    assert {answer.json()["code"] for answer in refused} == {"storage_full"}
    assert counts(database)[0] == before[0]
    make_room(database)
    assert client.post("/api/sign-in", json=ASK, headers=FROM_OUR_PAGES).status_code < 300


def test_a_person_without_script_is_told_by_the_page(client: TestClient, database: Database) -> None:
    fill_up(database)
    answers = [client.post("/api/sign-in", content=f"email=a{n}%40mail.example", headers=FORM) for n in range(20)]
    assert "#storage_full" in {answer.headers["Location"][-13:] for answer in answers}


def test_reads_go_on(client: TestClient, database: Database, settings: Settings) -> None:
    write(settings.catalog, courses=[COURSE])
    fill_up(database)
    assert client.get("/readyz").status_code == 200
    assert client.get("/api/account").status_code == 401
    assert client.get("/api/openapi.json").status_code == 200


def test_the_file_is_whole_afterwards(client: TestClient, database: Database, settings: Settings) -> None:
    fill_up(database)
    for _ in range(5):
        client.post("/api/sign-in", json=ASK, headers=FROM_OUR_PAGES)
    make_room(database)
    assert database.reader.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    assert Path(settings.shop).exists()
