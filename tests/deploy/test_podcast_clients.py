"""The programs people have, against a running service behind nginx: mygpoclient with all its calls, and the real gPodder."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct
from mygpoclient import api, http, simple
from mygpoclient.api import EpisodeAction, MygPodderClient

from api import ids, times
from api.model import Account
from api.store.database import Database
from api.usecases import app_passwords
from tests.api import process
from tests.api.test_catalog import COURSE, write
from tests.api.test_show import write as write_show
from tests.deploy.servers import NginxSite, previewed_by_nginx
from tests.deploy.test_service_behind import preview_of

ONE, TWO, AUDIO = "https://one.example/feed", "https://two.example/feed", "https://one.example/1.mp3"
SECONDS_MAX = 60
# What gPodder's window does when somebody subscribes and plays; its own code keeps, sends and fetches.
GPODDER = """
import json, sys, types
import gpodder
gpodder.prefix = "/usr"
gpodder.ui.cli = True
from gpodder import core, my
wanted = json.loads(sys.argv[1])
config = core.Core().config
for name, value in wanted["settings"].items():
    setattr(config.mygpo, name, value)
config.mygpo.device.uid = wanted["device"]
client = my.MygPoClient(config)
client.create_device()
client.on_subscribe(wanted["add"])
client.on_unsubscribe(wanted["remove"])
for url, end, total in wanted["played"]:
    episode = types.SimpleNamespace(url=url, channel=types.SimpleNamespace(url=wanted["add"][0]))
    client.on_playback_full(episode, 0, end, total)
client._worker_proc(forced=True)
told = client._store.load(my.ReceivedEpisodeAction)
print(json.dumps({
    "subscriptions": sorted([action.action_type, action.url] for action in client.get_received_actions()),
    "episodes": sorted([action.episode_url, action.action, action.position] for action in told),
    "rewritten": [[each.old_url, each.new_url] for each in client.get_rewritten_urls()],
    "enabled": config.mygpo.enabled,
}))
"""


class Server(Struct, frozen=True):
    site: NginxSite
    database: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.site.port}"

    def app_password(self, account_id: str, *, with_password: bool = True) -> app_passwords.Made:
        """Beside the running service, as another process may."""
        database, now = Database(self.database), times.now_utc()
        database.open()
        try:
            with database.transaction() as db:
                address = f"{account_id}@one.example"
                db.execute(
                    "INSERT INTO accounts (id, email, email_canonical, created_at, confirmed_at) VALUES (?, ?, ?, ?, ?)"
                    " ON CONFLICT DO NOTHING",
                    (account_id, address, address, times.text(now), times.text(now)),
                )
                account = Account(id=account_id, email=address, email_canonical=address, created_at=now)
                return app_passwords.make(db, account, name="an app", with_password=with_password, now=now)
        finally:
            database.close()

    def client(self, made: app_passwords.Made) -> MygPodderClient:
        return MygPodderClient(made.user_name, made.password, self.url)


@pytest.fixture(scope="module")
def server(output: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("service")
    (folder / "site").mkdir()
    write(folder / "site/catalog.json", courses=[COURSE])
    write_show(folder / "site/episodes.json", 7, 8)
    with (
        process.running(folder, URL="http://localhost:8000") as running,
        previewed_by_nginx(preview_of(output, folder / "nginx", service_port=running.port)) as site,
    ):
        yield Server(site, folder / "data/shop.sqlite")


@pytest.fixture
def account_id() -> str:
    return ids.new("acc")


@pytest.fixture
def client(server: Server, account_id: str) -> MygPodderClient:
    return server.client(server.app_password(account_id))


@pytest.fixture
def other(server: Server, account_id: str) -> MygPodderClient:
    """Another device of the same person."""
    return server.client(server.app_password(account_id))


def test_mygpoclient_keeps_a_list_of_feeds(client: MygPodderClient) -> None:
    assert client.get_subscriptions("desk.top") == []
    assert client.put_subscriptions("desk.top", [ONE, TWO])
    assert client.get_subscriptions("desk.top") == [ONE, TWO]


def test_mygpoclient_updates_and_pulls_feeds(client: MygPodderClient, other: MygPodderClient) -> None:
    result = client.update_subscriptions("phone", [ONE, TWO, " http://one.example/feed"], [])
    assert result.update_urls == [(" http://one.example/feed", ONE)]
    first = other.pull_subscriptions("laptop")
    assert (first.add, first.remove) == ([ONE, TWO], [])
    other.update_subscriptions("laptop", [], [ONE])
    told = client.pull_subscriptions("phone", result.since)
    assert (told.add, told.remove) == ([], [ONE])
    with pytest.raises(http.BadRequest):
        client.update_subscriptions("phone", [TWO], [TWO])


def test_mygpoclient_sends_and_fetches_actions(client: MygPodderClient, other: MygPodderClient) -> None:
    sent = [
        EpisodeAction(ONE, AUDIO, "download", "phone", "2026-01-05T05:00:00"),
        EpisodeAction(ONE, AUDIO, "play", "phone", "2026-01-05T05:01:00", 0, 120, 3600),
        EpisodeAction(ONE, f"{AUDIO}?2", "delete", "phone", "2026-01-05T05:02:00"),
        EpisodeAction(ONE, f"{AUDIO}?3", "new", "phone", "2026-01-05T05:03:00"),
    ]
    assert other.download_episode_actions().actions == []
    since = client.upload_episode_actions(sent)
    everything = other.download_episode_actions()
    assert {(each.episode, each.action, each.position) for each in everything.actions} == {
        (AUDIO, "play", 120),
        (f"{AUDIO}?2", "delete", None),
        (f"{AUDIO}?3", "new", None),
    }
    client.upload_episode_actions([EpisodeAction(ONE, AUDIO, "play", "phone", "2026-01-05T05:04:00", 120, 240, 3600)])
    assert [each.position for each in other.download_episode_actions(since + 1).actions] == [240]
    assert len(other.download_episode_actions(podcast=TWO).actions) == 0
    assert len(other.download_episode_actions(device_id="phone").actions) == 3


def test_mygpoclient_describes_devices(client: MygPodderClient) -> None:
    assert client.update_device_settings("phone", "Pocket", "mobile")
    [device] = client.get_devices()
    assert (device.device_id, device.caption, device.type, device.subscriptions) == ("phone", "Pocket", "mobile", 0)


@pytest.mark.parametrize(
    "about", [("account", None, None), ("device", "phone", None), ("podcast", ONE, None), ("episode", ONE, AUDIO)]
)
def test_mygpoclient_keeps_settings(client: MygPodderClient, about: tuple[Any, ...]) -> None:
    assert client.set_settings(*about, {"speed": 1.5}, []) == {"speed": 1.5}
    assert client.get_settings(*about) == {"speed": 1.5}
    assert client.set_settings(*about, {}, ["speed"]) == {}


def test_mygpoclient_lists_favourites(client: MygPodderClient) -> None:
    assert client.get_favorite_episodes() == []


def test_mygpoclient_is_known_after_more_requests_than_it_answers_challenges(client: MygPodderClient) -> None:
    assert [client.get_devices() for _ in range(10)] == [[]] * 10


def test_mygpoclient_is_kept_out_with_another_password(server: Server, client: MygPodderClient) -> None:
    stranger = MygPodderClient(client._locator._username, "wrong", server.url)
    with pytest.raises(http.Unauthorized):
        stranger.get_devices()
    with pytest.raises(simple.MissingCredentials):
        MygPodderClient(None, None, server.url).get_devices()
    assert issubclass(api.InvalidResponse, Exception)


def gpodder(server: Server, home: Path, user_name: str, *, device: str, **wanted: Any) -> dict[str, Any]:
    """Starts gPodder, lets somebody do what is wanted, and returns what it was told. It wants a password and never sends it."""
    settings = {"enabled": True, "username": user_name, "password": "anything", "server": server.url}
    given = {"add": [], "remove": [], "played": [], **wanted, "settings": settings, "device": device}
    done = subprocess.run(
        ["/usr/bin/python3", "-c", GPODDER, json.dumps(given)],
        env={**os.environ, "GPODDER_HOME": str(home), "PYTHONPATH": ""},
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS_MAX,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    assert found["enabled"], done.stderr  # it would have given up at a refusal
    return found


def test_two_gpodders_keep_in_step_without_a_password(
    server: Server, account_id: str, client: MygPodderClient, tmp_path: Path
) -> None:
    desk = server.app_password(account_id, with_password=False).user_name
    laptop = server.app_password(account_id, with_password=False).user_name
    gpodder(server, tmp_path / "desk", desk, device="desk", add=[ONE, TWO], played=[(AUDIO, 300, 3600)])
    told = gpodder(server, tmp_path / "laptop", laptop, device="laptop")
    assert [url for _, url in told["subscriptions"]] == [ONE, TWO]
    assert told["episodes"] == [[AUDIO, "play", 300]]
    http_one = ONE.replace("https", "http")
    told = gpodder(server, tmp_path / "laptop", laptop, device="laptop", add=[http_one], remove=[TWO])
    assert told["rewritten"] == [[http_one, ONE]]
    assert client.get_subscriptions("phone") == [ONE]
    again = gpodder(server, tmp_path / "desk", desk, device="desk")
    assert [url for _, url in again["subscriptions"]] == [TWO]
    assert {device.device_id for device in client.get_devices()} == {"desk", "laptop", "phone"}
    assert desk not in "".join(file.read_text() for file in (server.site.state / "logs").iterdir())
