"""What an app shows: what there is, what is open, what to go on with; asked again it costs next to nothing."""

import datetime as dt
import hashlib
from contextlib import suppress
from typing import Any

import msgspec
import pytest
from starlette.applications import Starlette

from api import ids
from api.errors import AppError
from api.model import Grant
from api.settings import Settings
from api.store import grants
from api.store.database import Database
from tests.api.conftest import FakeClock
from tests.api.people import Browser
from tests.api.shop import ANNOUNCED, FREE, THURSDAY
from tests.api.syncing import COURSE, LECTURE, OTHER, Phone, change, progress, signed_in, write_show

pytestmark = pytest.mark.usefixtures("catalog")


@pytest.fixture
def ada(app: Starlette, database: Database, settings: Settings) -> Browser:
    write_show(settings, 7, 8)
    return signed_in(app, database)


@pytest.fixture
def phone(ada: Browser) -> Phone:
    return Phone(ada)


def own(database: Database, account_id: str, product_id: str, *, now: dt.datetime) -> None:
    right = Grant(
        id=ids.new("gra"),
        account_id=account_id,
        product_id=product_id,
        source="purchase",
        valid_from=now,
        created_at=now,
    )
    with database.transaction() as db:
        grants.add(db, right)


def section(phone: Phone, id: str) -> list[dict[str, Any]]:
    found = [each for each in phone.http.get("/api/v1/home").json()["sections"] if each["id"] == id]
    return found[0]["items"] if found else []


def of_kind(phone: Phone, kind: str, cursor: str = "") -> list[dict[str, Any]]:
    return [each for each in phone.pull(cursor)["changes"] if each["kind"] == kind]


def edit(settings: Settings, **changed: Any) -> None:
    found = msgspec.json.decode(settings.catalog.read_bytes())
    settings.catalog.write_bytes(msgspec.json.encode({**found, **changed}))


def test_everybody_reads_what_there_is(app: Starlette, phone: Phone) -> None:
    found = Browser(app, email="").get("/api/v1/catalogue").json()
    course = next(each for each in found["courses"] if each["id"] == THURSDAY)
    assert (course["url"], course["prices"]["usd"], course["lectures"][0]["id"]) == (
        "/courses/first-thursday/", 4900, LECTURE
    )  # fmt: skip
    assert [episode["number"] for episode in found["episodes"]] == [7, 8]
    assert [bundle["id"] for bundle in found["bundles"]] == ["bdl_everything"]


@pytest.mark.parametrize("path", ["/api/v1/catalogue", "/api/v1/home"])
def test_who_has_it_already_gets_nothing_again(phone: Phone, settings: Settings, path: str) -> None:
    first = phone.http.get(path)
    assert first.headers["Cache-Control"] == "private, no-cache"
    etag = first.headers["ETag"]
    for said in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        again = phone.http.get(path, headers={"If-None-Match": said})
        assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", etag)
    assert phone.http.get(path, headers={"If-None-Match": '"other"'}).status_code == 200
    write_show(settings, 7, 8, 9)
    assert phone.http.get(path, headers={"If-None-Match": etag}).status_code == 200


def test_a_course_has_another_version_when_anything_of_it_has_changed(phone: Phone, settings: Settings) -> None:
    before = {each["id"]: each["version"] for each in phone.http.get("/api/v1/catalogue").json()["courses"]}
    courses = msgspec.json.decode(settings.catalog.read_bytes())["courses"]
    courses[1]["lectures"][0]["title"] = "A backup is no rumour"
    edit(settings, courses=courses)
    after = {each["id"]: each["version"] for each in phone.http.get("/api/v1/catalogue").json()["courses"]}
    assert {id for id in before if before[id] != after[id]} == {courses[1]["id"]}


def test_a_manifest_names_every_file_with_its_size_and_hash(phone: Phone, settings: Settings) -> None:
    captions = settings.site / "courses/first-thursday/a-backup-is-a-rumour.en.vtt"
    captions.parent.mkdir(parents=True)
    captions.write_text("WEBVTT\n")
    answer = phone.http.get(f"/api/v1/courses/{COURSE}")
    chapters = answer.json()["chapters"]
    assert [len(chapter["lectures"]) for chapter in chapters] == [3, 3, 4]
    lecture = chapters[0]["lectures"][0]
    assert (lecture["id"], lecture["preview"], lecture["media"]) == (LECTURE, True, f"/api/v1/lectures/{LECTURE}/media")
    video = next(file for file in lecture["files"] if file["role"] == "video")
    assert (video["type"], len(video["sha256"])) == ("video/mp4", 64)
    english, german = (file for file in lecture["files"] if file["role"] == "captions")
    assert (english["language"], english["bytes"]) == ("en", 7)
    assert english["sha256"] == hashlib.sha256(b"WEBVTT\n").hexdigest()
    assert (german["language"], german["bytes"], german["sha256"]) == ("de", None, None)
    log = next(file for file in chapters[2]["lectures"][1]["files"] if file["role"] == "download")
    assert (log["name"], log["bytes"]) == ("drill-log.csv", 183)
    assert (
        phone.http.get(f"/api/v1/courses/{COURSE}", headers={"If-None-Match": answer.headers["ETag"]}).status_code
        == 304
    )
    captions.write_text("WEBVTT\n\nNOTE changed")
    assert (
        phone.http.get(f"/api/v1/courses/{COURSE}", headers={"If-None-Match": answer.headers["ETag"]}).status_code
        == 200
    )
    assert phone.http.get("/api/v1/courses/crs_invented").status_code == 404


def test_a_purchase_is_an_entitlement_with_times_to_ask_again(
    ada: Browser, phone: Phone, database: Database, clock: FakeClock
) -> None:
    own(database, ada.account_id, THURSDAY, now=clock())
    found = phone.http.get("/api/v1/entitlements").json()
    assert [each["course"] for each in found["courses"]] == [THURSDAY]
    assert found["check_again_at"] == "2026-01-12T06:00:00Z"
    assert found["offline_until"] == "2026-02-04T06:00:00Z"


def test_no_app_believes_longer_than_a_right_lasts(
    ada: Browser, phone: Phone, database: Database, clock: FakeClock
) -> None:
    own(database, ada.account_id, THURSDAY, now=clock())
    with database.transaction() as db:
        db.execute("UPDATE grants SET valid_until = '2026-01-06T06:00:00.000Z'")
    found = phone.http.get("/api/v1/entitlements").json()
    assert found["check_again_at"] == found["offline_until"] == "2026-01-06T06:00:00Z"
    clock.advance(days=1)
    phone.renew()
    assert phone.http.get("/api/v1/entitlements").json()["courses"] == []


def test_a_purchase_and_its_refund_come_as_changes(
    ada: Browser, phone: Phone, database: Database, clock: FakeClock
) -> None:
    cursor = phone.pull()["cursor"]
    own(database, ada.account_id, THURSDAY, now=clock())
    told = phone.pull(cursor)
    [grant] = [each for each in told["changes"] if each["kind"] == "grant"]
    assert (grant["entity"], grant["deleted"], grant["data"]["source"]) == (THURSDAY, False, "purchase")
    assert of_kind(phone, "grant", told["cursor"]) == []
    with database.transaction() as db:
        [owned] = grants.of_account(db, ada.account_id)
        grants.revoke(db, owned.id, reason="refund", now=clock())
    [closed] = of_kind(phone, "grant", told["cursor"])
    assert (closed["entity"], closed["deleted"], closed["data"]) == (THURSDAY, True, None)


def test_another_catalogue_is_told_once(phone: Phone, settings: Settings) -> None:
    first = phone.pull()
    version = phone.http.get("/api/v1/catalogue").json()["version"]
    assert [each["data"] for each in first["changes"] if each["kind"] == "catalogue"] == [{"version": version}]
    assert of_kind(phone, "catalogue", first["cursor"]) == []
    write_show(settings, 7, 8, 9)
    [told] = of_kind(phone, "catalogue", first["cursor"])
    assert told["data"]["version"] != version


def test_a_full_disk_keeps_nobody_from_reading_and_rights_are_told_later(
    ada: Browser, phone: Phone, database: Database, app: Starlette, clock: FakeClock
) -> None:
    phone.push(progress(4))
    fill(app.state.service.sync)
    own(database, ada.account_id, THURSDAY, now=clock())
    assert [each["kind"] for each in phone.pull()["changes"]] == ["progress", "catalogue"]
    with app.state.service.sync.transaction() as db:
        db.execute("PRAGMA max_page_count = 1000000")
    assert [each["entity"] for each in of_kind(phone, "grant")] == [THURSDAY]


def fill(database: Database) -> None:
    """Not a row more goes into it."""
    with database.transaction() as db:
        db.execute(f"PRAGMA max_page_count = {db.execute('PRAGMA page_count').fetchone()[0]}")
    for table in ("stamps (account_id, last)", "told_rights (account_id, course_id, at, stamp)"):
        values = "?, 0" if table.startswith("stamps") else "?, 'x', 0, 0"
        with suppress(AppError):
            for number in range(10_000):
                with database.transaction() as db:
                    db.execute(f"INSERT INTO {table} VALUES ({values})", (f"filler {number}",))  # noqa: S608 (our own text)


def test_without_a_catalogue_progress_goes_on(phone: Phone, settings: Settings) -> None:
    settings.catalog.unlink()
    phone.push(progress(4))
    assert [each["entity"] for each in of_kind(phone, "progress")] == [LECTURE]


def test_a_free_course_is_joined_in_one_tap(phone: Phone, ada: Browser) -> None:
    first = phone.http.post(f"/api/v1/courses/{FREE}/join")
    assert (first.status_code, first.json()["course"], first.json()["source"]) == (200, FREE, "free")
    assert phone.http.post(f"/api/v1/courses/{FREE}/join").json() == first.json()
    assert [course["id"] for course in ada.get("/api/library").json()] == [FREE]
    assert [each["entity"] for each in of_kind(phone, "grant")] == [FREE]


def test_only_free_courses_are_joined(phone: Phone, ada: Browser) -> None:
    for id in (THURSDAY, ANNOUNCED):
        assert phone.http.post(f"/api/v1/courses/{id}/join").json()["code"] == "not_on_sale"
    assert phone.http.post("/api/v1/courses/crs_invented/join").status_code == 404
    assert ada.get("/api/library").json() == []
    lesser = Phone(ada, scope="sync")
    assert lesser.http.post(f"/api/v1/courses/{FREE}/join").json()["code"] == "forbidden"


def test_the_server_says_what_to_show_first(ada: Browser, phone: Phone, database: Database, clock: FakeClock) -> None:
    sections = [each["id"] for each in phone.http.get("/api/v1/home").json()["sections"]]
    assert sections == ["new_episodes", "free_courses", "more_courses"]
    own(database, ada.account_id, THURSDAY, now=clock())
    phone.push(
        progress(44, completed=True, at=clock()),
        progress(20, lecture=OTHER, total_seconds=40, at=clock() + dt.timedelta(seconds=1)),
        change("listening", "8", {"position_seconds": 150, "total_seconds": 600}, at=clock() + dt.timedelta(seconds=2)),
    )
    goes_on = [(item["kind"], item["id"], item["percent"]) for item in section(phone, "continue")]
    assert goes_on == [("episode", "8", 25), ("lecture", OTHER, 50)]
    assert [item["id"] for item in section(phone, "new_episodes")] == ["7"]
    assert [(item["id"], item["percent"]) for item in section(phone, "your_courses")] == [(COURSE, 10)]
    assert COURSE not in [item["id"] for item in section(phone, "more_courses")]


def test_nothing_that_was_refunded_is_gone_on_with(ada: Browser, phone: Phone) -> None:
    phone.push(progress(20))
    assert section(phone, "continue") == []


def test_what_is_a_persons_own_needs_a_person(app: Starlette, ada: Browser) -> None:
    nobody = Browser(app, email="")
    for path in ("/api/v1/home", "/api/v1/entitlements", "/api/v1/progress"):
        assert nobody.get(path).json()["code"] == "signed_out"
    assert nobody.post(f"/api/v1/courses/{FREE}/join").json()["code"] == "signed_out"
