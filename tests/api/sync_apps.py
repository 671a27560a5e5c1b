"""Podcast apps as they behave towards a sync server, each with its own clock and its own idea of `since`; knows no tables of ours.

The network between loses requests, loses answers to requests that arrived, and delivers some twice.
"""

import datetime as dt
import json
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct
from starlette.applications import Starlette

from api.client import ClientError, SignedOut
from api.store.database import Database
from tests.api import offline
from tests.api.conftest import ORIGIN, FakeClock
from tests.api.people import Browser
from tests.api.podcast_apps import PodcastApp, made

FEED = f"{ORIGIN}/feed.xml"
TOTAL_SECONDS = 80_000  # so that no position is near the end
BATCH_ACTIONS = 30


def address_of(number: int) -> str:
    """Where `write_show` puts the audio of an episode."""
    return f"{ORIGIN}/media/{number:04}-x.0123abcd.mp3"


def number_of(episode: str) -> int:
    return int(episode.rpartition("/")[2].partition("-")[0])


class Play(Struct, frozen=True):
    """`position` is another one for every play there is; `at` is when it was, by the clock of the app."""

    episode: str
    position: int
    at: int


class Network:
    """`meanwhile` is what others do between two requests of an app."""

    def __init__(self, chance: random.Random) -> None:
        self.meanwhile: Callable[[], None] = lambda: None
        self.is_whole = False
        self._chance = chance

    def weather(self) -> str:
        """What spoils a request of our own client."""
        fate = 1.0 if self.is_whole else self._chance.random()
        return "no network" if fate < 0.1 else "answer lost" if fate < 0.2 else "half an answer" if fate < 0.25 else ""

    def carry(self, ask: Callable[[], Any]) -> Any | None:
        """The answer, or None for an app that waited in vain."""
        fate = 1.0 if self.is_whole else self._chance.random()
        if fate < 0.1:
            return None
        answer = ask()
        if fate > 0.7:
            self.meanwhile()
        if fate < 0.2:
            answer = ask()
        return None if fate < 0.3 else answer


class App:
    """What every app has: what it knows of each episode, what it has not brought yet, and a clock of its own.

    Clocks differ in their last digit, so that no two apps play at one second.
    """

    def __init__(self, clock: FakeClock, network: Network, *, behind: int, digit: int) -> None:
        self.known: dict[str, Play] = {}
        self.queue: list[Play] = []
        self._clock, self._network, self._behind, self._digit = clock, network, behind, digit
        self._last = 0

    def play(self, episode: str, position: int) -> Play:
        self._last = max(self._last + 10, self._now() // 10 * 10 + self._digit)
        play = Play(episode, position, self._last)
        self.queue.append(play)
        self._hear(play)
        return play

    def sync(self) -> bool:
        """Whether it came to its end."""
        raise NotImplementedError

    def position(self, episode: str) -> int | None:
        """Where this app would go on."""
        known = self.known.get(episode)
        return known.position if known else None

    def _now(self) -> int:
        return int(self._clock().timestamp()) - self._behind

    def _hear(self, play: Play) -> None:
        if play.episode not in self.known or play.at >= self.known[play.episode].at:
            self.known[play.episode] = play

    def _bring(self, send: Callable[[Sequence[Play]], Any]) -> Any | None:
        """The last answer; False when nothing was to be brought, None when a request was lost."""
        answer: Any = False
        while self.queue:
            batch = self.queue[:BATCH_ACTIONS]
            answer = self._network.carry(lambda batch=batch: send(batch))  # type: ignore[misc]
            if answer is None:
                return None
            del self.queue[: len(batch)]
        return answer


class PodcastSync(App):
    """An app of somebody else's, with a password of its own."""

    def __init__(self, app: Starlette, person: Browser, clock: FakeClock, network: Network, **own: int) -> None:
        super().__init__(clock, network, **own)
        self.client = PodcastApp(app, made(person))


class AntennaPod(PodcastSync):
    """Fetches, brings, then keeps the timestamp of the last answer, also when that was to what it brought."""

    _since = 0

    def sync(self) -> bool:
        got = self._network.carry(lambda: self._get(self._since))
        if got is None:
            return False
        self._take(got["actions"])
        brought = self._bring(self._post)
        if brought is None:
            return False
        self._since = (brought or got)["timestamp"]
        return True

    def _get(self, since: int) -> Any:
        return _read(self.client.get(self._path, params={"since": str(since)}, headers=self.client.basic()))

    def _post(self, plays: Sequence[Play]) -> Any:
        return _read(
            self.client.post(self._path, content=json.dumps(list(map(_action, plays))), headers=self.client.basic())
        )

    def _take(self, actions: list[dict[str, Any]]) -> None:
        for action in actions:
            at = dt.datetime.fromisoformat(action["timestamp"]).replace(tzinfo=dt.UTC)
            self._hear(Play(action["episode"], action["position"], int(at.timestamp())))

    @property
    def _path(self) -> str:
        return f"/api/2/episodes/{self.client.user_name}.json"


class Kasts(AntennaPod):
    """Brings first, then fetches, keeps the timestamp and one more, and asks again while that is long before its clock."""

    def sync(self) -> bool:
        if self._bring(self._post) is None:
            return False
        for _ in range(3):
            got = self._network.carry(lambda: self._get(self._since))
            if got is None:
                return False
            self._take(got["actions"])
            self._since = got["timestamp"] + 1
            if got["timestamp"] >= self._now() - 10:
                break
        return True


class Cardo(PodcastSync):
    """Speaks to Nextcloud's addresses and keeps no timestamp of ours: asks from when it last came to an end, by its own clock."""

    _since = 0.0

    def sync(self) -> bool:
        path = "/index.php/apps/gpoddersync/episode_action"
        query = {"since": f"{self._since:.3f}"}
        got = self._network.carry(lambda: _read(self.client.get(path, params=query, headers=self.client.basic())))
        if got is None:
            return False
        for action in got["actions"]:
            at = dt.datetime.fromisoformat(action["timestamp"] + "+00:00")
            self._hear(Play(action["episode"], action["position"], int(at.timestamp())))
        if self._bring(lambda plays: self._create(f"{path}/create", plays)) is None:
            return False
        self._since = self._now() + 0.5
        return True

    def _create(self, path: str, plays: Sequence[Play]) -> Any:
        actions = [{**_action(play), "action": "PLAY", "guid": play.episode} for play in plays]
        return _read(self.client.post(path, content=json.dumps(actions), headers=self.client.basic()))


class OurApp(App):
    """Our own client, which sends what happened in its own words and keeps all of it in a file."""

    def __init__(
        self, app: Starlette, person: Browser, clock: FakeClock, network: Network, *, path: Path, **own: int
    ) -> None:
        super().__init__(clock, network, **own)
        self._line = offline.Network(app)
        self._database: Database = app.state.service.database
        self._person, self._moment = person, clock()
        self._client = offline.install(app, path, lambda: self._moment, self._line)
        self._sign_in()

    def play(self, episode: str, position: int) -> Play:
        play = super().play(episode, position)
        self.queue.clear()
        self._moment = dt.datetime.fromtimestamp(play.at, dt.UTC)
        self._client.heard(number_of(episode), position_seconds=position, total_seconds=TOTAL_SECONDS)
        return play

    def sync(self) -> bool:
        self._moment = dt.datetime.fromtimestamp(self._now(), dt.UTC)
        try:
            self._client.sync()
        except SignedOut:
            self._sign_in()
            return False
        except ClientError:
            return False
        return True

    def _sign_in(self) -> None:
        self._line.weather = lambda _number, _path: ""
        offline.sign_in(self._client, self._person.sign_in(self._database))  # the browser's session may be over too
        self._line.weather = lambda _number, _path: self._network.weather()

    def position(self, episode: str) -> int | None:
        known = self._client.state("listening", str(number_of(episode)))
        return None if known is None else int(known["position_seconds"])


def _action(play: Play) -> dict[str, Any]:
    moment = dt.datetime.fromtimestamp(play.at, dt.UTC).replace(tzinfo=None).isoformat()
    return {
        "podcast": FEED,
        "episode": play.episode,
        "action": "play",
        "timestamp": moment,
        "started": 0,
        "position": play.position,
        "total": TOTAL_SECONDS,
    }


def _read(answer: Any) -> Any:
    assert answer.status_code == 200, answer.text
    return answer.json()
