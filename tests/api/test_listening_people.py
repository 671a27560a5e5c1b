"""What was listened to goes where its account goes: into the export, out with an erasure, to the other with a merge."""

import asyncio
import json
from typing import Any

import pytest
from click.testing import CliRunner
from starlette.applications import Starlette
from starlette.testclient import TestClient

from api.app import create_app
from api.cli_admin import admin
from api.gateways.show import NOTHING
from api.settings import Settings
from api.store.database import Database
from api.usecases import cleaning, deletion, sync_people
from tests.api.conftest import FakeClock
from tests.api.people import Browser
from tests.api.podcast_apps import AUDIO, FEED, Phone, made, play, positions
from tests.api.process import settings_of

UUID = "0197a2b0-0000-7000-8000-{:012d}"


@pytest.fixture
def sync(app: Starlette, client: TestClient) -> Database:
    found: Database = app.state.service.sync
    return found


@pytest.fixture
def ada(app: Starlette, database: Database) -> Browser:
    return Browser(app, email="ada@example.com").sign_in(database)


@pytest.fixture
def eve(app: Starlette, database: Database) -> Browser:
    return Browser(app, email="eve@example.com", host="198.51.100.9").sign_in(database)


def phone_of(person: Browser, *, number: int = 1) -> Phone:
    """After it has written something into every table that an app can write to."""
    phone = Phone(person.app, made(person), host=person._transport.client[0])  # type: ignore[attr-defined]
    user = phone.user_name

    def post(path: str, body: Any) -> None:
        assert phone.post(path, content=json.dumps(body), headers=phone.basic()).status_code == 200, path

    phone.push(play(number, device="pocket", guid="g-1"))
    post(f"/api/2/subscriptions/{user}/pocket.json", {"add": [FEED]})
    post(f"/api/2/settings/{user}/account.json", {"set": {"colour": "secret-green"}})
    changes = [
        {"id": UUID.format(number), "kind": "progress", "entity": "lec_one_two", "at": "2026-01-05T05:00:00Z",
         "data": {"position_seconds": 10 * number, "total_seconds": 100, "watched": [[number, number + 5]]}},
        {"id": UUID.format(number + 50), "kind": "note", "entity": f"note-{number}", "at": "2026-01-05T05:00:00Z",
         "data": {"lecture": "lec_one_two", "at_seconds": 1, "text": "a private thought"}},
    ]  # fmt: skip
    answer = person.post("/api/v1/changes", json={"changes": changes})
    assert answer.status_code == 200, answer.text
    assert {result["outcome"] for result in answer.json()["results"]} == {"applied"}, answer.text
    return phone


def dump(sync: Database) -> str:
    return "\n".join(sync.reader.iterdump())


def test_the_export_holds_it_and_nobody_elses(ada: Browser, eve: Browser) -> None:
    phone_of(ada)
    phone_of(eve, number=2)
    taken = ada.get("/api/account/export").json()
    assert taken["podcasts"][0]["url"] == FEED
    assert taken["episodes"][0]["position"] == 1
    assert [report["device"] for report in taken["reports"]] == ["pocket"]
    assert taken["podcast_settings"][0]["value"] == "secret-green"
    assert taken["lectures"][0]["position_seconds"] == 10
    assert [each["entity"] for each in taken["kept"]] == ["note-1"]


def test_an_erasure_takes_all_of_it_and_nobody_elses(
    app: Any, ada: Browser, eve: Browser, sync: Database, clock: FakeClock
) -> None:
    phone, other = phone_of(ada), phone_of(eve, number=2)
    id = ada.account_id
    assert id in dump(sync)
    ada.post("/api/account/deletion")
    clock.advance(days=14)
    service = app.state.service
    assert asyncio.run(deletion.erase_due(service.database, service.erased, clock=clock)) == 1
    assert [sync_people.follow_now(service.database, sync, now=clock(), show=NOTHING) for _ in range(2)] == [1, 0]
    assert id not in dump(sync)
    assert sync.reader.execute("SELECT count(*) FROM actions").fetchone()[0] == 1
    assert positions(other.pull(0)) == [2]
    assert phone.get(f"/api/2/episodes/{phone.user_name}.json", headers=phone.basic()).status_code == 401


def test_a_restored_backup_is_settled_at_the_next_start(
    app: Any, settings: Settings, client: TestClient, ada: Browser, clock: FakeClock
) -> None:
    phone_of(ada)
    id = ada.account_id
    ada.post("/api/account/deletion")
    clock.advance(days=14)
    service = app.state.service
    asyncio.run(deletion.erase_due(service.database, service.erased, clock=clock))
    client.__exit__(None, None, None)
    restarted = create_app(settings, clock=clock, workers=False)
    with TestClient(restarted):
        assert id not in dump(restarted.state.service.sync)


def test_a_merge_moves_all_of_it_and_of_each_field_the_later_report_stays(
    app: Any, ada: Browser, eve: Browser, database: Database, sync: Database
) -> None:
    phone_of(ada, number=1)
    kept = phone_of(eve, number=2)
    ada_phone = Phone(app, made(ada, "Second"))
    ada_phone.push(play(3590, "2026-01-05T05:30:00", guid="g-1"), play(7, episode=f"{AUDIO}?only"))
    kept.push(play(50, "2026-01-05T05:20:00", episode=f"{AUDIO}?late"))
    for _ in range(2):
        kept.pull()
        app.state.service.clock.advance(minutes=1)
    ada_phone.push(play(11, "2026-01-05T04:00:00", episode=f"{AUDIO}?late"))
    source, target = ada.account_id, eve.account_id
    with database.transaction() as db:
        db.execute("UPDATE accounts SET merged_into = ? WHERE id = ?", (target, source))
    assert sync_people.follow_now(database, sync, now=app.state.service.clock(), show=NOTHING) == 1
    assert source not in dump(sync)
    told = {action["episode"]: action["position"] for action in kept.pull()}
    assert told == {AUDIO: 3590, f"{AUDIO}?only": 7, f"{AUDIO}?late": 50}
    assert eve.get("/api/account/export").json()["lectures"][0]["watched"][0][:2] == [1, 7]
    assert {each["entity"] for each in eve.get("/api/account/export").json()["kept"]} == {"note-1", "note-2"}


def test_the_merge_of_the_command_line_moves_it(
    settings: Settings, ada: Browser, eve: Browser, sync: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone_of(ada)
    for name, value in {**settings_of(settings.data.parent), "LONGWAVE_URL": settings.url}.items():
        monkeypatch.setenv(name, value)
    target = eve.account_id
    done = CliRunner().invoke(admin, ["merge", "ada@example.com", "eve@example.com"])
    assert done.exit_code == 0, done.output
    assert {row[0] for row in sync.reader.execute("SELECT account_id FROM episodes")} == {target}


def compact(sync: Database, clock: FakeClock) -> None:
    compaction = cleaning.Compaction(sync)
    while asyncio.run(compaction.step(now=clock())):
        pass


def reports(sync: Database) -> int:
    return int(sync.reader.execute("SELECT count(*) FROM actions").fetchone()[0])


def test_compaction_goes_round_all_accounts_one_at_a_time(
    app: Any, ada: Browser, eve: Browser, sync: Database, clock: FakeClock
) -> None:
    for browser in (ada, eve):
        Phone(app, made(browser)).push(*[play(n, f"2026-01-05T05:00:{n:02}") for n in range(3)])
    clock.advance(days=91)
    compaction = cleaning.Compaction(sync)
    steps = [(asyncio.run(compaction.step(now=clock())), reports(sync)) for _ in range(4)]
    assert steps == [(True, 4), (True, 2), (False, 2), (True, 2)]


def test_reports_are_compacted_after_three_months(app: Any, ada: Browser, sync: Database, clock: FakeClock) -> None:
    phone = Phone(app, made(ada))
    phone.push(*[play(n, f"2026-01-05T05:00:{n:02}") for n in range(30)], {**play(), "action": "download"})
    phone.push(play(9, episode=f"{AUDIO}?2"))
    clock.advance(days=89)
    compact(sync, clock)
    assert reports(sync) == 32
    before = phone.pull(0)
    clock.advance(days=2)
    phone.push(play(40, "2026-01-05T05:01:00"))
    compact(sync, clock)
    assert reports(sync) == 3
    assert sorted(positions(phone.pull(0))) == [9, 40] and sorted(positions(before)) == [9, 29]
