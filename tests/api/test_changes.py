"""Changes go up in batches, each answered by itself; whoever asks with a cursor gets what came since. Done twice is done once."""

import datetime as dt
from typing import Any

import pytest
from starlette.applications import Starlette

from api import times
from api.store import epochs
from api.store.database import Database
from tests.api.conftest import FROM_OUR_PAGES, FakeClock
from tests.api.people import Browser
from tests.api.syncing import COURSE, LECTURE, OTHER, Phone, change, change_id, progress, signed_in

pytestmark = pytest.mark.usefixtures("catalog")


@pytest.fixture
def ada(app: Starlette, database: Database) -> Browser:
    return signed_in(app, database)


@pytest.fixture
def phone(ada: Browser) -> Phone:
    return Phone(ada)


@pytest.fixture
def tablet(ada: Browser) -> Phone:
    return Phone(ada)


def outcomes(results: list[dict[str, Any]]) -> list[str]:
    return [result["outcome"] for result in results]


def test_what_one_device_sends_another_gets(phone: Phone, tablet: Phone) -> None:
    sent = progress(12.5, total_seconds=44, watched=[[0, 12.5]])
    [result] = phone.push(sent)
    value = {"position_seconds": 12.5, "total_seconds": 44.0, "watched": [[0.0, 12.5]], "completed": False}
    assert result == {
        "id": sent["id"],
        "outcome": "applied",
        "value": value,
        "version": result["version"],
        "problem": None,
    }
    [told] = [each for each in tablet.pull()["changes"] if each["kind"] == "progress"]
    assert (told["entity"], told["data"], told["version"], told["deleted"]) == (
        LECTURE,
        value,
        result["version"],
        False,
    )


def test_a_browser_asks_the_same_addresses_with_its_session(ada: Browser, phone: Phone) -> None:
    answer = ada.post("/api/v1/changes", json={"changes": [progress(3)]})
    assert (answer.status_code, outcomes(answer.json()["results"])) == (200, ["applied"])
    assert phone.state()["progress", LECTURE]["position_seconds"] == 3
    assert ada.get("/api/v1/changes").status_code == 200


def test_a_session_changes_from_our_own_pages_only(ada: Browser) -> None:
    body = {"changes": [progress(3)]}
    elsewhere = {"Origin": "https://evil.example"}
    assert ada.post("/api/v1/changes", json=body, headers=elsewhere).json()["code"] == "foreign_origin"
    scheme = {**elsewhere, "Authorization": "Basic YTpi"}
    assert ada.post("/api/v1/changes", json=body, headers=scheme).json()["code"] == "foreign_origin"


def test_a_bad_token_is_not_saved_by_a_cookie(ada: Browser) -> None:
    answer = ada.get("/api/v1/changes", headers={"Authorization": "Bearer lwaccess_invented"})
    assert (answer.status_code, answer.json()["code"]) == (401, "signed_out")


def test_an_app_without_the_scope_is_refused(ada: Browser) -> None:
    lesser = Phone(ada, scope="account")
    assert lesser.http.get("/api/v1/changes").json()["code"] == "forbidden"
    assert lesser.http.post("/api/v1/changes", json={"changes": []}).json()["code"] == "forbidden"


def test_nobody_gets_anybody_elses(app: Starlette, database: Database, phone: Phone) -> None:
    phone.push(progress(12), change("note", "n1", {"lecture": LECTURE, "text": "mine"}))
    eve = Phone(signed_in(app, database, "eve@example.com"))
    assert eve.state() == {}
    eve.push(change("note", "n1", {"lecture": LECTURE, "text": "hers"}))
    assert phone.state()["note", "n1"]["text"] == "mine"


def test_a_cursor_brings_only_what_came_since(phone: Phone, tablet: Phone, clock: FakeClock) -> None:
    phone.push(progress(5))
    first = tablet.pull()
    assert tablet.pull(first["cursor"])["changes"] == []
    phone.push(progress(6, lecture=OTHER))
    assert [each["entity"] for each in tablet.pull(first["cursor"])["changes"]] == [OTHER]


def test_the_answer_to_a_push_leads_past_it_unless_others_wrote_between(phone: Phone, tablet: Phone) -> None:
    cursor = phone.pull()["cursor"]
    moved = phone.pushed(progress(5), cursor=cursor)["cursor"]
    assert phone.pull(moved)["changes"] == []
    tablet.push(progress(9, lecture=OTHER))
    kept = phone.pushed(progress(6), cursor=moved)["cursor"]
    assert kept == moved
    assert {each["entity"] for each in phone.pull(kept)["changes"]} == {LECTURE, OTHER}


@pytest.mark.parametrize("cursor", ["x", "W10", "AAAA", "💥", "-1", "1.5", "a" * 5000, "WzEsIngiLDEsIiJd", "bnVsbA=="])
def test_a_cursor_that_leads_nowhere_says_start_over(phone: Phone, cursor: str) -> None:
    answer = phone.http.get("/api/v1/changes", params={"cursor": cursor})
    assert (answer.status_code, answer.json()["code"]) == (410, "gone")
    assert phone.pushed(progress(1), cursor=cursor)["cursor"] == ""


def test_a_cursor_of_another_account_says_start_over(app: Starlette, database: Database, phone: Phone) -> None:
    eve = Phone(signed_in(app, database, "eve@example.com"))
    assert eve.http.get("/api/v1/changes", params={"cursor": phone.pull()["cursor"]}).status_code == 410


def test_a_cursor_of_a_time_a_restored_backup_has_lost_says_start_over(phone: Phone, app: Starlette) -> None:
    phone.push(progress(5))
    cursor = phone.pull()["cursor"]
    with app.state.service.sync.transaction() as db:
        db.execute("UPDATE stamps SET last = last - 1")
    assert phone.http.get("/api/v1/changes", params={"cursor": cursor}).status_code == 410


def test_a_cursor_from_before_a_restore_says_start_over_though_others_wrote_since(
    phone: Phone, tablet: Phone, app: Starlette, clock: FakeClock
) -> None:
    phone.push(progress(5))
    cursor = phone.pull()["cursor"]
    sync = app.state.service.sync
    with sync.transaction() as db:  # what the backup did not know any more
        db.execute("UPDATE stamps SET last = last - 60")
        db.execute("DELETE FROM progress")
        epochs.begin(db, "second", at=times.milliseconds(clock()))
    clock.advance(seconds=-60)  # another machine's clock
    for _ in range(70):
        tablet.push(progress(9, lecture=OTHER))
    clock.advance(seconds=120)
    assert phone.http.get("/api/v1/changes", params={"cursor": cursor}).status_code == 410
    assert phone.pushed(progress(6), cursor=cursor)["cursor"] == ""
    told = phone.pull()
    assert {each["entity"] for each in told["changes"] if each["kind"] == "progress"} == {LECTURE, OTHER}
    assert phone.pull(told["cursor"])["changes"] == []


def test_a_restored_phone_gets_all_of_it_in_pages(phone: Phone, clock: FakeClock) -> None:
    for page in range(3):
        phone.push(*(change("favourite", str(1 + page * 700 + number), {}) for number in range(700)))
        clock.advance(seconds=1)
    assert phone.pull()["more"]
    assert len(phone.state()) == 2100


def test_the_same_batch_ten_times_changes_nothing_more(phone: Phone, tablet: Phone, app: Starlette) -> None:
    batch = [
        progress(12, watched=[[0, 12]], total_seconds=44),
        change("note", "n1", {"lecture": LECTURE, "text": "copy, then look"}),
        change("bookmark", "b1", {"episode": "3", "position_seconds": 4}),
        change("queue", "3", {"order": "V"}),
        change("favourite", COURSE, {}),
        change("favourite", "not one thing", {}),
    ]
    first = phone.pushed(*batch)
    state, cursor = phone.state(), tablet.pull()["cursor"]
    for _ in range(9):
        assert phone.pushed(*batch) == first
    assert phone.state() == state
    assert tablet.pull(cursor)["changes"] == []


def test_the_same_change_twice_in_one_batch_is_one(phone: Phone) -> None:
    one = change("note", "n1", {"lecture": LECTURE, "text": "once"})
    first, second = phone.push(one, one)
    assert first == second


def test_a_lost_answer_is_given_again_though_others_wrote_since(phone: Phone, tablet: Phone, clock: FakeClock) -> None:
    mine = progress(12, at=clock())
    phone.push(mine)
    clock.advance(minutes=1)
    tablet.push(progress(30, at=clock()))
    [again] = phone.push(mine)
    assert (again["outcome"], again["value"]["position_seconds"]) == ("applied", 30)


GOOD = {"id": change_id(), "kind": "progress", "entity": LECTURE, "data": {"position_seconds": 1}}
BAD: list[Any] = [
    None, 7, "text", [], {}, {**GOOD, "id": "1"}, {**GOOD, "id": None}, {**GOOD, "id": GOOD["id"].replace("-7", "-4")},
    {**GOOD, "kind": "grant"}, {**GOOD, "kind": 3}, {**GOOD, "entity": "crs_x"}, {**GOOD, "entity": "lec_x\n"},
    {**GOOD, "entity": "lec_" + "x" * 200}, {**GOOD, "data": None}, {**GOOD, "data": []}, {**GOOD, "at": "yesterday"},
    {**GOOD, "at": "2026-01-05T06:00:00"}, {**GOOD, "at": -1}, {**GOOD, "base": -1}, {**GOOD, "base": "x"},
    {**GOOD, "data": {"position_seconds": -1}}, {**GOOD, "data": {"position_seconds": 1e12}},
    {**GOOD, "data": {"position_seconds": 500, "total_seconds": 44}}, {**GOOD, "data": {"position_seconds": "1"}},
    {**GOOD, "data": {"watched": [[5, 1]]}}, {**GOOD, "data": {"watched": [[1]]}}, {**GOOD, "data": {"watched": [[0, "x"]]}},
    {**GOOD, "data": {"watched": [[0, 1]] * 501}}, {**GOOD, "data": {"completed": "yes"}},
    {**GOOD, "kind": "note", "entity": "n1", "data": {"text": "x"}},
    {**GOOD, "kind": "note", "entity": "n1", "data": {"text": "x", "lecture": LECTURE, "episode": "1"}},
    {**GOOD, "kind": "note", "entity": "n1", "data": {"text": "x\0", "lecture": LECTURE}},
    {**GOOD, "kind": "note", "entity": "n1", "data": {"text": "x" * 20_001, "lecture": LECTURE}},
    {**GOOD, "kind": "queue", "entity": "1", "data": {"order": ""}},
    {**GOOD, "kind": "queue", "entity": "1", "data": {"order": "a0"}},
    {**GOOD, "kind": "bookmark", "entity": "../x", "data": {"lecture": LECTURE}},
    {**GOOD, "kind": "favourite", "entity": "x", "data": {}}, {**GOOD, "kind": "listening", "entity": "0", "data": {}},
]  # fmt: skip


@pytest.mark.parametrize("bad", BAD, ids=lambda each: str(each)[:80])
def test_a_bad_change_is_told_what_is_wrong_and_takes_no_other_along(phone: Phone, bad: Any) -> None:
    before, after = progress(2), progress(4, lecture=OTHER)
    first, wrong, last = phone.push(before, bad, after)
    assert (wrong["outcome"], wrong["value"]) == ("rejected", None)
    assert len(wrong["problem"]) > 10
    assert outcomes([first, last]) == ["applied", "applied"]
    assert set(phone.state()) == {("progress", LECTURE), ("progress", OTHER)}


def test_half_a_character_spoils_its_own_change_alone(phone: Phone) -> None:
    half = b'{"id": "%s", "kind": "note", "entity": "n1", "data": {"lecture": "%s", "text": "\\ud800"}}'
    good = b'{"id": "%s", "kind": "favourite", "entity": "1", "data": {}}' % change_id().encode()
    body = b'{"changes": [%s, %s]}' % (half % (change_id().encode(), LECTURE.encode()), good)
    answer = phone.http.post("/api/v1/changes", content=body)
    assert outcomes(answer.json()["results"]) == ["rejected", "applied"]


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{", b"x=1", b'{"changes": 3}', b'{"changes": [NaN]}', b"\xff", b"[" * 100_000, b'{"changes": {}}'],
)
def test_a_body_that_is_no_batch_is_refused_as_a_whole(phone: Phone, body: bytes) -> None:
    answer = phone.http.post("/api/v1/changes", content=body)
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")


def test_a_body_is_read_by_what_it_is_and_not_by_its_label(phone: Phone) -> None:
    for label in ("application/x-www-form-urlencoded", "text/plain", "image/png"):
        answer = phone.http.post("/api/v1/changes", content=b'{"changes": []}', headers={"Content-Type": label})
        assert answer.json() == {"results": [], "cursor": ""}


def test_what_is_too_much_is_refused_before_anything_is_stored(phone: Phone) -> None:
    many = [change("favourite", str(number), {}) for number in range(1, 1002)]
    assert phone.http.post("/api/v1/changes", json={"changes": many}).status_code == 413
    assert phone.http.post("/api/v1/changes", content=b" " * (1024 * 1024 + 1)).status_code == 413
    assert phone.state() == {}


def test_half_a_body_stores_nothing_and_the_whole_does_later(phone: Phone) -> None:
    body = b'{"changes": [{"id": "%s", "kind": "favourite", "entity": "1", "data": {}}]}' % change_id().encode()
    assert phone.http.post("/api/v1/changes", content=body[: len(body) // 2]).status_code == 400
    assert phone.state() == {}
    assert outcomes(phone.http.post("/api/v1/changes", content=body).json()["results"]) == ["applied"]


@pytest.mark.parametrize(
    "said", ["1970-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "2099-01-01T00:00:00Z", "9999-12-31T23:59:59-14:00"]
)
def test_a_clock_wrong_by_years_neither_loses_nor_wins_for_ever(phone: Phone, clock: FakeClock, said: str) -> None:
    assert outcomes(phone.push({**progress(5), "at": said})) == ["applied"]
    clock.advance(minutes=6)
    phone.push(progress(9, at=clock()))
    assert phone.state()["progress", LECTURE]["position_seconds"] == 9


def test_two_phones_a_month_offline_lose_nothing(phone: Phone, tablet: Phone, clock: FakeClock) -> None:
    start = clock()
    on_phone = [progress(n, lecture=LECTURE, at=start + dt.timedelta(days=n), watched=[[n, n + 1]]) for n in range(15)]
    on_tablet = [
        progress(n + 0.5, lecture=LECTURE, at=start + dt.timedelta(days=n, hours=1), watched=[[n + 20, n + 21]])
        for n in range(15)
    ]
    done = change("progress", OTHER, {"completed": True}, at=start + dt.timedelta(days=2))
    clock.advance(days=30)
    for device in (phone, tablet):
        device.renew()
    tablet.push(*on_tablet)
    phone.push(*on_phone, done)
    state = tablet.state()
    assert state == phone.state()
    assert state["progress", LECTURE]["position_seconds"] == 14.5
    assert state["progress", LECTURE]["watched"] == [[0, 15], [20, 35]]
    assert state["progress", OTHER]["completed"]


def test_changes_of_half_a_year_are_taken(phone: Phone, clock: FakeClock) -> None:
    old = progress(5, at=clock() - dt.timedelta(days=179))
    assert outcomes(phone.push(old)) == ["applied"]


def test_a_full_disk_is_said_and_loses_nothing(phone: Phone, app: Starlette) -> None:
    sync, sent = app.state.service.sync, progress(5)
    with sync.transaction() as db:
        pages = db.execute("PRAGMA page_count").fetchone()[0]
        db.execute(f"PRAGMA max_page_count = {pages}")
    note = change("note", "n1", {"lecture": LECTURE, "text": "x" * 19_000})
    answer = phone.http.post("/api/v1/changes", json={"changes": [sent, note]})
    assert (answer.status_code, answer.json()["code"]) == (507, "storage_full")
    assert phone.state() == {}


def test_the_same_page_without_script_never_sends_a_form(ada: Browser) -> None:
    answer = ada.post("/api/v1/changes", data={"changes": "x"}, headers=FROM_OUR_PAGES)
    assert answer.status_code == 400


def test_a_note_that_another_device_has_changed_is_left_alone(phone: Phone, tablet: Phone, clock: FakeClock) -> None:
    def note(text: str, base: int | None) -> dict[str, Any]:
        clock.advance(minutes=1)
        return change("note", "n1", {"lecture": LECTURE, "text": text}, at=clock(), base=base)

    [first] = phone.push(note("first", None))
    [theirs] = tablet.push(note("theirs", first["version"]))
    [stale] = phone.push(note("mine", first["version"]))
    assert (stale["outcome"], stale["value"]["text"], stale["version"]) == ("stale", "theirs", theirs["version"])
    [blind] = phone.push(note("blind", None))
    assert blind["outcome"] == "stale"
    [settled] = phone.push(note("both", stale["version"]))
    assert (settled["outcome"], settled["value"]["text"]) == ("applied", "both")


def test_what_was_removed_is_told_as_removed_and_can_come_back(phone: Phone, tablet: Phone, clock: FakeClock) -> None:
    phone.push(change("favourite", "3", {}, at=clock()))
    cursor = tablet.pull()["cursor"]
    clock.advance(minutes=1)
    phone.push(change("favourite", "3", None, at=clock()))
    [told] = tablet.pull(cursor)["changes"]
    assert (told["deleted"], told["data"]) == (True, None)
    [late] = tablet.push(change("favourite", "3", {}, at=clock() - dt.timedelta(seconds=30)))
    assert (late["outcome"], late["value"]) == ("merged", None)
    [back] = tablet.push(change("favourite", "3", {}, at=clock() + dt.timedelta(seconds=30)))
    assert (back["outcome"], back["value"]) == ("applied", {})
