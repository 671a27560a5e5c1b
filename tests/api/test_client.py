"""The Python client records without a network, sends once there is one, and loses and doubles nothing, whatever happens between."""

import random
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from starlette.applications import Starlette

from api.client import Client, ClientError, Offline, Refused, SignedOut, TryLater, between
from api.client.http import over_network
from api.settings import Settings
from api.store.database import Database
from tests.api.conftest import FakeClock
from tests.api.offline import Network, install, sign_in
from tests.api.people import Browser
from tests.api.shop import FREE
from tests.api.syncing import COURSE, LECTURE, OTHER, signed_in, write_show

pytestmark = pytest.mark.usefixtures("catalog")


@pytest.fixture
def ada(app: Starlette, database: Database, settings: Settings) -> Browser:
    write_show(settings, 7, 8)
    return signed_in(app, database)


@pytest.fixture
def network(app: Starlette) -> Network:
    return Network(app)


@pytest.fixture
def phone(app: Starlette, ada: Browser, clock: FakeClock, network: Network, tmp_path: Path) -> Iterator[Client]:
    with install(app, tmp_path / "phone.sqlite", clock, network) as client:
        sign_in(client, ada)
        yield client


@pytest.fixture
def tablet(app: Starlette, ada: Browser, clock: FakeClock, tmp_path: Path) -> Iterator[Client]:
    with install(app, tmp_path / "tablet.sqlite", clock) as client:
        sign_in(client, ada)
        yield client


def test_a_course_is_finished_offline_and_complete_once_online(
    phone: Client, ada: Browser, network: Network, clock: FakeClock
) -> None:
    lectures = [lecture for chapter in phone.course(COURSE)["chapters"] for lecture in chapter["lectures"]]
    network.weather = lambda number, path: "no network"
    for lecture in lectures:
        clock.advance(minutes=5)
        phone.watched(
            lecture["id"], position_seconds=lecture["seconds"], watched=[(0, lecture["seconds"])], completed=True
        )
    with pytest.raises(Offline):
        phone.sync()
    assert phone.state("progress", LECTURE)["completed"]  # type: ignore[index]
    clock.advance(days=20)
    network.weather = lambda number, path: ""
    assert phone.sync().sent == len(lectures)
    assert phone.waiting == 0
    found = ada.get(f"/api/v1/courses/{COURSE}/progress").json()
    assert (found["percent"], found["completed"]) == (100, True)


def test_two_devices_a_month_apart_end_in_the_same_state(phone: Client, tablet: Client, clock: FakeClock) -> None:
    for day in range(30):
        clock.advance(days=1)
        phone.watched(LECTURE, position_seconds=day, watched=[(day, day + 1)])
        tablet.watched(OTHER, position_seconds=day, watched=[(day, day + 1)])
        tablet.heard(7, position_seconds=10 * day)
    for device in (phone, tablet, phone):
        device.sync()
    for kind, entity in (("progress", LECTURE), ("progress", OTHER), ("listening", "7")):
        assert phone.state(kind, entity) == tablet.state(kind, entity)
    assert phone.state("progress", LECTURE)["watched"] == [[0, 30]]  # type: ignore[index]
    assert phone.state("listening", "7")["position_seconds"] == 290  # type: ignore[index]


@pytest.mark.parametrize(
    "trouble", ["no network", "half sent", "answer lost", "half an answer", "a page", "502", "429"]
)
def test_no_trouble_loses_or_doubles_anything(
    phone: Client, ada: Browser, network: Network, app: Starlette, trouble: str
) -> None:
    phone.watched(LECTURE, position_seconds=12, watched=[(0, 12)])
    phone.record("note", "n1", {"lecture": LECTURE, "text": "copy, then look"})
    network.weather = lambda number, path: trouble
    for _ in range(3):
        with pytest.raises(ClientError):
            phone.sync()
    assert phone.waiting == 2 and phone.set_aside == []
    network.weather = lambda number, path: ""
    phone.sync()
    assert phone.waiting == 0
    assert app.state.service.sync.reader.execute("SELECT count(*) FROM answered").fetchone()[0] == 2
    assert phone.state("note", "n1") == {
        "lecture": LECTURE,
        "episode": None,
        "position_seconds": 0.0,
        "text": "copy, then look",
    }


def test_weather_that_changes_all_the_time_ends_in_the_same_state(
    phone: Client, tablet: Client, network: Network, clock: FakeClock
) -> None:
    chance = random.Random(4)
    troubles = ["", "", "no network", "half sent", "answer lost", "half an answer", "a page", "503"]
    network.weather = lambda number, path: "" if path == "/api/token" else chance.choice(troubles)
    for step in range(60):
        clock.advance(minutes=chance.randint(1, 20))
        device = chance.choice([phone, tablet])
        device.watched(LECTURE, position_seconds=step % 40, watched=[(step % 40, step % 40 + 2)])
        device.record("favourite", str(chance.randint(1, 5)), chance.choice([{}, None]))
        if chance.random() < 0.5:
            with suppress(Offline, TryLater):
                device.sync()
    network.weather = lambda number, path: ""
    for device in (phone, tablet, phone):
        device.sync()
    assert phone.state("progress", LECTURE) == tablet.state("progress", LECTURE)
    assert phone.entities("favourite") == tablet.entities("favourite")
    assert phone.set_aside == tablet.set_aside == []


def test_an_app_that_is_killed_goes_on_from_its_file(  # noqa: PLR0917 (fixtures)
    phone: Client, ada: Browser, app: Starlette, network: Network, clock: FakeClock, tmp_path: Path
) -> None:
    phone.watched(LECTURE, position_seconds=12)

    def killed(number: int, path: str) -> str:
        raise KeyboardInterrupt

    network.weather = killed
    with pytest.raises(KeyboardInterrupt):
        phone.sync()
    network.weather = lambda number, path: ""
    with install(app, tmp_path / "phone.sqlite", clock, network) as again:
        assert again.waiting == 1
        assert again.sync().sent == 1
    assert ada.get(f"/api/v1/courses/{COURSE}/progress").json()["lectures"][0]["position_seconds"] == 12


def test_a_player_that_reports_all_the_time_fills_no_disk(phone: Client, clock: FakeClock) -> None:
    for second in range(0, 600, 5):
        clock.advance(seconds=5)
        phone.watched(LECTURE, position_seconds=second, watched=[(second, second + 5)])
    assert phone.waiting == 1
    phone.sync()
    assert phone.state("progress", LECTURE)["watched"] == [[0, 600]]  # type: ignore[index]


def test_what_the_server_may_have_already_is_never_rewritten(phone: Client, network: Network, clock: FakeClock) -> None:
    phone.watched(LECTURE, position_seconds=5)
    network.weather = lambda number, path: "answer lost"
    with pytest.raises(Offline):
        phone.sync()
    clock.advance(seconds=5)
    phone.watched(LECTURE, position_seconds=10)
    assert phone.waiting == 2
    network.weather = lambda number, path: ""
    phone.sync()
    assert phone.state("progress", LECTURE)["position_seconds"] == 10  # type: ignore[index]


def test_tokens_are_renewed_by_themselves(phone: Client, clock: FakeClock) -> None:
    clock.advance(days=40)
    phone.watched(LECTURE, position_seconds=5)
    assert phone.sync().sent == 1


def test_a_lost_pair_of_tokens_is_told_again(phone: Client, network: Network, clock: FakeClock) -> None:
    clock.advance(hours=2)
    phone.watched(LECTURE, position_seconds=5)
    network.weather = lambda number, path: "answer lost" if path == "/api/token" else ""
    with pytest.raises(Offline):
        phone.sync()
    network.weather = lambda number, path: ""
    assert phone.sync().sent == 1


def test_an_app_that_was_ended_keeps_its_outbox_until_it_is_let_in_again(phone: Client, ada: Browser) -> None:
    phone.watched(LECTURE, position_seconds=5)
    [device] = ada.get("/api/devices").json()["devices"]
    ada.delete(f"/api/devices/{device['id']}")
    with pytest.raises(SignedOut):
        phone.sync()
    assert phone.waiting == 1
    sign_in(phone, ada)
    assert phone.sync().sent == 1


def test_an_answer_to_another_request_signs_nobody_in(phone: Client) -> None:
    asked = phone.tokens.authorization("http://127.0.0.1:51004/callback")
    with pytest.raises(Refused, match="another request"):
        phone.tokens.exchange(asked, code="lwcode_of_somebody", state="forged", device_name="x")


def test_a_television_is_let_in_by_its_code(app: Starlette, ada: Browser, clock: FakeClock, tmp_path: Path) -> None:
    with install(app, tmp_path / "television.sqlite", clock) as television:
        begun = television.tokens.begin_device(device_name="Television")
        assert not television.tokens.ask_device(begun)
        ada.post("/api/device-code/decide", json={"user_code": begun.user_code, "decision": "allow"})
        clock.advance(seconds=begun.interval)
        assert television.tokens.ask_device(begun)
        television.watched(LECTURE, position_seconds=5)
        assert television.sync().sent == 1


def test_a_cursor_that_leads_nowhere_makes_it_start_over_and_lose_nothing(
    phone: Client, tablet: Client, app: Starlette, network: Network
) -> None:
    tablet.record("favourite", "7", {})
    tablet.sync()
    phone.sync()
    with app.state.service.sync.transaction() as db:  # a backup was put back
        db.execute("UPDATE stamps SET last = last - 1")
        db.execute("DELETE FROM kept")
    phone.record("favourite", "8", {})
    phone.sync()
    assert set(phone.entities("favourite")) == {"8"}
    assert phone.waiting == 0


def test_a_note_that_another_changed_first_is_set_aside_and_settled(phone: Client, tablet: Client) -> None:
    phone.record("note", "n1", {"lecture": LECTURE, "text": "first"})
    phone.sync()
    tablet.sync()
    phone.record("note", "n1", {"lecture": LECTURE, "text": "from the phone"})
    tablet.record("note", "n1", {"lecture": LECTURE, "text": "from the tablet"})
    tablet.sync()
    phone.sync()
    [aside] = phone.set_aside
    assert (aside.outcome, aside.data) == ("stale", {"lecture": LECTURE, "text": "from the phone"})
    assert phone.state("note", "n1")["text"] == "from the tablet"  # type: ignore[index]
    phone.settle(aside, {"lecture": LECTURE, "text": "from the tablet; from the phone"})
    phone.sync()
    tablet.sync()
    assert phone.set_aside == []
    assert tablet.state("note", "n1")["text"] == "from the tablet; from the phone"  # type: ignore[index]


def test_two_edits_without_a_network_are_no_conflict_with_oneself(phone: Client, clock: FakeClock) -> None:
    for text in ("one", "two", "three"):
        clock.advance(minutes=1)
        phone.record("note", "n1", {"lecture": LECTURE, "text": text})
    phone.sync()
    assert phone.set_aside == []
    assert phone.state("note", "n1")["text"] == "three"  # type: ignore[index]


def test_of_two_changes_in_the_same_instant_the_second_stands(phone: Client) -> None:
    for _ in range(5):
        phone.record("favourite", "7", {})
        phone.record("favourite", "7", None)
    phone.sync()
    assert phone.entities("favourite") == {}


def test_a_mistake_is_set_aside_and_holds_nothing_up(phone: Client) -> None:
    phone.record("queue", "not one thing", {"order": "V"})
    phone.watched(LECTURE, position_seconds=5)
    assert phone.sync().sent == 2
    [aside] = phone.set_aside
    assert (aside.outcome, aside.problem is not None) == ("rejected", True)


def test_more_than_a_batch_may_hold_goes_in_parts(phone: Client) -> None:
    for number in range(1, 60):
        phone.record("note", f"n{number}", {"lecture": LECTURE, "text": "x" * 19_900})
    assert phone.sync().sent == 59
    assert len(phone.entities("note")) == 59


def test_a_queue_is_the_same_on_both_and_what_was_removed_stays_away(
    phone: Client, tablet: Client, clock: FakeClock
) -> None:
    first, last = between("", ""), between(between("", ""), "")
    phone.record("queue", "7", {"order": first})
    phone.record("queue", "8", {"order": last})
    phone.sync()
    tablet.sync()
    clock.advance(seconds=1)
    tablet.record("queue", LECTURE, {"order": between(first, last)})
    tablet.record("queue", "7", None)
    tablet.sync()
    phone.sync()
    order = sorted(phone.entities("queue").items(), key=lambda item: (item[1]["order"], item[0]))
    assert [entity for entity, _ in order] == [LECTURE, "8"]


def test_what_is_known_is_not_fetched_again(phone: Client, network: Network) -> None:
    first = phone.catalogue()
    network.weather = lambda number, path: "" if path == "/api/v1/catalogue" else "no network"
    assert phone.catalogue() == first
    [free] = [course for course in first["courses"] if course["free"]]
    network.weather = lambda number, path: ""
    assert phone.join(free["id"])["course"] == FREE
    assert [each["course"] for each in phone.entitlements()["courses"]] == [FREE]
    phone.sync()
    assert list(phone.entities("grant")) == [FREE]
    assert phone.home()["sections"][0]["id"] == "new_episodes"


def test_a_key_fits_between_any_two() -> None:
    chance, keys = random.Random(1), [""]
    for _ in range(2000):
        at = chance.randint(0, len(keys) - 1)
        before, after = keys[at], keys[at + 1] if at + 1 < len(keys) else ""
        found = between(before, after)
        assert before < found and (not after or found < after) and found[-1] != "0"
        keys.insert(at + 1, found)
    with pytest.raises(ValueError, match="ahead"):
        between("b", "a")


def test_the_network_of_real_use_says_offline_for_what_is_not_there() -> None:
    with pytest.raises(Offline):
        over_network("GET", "http://127.0.0.1:9/", {}, None)
    with pytest.raises(ValueError, match="no web address"):
        over_network("GET", "file:///etc/passwd", {}, None)
