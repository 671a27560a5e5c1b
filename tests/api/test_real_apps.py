"""What AntennaPod, Kasts and Cardo send, written down request by request and replayed, quirk by quirk: each finds everything right.

An app here reads answers as strictly as the real one: a missing field is an error, and so is every status but 200.
"""

import datetime as dt
from typing import Any

import pytest
from starlette.applications import Starlette

from api.store.database import Database
from tests.api.conftest import FakeClock
from tests.api.people import Browser
from tests.api.podcast_apps import PodcastApp, made
from tests.api.test_login_flows import AskingApp, say

FEED, OTHER = "https://feeds.example.com/talks", "https://feeds.example.com/walks"
AUDIO, SECOND = "https://cdn.example.com/one.mp3", "https://cdn.example.com/two.mp3"
NEXTCLOUD = "/index.php/apps/gpoddersync"
INT32_MAX = 2**31 - 1


@pytest.fixture
def ada(app: Starlette, database: Database) -> Browser:
    return Browser(app, email="ada@example.com").sign_in(database)


def read(answer: Any) -> Any:
    assert answer.status_code == 200, answer.text
    return answer.json()


class AntennaPod(PodcastApp):
    """With "gpodder.net" and our address as its server. Logs in at every sync and sends only the cookie from then on."""

    device = "antennapod_1f0c"
    subscribed_since = played_since = 0
    places: dict[str, int]

    def sync(self, *queue: dict[str, Any], add: tuple[str, ...] = (), remove: tuple[str, ...] = ()) -> None:
        self.cookies.clear()
        assert self.log_in().status_code == 200
        self.subscriptions(add, remove)
        self.episodes(queue)

    def subscriptions(self, add: tuple[str, ...], remove: tuple[str, ...]) -> None:
        path = f"/api/2/subscriptions/{self.user_name}/{self.device}.json"
        told = read(self.get(path, params={"since": str(self.subscribed_since)}))
        self.feeds = ({*getattr(self, "feeds", ()), *told["add"]} - {*told["remove"]} | {*add}) - {*remove}
        self.subscribed_since = int(told["timestamp"])
        if add or remove:
            answer = read(self.deliver(path, {"add": list(add), "remove": list(remove)}))
            self.updated = answer["update_urls"]
            self.subscribed_since = int(answer["timestamp"])

    def episodes(self, queue: tuple[dict[str, Any], ...]) -> None:
        path = f"/api/2/episodes/{self.user_name}.json"
        told = read(self.get(path, params={"since": str(self.played_since)}))
        self.hear(told["actions"])
        self.played_since = int(told["timestamp"])
        for at in range(0, len(queue), 30):
            answer = read(self.deliver(path, queue[at : at + 30]))
            assert isinstance(answer["update_urls"], list)
            self.played_since = int(answer["timestamp"])

    def hear(self, actions: list[dict[str, Any]]) -> None:
        """Other actions than play it does not heed, and of a play it wants place and length above 0."""
        self.places = getattr(self, "places", {})
        for action in actions:
            assert dt.datetime.strptime(action["timestamp"], "%Y-%m-%dT%H:%M:%S")
            if action["action"].upper() == "PLAY" and action["started"] >= 0 and action["position"] > 0:
                assert action["total"] > 0
                self.places[action["episode"]] = action["position"]

    def deliver(self, path: str, body: Any) -> Any:
        return self.post(path, json=body, headers={"Content-Type": "application/json; charset=utf-8"})


class AntennaPodOnNextcloud(AntennaPod):
    """With "Nextcloud" as its server: no devices, a password with every request, and after sending its own clock as cursor."""

    clock: FakeClock

    def sync(self, *queue: dict[str, Any], add: tuple[str, ...] = (), remove: tuple[str, ...] = ()) -> None:
        self.headers.update(self.basic())
        told = read(self.get(f"{NEXTCLOUD}/subscriptions", params={"since": str(self.subscribed_since)}))
        self.feeds = ({*getattr(self, "feeds", ()), *told["add"]} - {*told["remove"]} | {*add}) - {*remove}
        self.subscribed_since = int(told["timestamp"])
        if add or remove:
            read(self.deliver(f"{NEXTCLOUD}/subscription_change/create", {"add": list(add), "remove": list(remove)}))
            self.subscribed_since = int(self.clock().timestamp())
        told = read(self.get(f"{NEXTCLOUD}/episode_action", params={"since": str(self.played_since)}))
        self.hear(told["actions"])
        self.played_since = int(told["timestamp"])
        for at in range(0, len(queue), 30):
            read(self.deliver(f"{NEXTCLOUD}/episode_action/create", queue[at : at + 30]))
            self.played_since = int(self.clock().timestamp())


def play(position: int, at: str = "2026-01-05T05:00:00", *, episode: str = AUDIO, **more: Any) -> dict[str, Any]:
    """As AntennaPod writes it: UTC without a zone."""
    return {
        "podcast": FEED,
        "episode": episode,
        "guid": f"guid of {episode}",
        "action": "play",
        "timestamp": at,
        "started": 0,
        "position": position,
        "total": 3600,
        **more,
    }


@pytest.fixture
def antennapod(app: Starlette, ada: Browser) -> AntennaPod:
    return AntennaPod(app, made(ada))


@pytest.fixture
def nextcloud(app: Starlette, ada: Browser, clock: FakeClock) -> AntennaPodOnNextcloud:
    """It has logged in by a browser."""
    asking = AskingApp(app)
    say(ada, asking)
    got = asking.poll().json()
    phone = AntennaPodOnNextcloud(
        app, {"user_name": got["loginName"], "password": got["appPassword"]}, host="203.0.113.52"
    )
    phone.clock = clock
    return phone


# AntennaPod


def test_antennapod_goes_on_where_another_stopped(
    antennapod: AntennaPod, nextcloud: AntennaPodOnNextcloud, clock: FakeClock
) -> None:
    antennapod.sync(play(900), add=(FEED,))
    clock.advance(minutes=1)
    nextcloud.sync(play(1200, "2026-01-05T05:30:00"), add=(OTHER,))
    clock.advance(minutes=1)
    antennapod.sync()
    assert antennapod.places == {AUDIO: 1200}
    assert antennapod.feeds == nextcloud.feeds == {FEED, OTHER}


def test_antennapod_on_a_new_phone_finds_everything_in_one_answer(
    app: Starlette, ada: Browser, antennapod: AntennaPod
) -> None:
    """It does not ask for more pages, and knows what is played by a place near the end."""
    many = [play(3590, episode=f"{AUDIO}?{number}") for number in range(1200)]
    antennapod.sync(*many, add=(FEED,))
    new = AntennaPod(app, made(ada), host="203.0.113.53")
    new.sync()
    assert set(new.places.values()) == {3590} and len(new.places) == 1200
    assert new.feeds == {FEED}


def test_antennapod_after_sending_is_not_led_past_what_another_wrote(
    antennapod: AntennaPod, nextcloud: AntennaPodOnNextcloud, clock: FakeClock
) -> None:
    """Its cursor is the answer to what it sends, and the other wrote between its two requests."""
    antennapod.sync()
    antennapod.log_in()
    path = f"/api/2/episodes/{antennapod.user_name}.json"
    told = read(antennapod.get(path, params={"since": str(antennapod.played_since)}))
    clock.advance(seconds=2)
    nextcloud.sync(play(700, episode=SECOND))
    clock.advance(seconds=2)
    antennapod.hear(told["actions"])
    antennapod.played_since = int(read(antennapod.deliver(path, [play(10)]))["timestamp"])
    clock.advance(minutes=1)
    antennapod.sync()
    assert antennapod.places[SECOND] == 700


def test_antennapod_devices_have_all_four_fields(antennapod: AntennaPod) -> None:
    antennapod.log_in()
    path = f"/api/2/devices/{antennapod.user_name}"
    about = {"caption": "Pixel", "type": "mobile"}
    assert antennapod.deliver(f"{path}/{antennapod.device}.json", about).status_code == 200
    [device] = read(antennapod.get(f"{path}.json"))
    assert {"id": antennapod.device, "caption": "Pixel", "type": "mobile", "subscriptions": 0} == device


def test_antennapod_new_and_deleted_items_are_kept_and_do_not_stop_the_batch(
    antennapod: AntennaPod, nextcloud: AntennaPodOnNextcloud
) -> None:
    others = [
        {"podcast": FEED, "episode": SECOND, "action": word, "timestamp": "2026-01-05T05:00:00"}
        for word in ("new", "delete", "download")
    ]
    antennapod.sync(*others, {"episode": None}, play(60))
    nextcloud.sync()
    assert nextcloud.places == {AUDIO: 60}


def test_antennapod_changed_feed_address_is_no_second_subscription(antennapod: AntennaPod) -> None:
    antennapod.sync(add=(FEED,))
    antennapod.sync(add=(FEED.replace("https:", "http:"),))
    assert antennapod.updated == [[FEED.replace("https:", "http:"), FEED]]


# Nextcloud, as all its apps speak it


def test_nextcloud_answers_are_to_the_letter(nextcloud: AntennaPodOnNextcloud) -> None:
    nextcloud.sync(play(60, guid="g-1"), add=(FEED,))
    told = read(nextcloud.get(f"{NEXTCLOUD}/episode_action"))
    assert told == {
        "actions": [
            {
                "podcast": FEED,
                "episode": AUDIO,
                "guid": "g-1",
                "action": "PLAY",
                "timestamp": "2026-01-05T05:00:00",
                "started": 0,
                "position": 60,
                "total": 3600,
            }
        ],
        "timestamp": 1767592801,
    }
    assert read(nextcloud.get(f"{NEXTCLOUD}/subscriptions")) == {"add": [FEED], "remove": [], "timestamp": 1767592801}


def test_nextcloud_says_minus_one_for_what_it_does_not_know(nextcloud: AntennaPodOnNextcloud) -> None:
    nextcloud.sync({"podcast": FEED, "episode": AUDIO, "action": "DOWNLOAD", "timestamp": "2026-01-05T05:00:00",
                    "guid": None, "started": -1, "position": -1, "total": -1})  # fmt: skip
    [action] = read(nextcloud.get(f"{NEXTCLOUD}/episode_action"))["actions"]
    assert (action["action"], action["guid"]) == ("DOWNLOAD", None)
    assert {action["started"], action["position"], action["total"]} == {-1}


def test_nextcloud_asks_for_a_password_and_takes_no_other(nextcloud: AntennaPodOnNextcloud) -> None:
    for path in ("subscriptions", "episode_action"):
        answer = nextcloud.get(f"{NEXTCLOUD}/{path}")
        assert (answer.status_code, "WWW-Authenticate" in answer.headers) == (401, True)
        assert nextcloud.get(f"{NEXTCLOUD}/{path}", headers=nextcloud.basic(password="x")).status_code == 401


@pytest.mark.parametrize("body", [b"", b"{}", b"null", b'{"add": 5}', b"\xff", b"[" * 100_000, b'["x"]'])
def test_nextcloud_garbage_is_refused_or_skipped_and_changes_nothing(
    nextcloud: AntennaPodOnNextcloud, body: bytes
) -> None:
    for path in ("episode_action/create", "subscription_change/create"):
        answer = nextcloud.post(f"{NEXTCLOUD}/{path}", content=body, headers=nextcloud.basic())
        assert answer.status_code in (200, 400), answer.text
    nextcloud.sync()
    assert (nextcloud.places, nextcloud.feeds) == ({}, set())


def test_nextcloud_removed_feeds_are_told(
    antennapod: AntennaPod, nextcloud: AntennaPodOnNextcloud, clock: FakeClock
) -> None:
    nextcloud.sync(add=(FEED, OTHER))
    clock.advance(minutes=1)
    antennapod.sync(remove=(OTHER,))
    clock.advance(minutes=1)
    nextcloud.sync()
    assert nextcloud.feeds == {FEED}


# Kasts


class Kasts(AntennaPodOnNextcloud):
    """Keeps the cursor in 32 bits, adds one to it, and asks again while the answer lies more than ten seconds behind its clock."""

    asked = 0

    def sync(self, *queue: dict[str, Any], **_: Any) -> None:
        self.headers.update(self.basic())
        for _again in range(5):
            told = self.ask()
            self.hear([{**action, "timestamp": action["timestamp"].partition(".")[0]} for action in told["actions"]])
            assert -INT32_MAX <= told["timestamp"] < INT32_MAX
            self.played_since = told["timestamp"] + 1
            if self.clock().timestamp() - told["timestamp"] <= 10:
                break
        if queue:
            self.played_since = self.push(list(queue)) + 1

    def ask(self) -> Any:
        self.asked += 1
        query = {"since": str(self.played_since), "aggregated": "true", "device": ""}
        return read(self.get(f"/api/2/episodes/{self.user_name}.json", params=query))

    def push(self, queue: list[dict[str, Any]]) -> int:
        at = f"/api/2/episodes/{self.user_name}.json"
        return int(read(self.deliver(at, queue))["timestamp"])


class KastsOnNextcloud(Kasts):
    def ask(self) -> Any:
        self.asked += 1
        return read(self.get(f"{NEXTCLOUD}/episode_action", params={"since": str(self.played_since)}))

    def push(self, queue: list[dict[str, Any]]) -> int:
        return int(read(self.deliver(f"{NEXTCLOUD}/episode_action/create", queue))["timestamp"])


@pytest.fixture(params=[Kasts, KastsOnNextcloud])
def kasts(app: Starlette, ada: Browser, clock: FakeClock, request: pytest.FixtureRequest) -> Kasts:
    desktop: Kasts = request.param(app, made(ada, "Kasts"), host="203.0.113.54")
    desktop.clock = clock
    return desktop


def test_kasts_misses_nothing_though_it_adds_one(kasts: Kasts, antennapod: AntennaPod, clock: FakeClock) -> None:
    """Both write within one second, in every order, for a while."""
    for number in range(1, 9):
        antennapod.sync(play(number, f"2026-01-05T05:00:{number:02}"))
        kasts.sync(play(number, f"2026-01-05T05:00:{number:02}", episode=SECOND))
        antennapod.sync()
        kasts.sync()
        assert (kasts.places[AUDIO], antennapod.places[SECOND]) == (number, number)
        clock.advance(seconds=number % 3)


def test_kasts_is_content_with_the_first_answer(kasts: Kasts, antennapod: AntennaPod, clock: FakeClock) -> None:
    antennapod.sync(play(60))
    clock.advance(days=30)
    kasts.sync()
    assert kasts.asked == 1


def test_kasts_devices_are_synced_in_groups(app: Starlette, ada: Browser, clock: FakeClock) -> None:
    desktop = Kasts(app, made(ada, "Kasts"))
    desktop.headers.update(desktop.basic())
    for device in ("kasts-1", "phone-2"):
        path = f"/api/2/devices/{desktop.user_name}/{device}.json"
        assert desktop.deliver(path, {"caption": device, "type": "desktop"}).status_code == 200
    path = f"/api/2/sync-devices/{desktop.user_name}.json"
    read(desktop.deliver(path, {"synchronize": [["kasts-1", "phone-2"]]}))
    status = read(desktop.get(path))
    assert [sorted(group) for group in status["synchronized"]] == [["kasts-1", "phone-2"]]
    assert status["not-synchronized"] == []


# Cardo


class Cardo(AntennaPodOnNextcloud):
    """Asks since its own clock, with fractions, writes actions in upper case and its times with fractions, and knows no guid."""

    ahead = dt.timedelta()
    played_since = 0.0  # type: ignore[assignment]

    def sync(self, *queue: dict[str, Any], **_: Any) -> None:
        told = self.ask()
        self.heard(told)
        if queue:
            read(self.deliver(f"{NEXTCLOUD}/episode_action/create", list(queue)))
        self.played_since = self.own_clock()  # type: ignore[assignment]

    def ask(self) -> Any:
        self.headers.update(self.basic())
        return read(self.get(f"{NEXTCLOUD}/episode_action", params={"since": str(self.played_since)}))

    def heard(self, told: Any) -> None:
        for action in told["actions"]:
            assert dt.datetime.fromisoformat(action["timestamp"] + "+00:00")
        self.hear(told["actions"])

    def own_clock(self) -> float:
        return (self.clock() + self.ahead).timestamp() + 0.789


def cardo_play(position: int, at: str = "2026-01-05T05:00:00.123Z", *, episode: str = AUDIO) -> dict[str, Any]:
    return {
        "podcast": FEED,
        "episode": episode,
        "action": "PLAY",
        "timestamp": at,
        "started": 0,
        "position": position,
        "total": 3600,
    }


@pytest.fixture(params=[-3 * 365, -1, 0, 1, 3 * 365])
def cardo(app: Starlette, ada: Browser, clock: FakeClock, request: pytest.FixtureRequest) -> Cardo:
    """On a machine whose clock is wrong by so many days."""
    desktop = Cardo(app, made(ada, "Cardo"), host="203.0.113.55")
    desktop.clock, desktop.ahead = clock, dt.timedelta(days=request.param)
    return desktop


def test_cardo_misses_nothing_whatever_its_clock_says(cardo: Cardo, antennapod: AntennaPod, clock: FakeClock) -> None:
    cardo.sync()
    for number in range(1, 6):
        antennapod.sync(play(number, f"2026-01-05T05:00:0{number}"))
        cardo.sync()
        assert cardo.places == {AUDIO: number}
        clock.advance(seconds=number * 20)


def test_cardo_gets_again_what_was_lost_on_the_way(cardo: Cardo, antennapod: AntennaPod, clock: FakeClock) -> None:
    cardo.sync(cardo_play(5))
    clock.advance(minutes=1)
    antennapod.sync(play(900, "2026-01-05T05:30:00"))
    cardo.ask()  # and the answer never comes
    clock.advance(minutes=1)
    cardo.sync()
    assert cardo.places == {AUDIO: 900}


def test_cardo_is_the_same_episode_without_its_guid(cardo: Cardo, antennapod: AntennaPod, clock: FakeClock) -> None:
    antennapod.sync(play(60))
    clock.advance(minutes=1)
    cardo.sync(cardo_play(120, "2026-01-05T05:59:00.999Z"))
    clock.advance(minutes=1)
    antennapod.sync()
    assert antennapod.places == {AUDIO: 120}
    [state] = read(cardo.get(f"{NEXTCLOUD}/episode_action"))["actions"]
    assert state["guid"] == f"guid of {AUDIO}"


# Desktop gPodder's library, as it sends


def test_gpodder_sends_json_under_a_wrong_label_after_it_was_asked_for_a_password(app: Starlette, ada: Browser) -> None:
    desktop = PodcastApp(app, made(ada, "gPodder"))
    path = f"/api/2/subscriptions/{desktop.user_name}/laptop.json"
    body, label = f'{{"add": ["{FEED}"], "remove": []}}', {"Content-Type": "application/x-www-form-urlencoded"}
    asked = desktop.post(path, content=body, headers=label)
    assert (asked.status_code, "Basic" in asked.headers["WWW-Authenticate"]) == (401, True)
    answer = read(desktop.post(path, content=body, headers={**label, **desktop.basic()}))
    assert answer["update_urls"] == []


def test_gpodder_without_a_password_comes_in_by_its_secret_name(app: Starlette, ada: Browser) -> None:
    desktop = PodcastApp(app, made(ada, "gPodder", kind="secret_name"))
    path = f"/subscriptions/{desktop.user_name}/laptop"
    assert desktop.put(f"{path}.txt", content=f"{FEED}\n").status_code == 200
    assert read(desktop.get(f"{path}.json")) == [FEED]
    answer = desktop.get("/subscriptions/sync-nobody/laptop.json")
    assert answer.status_code == 401
