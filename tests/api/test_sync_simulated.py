"""Years of podcast apps in minutes: whatever becomes of their requests and clocks, all of them know the same in the end."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette

from api.settings import Settings
from api.store import actions
from api.store.database import Database
from tests.api.conftest import FakeClock
from tests.api.people import Browser
from tests.api.sync_apps import AntennaPod, App, Cardo, Kasts, Network, OurApp, Play, PodcastSync, address_of
from tests.api.syncing import write_show

SHORT, LONG = 1_500, 40_000
PEOPLE, EPISODES = 5, 12
SYNCS_PER_CHECK = 20
KINDS: tuple[type[PodcastSync], ...] = (AntennaPod, Kasts, Cardo)


class Household:
    """The apps of one person, and every play there ever was."""

    def __init__(self, app: Starlette, person: Browser, clock: FakeClock, chance: random.Random, folder: Path) -> None:
        self.network = Network(chance)
        self.network.meanwhile = self._one_more
        self._chance, self._clock, self._syncing = chance, clock, set[App]()
        self.plays: list[Play] = []
        self.apps: list[App] = [
            kind(app, person, clock, self.network, behind=behind, digit=digit)
            for digit, (kind, behind) in enumerate(zip(KINDS * 2, self._clocks(), strict=True))
        ]
        for digit, behind in ((7, 0), (8, chance.randrange(86_400 * 100))):
            path = folder / f"{person.email}-{digit}.sqlite"
            self.apps.append(OurApp(app, person, clock, self.network, path=path, behind=behind, digit=digit))

    def sync(self, app: App) -> bool:
        self._syncing.add(app)
        try:
            return app.sync()
        finally:
            self._syncing.remove(app)

    def play(self, app: App) -> None:
        self._clock.advance(seconds=10)
        episode = address_of(self._chance.randint(1, EPISODES))
        self.plays.append(app.play(episode, len(self.plays) + 1))

    def _one_more(self) -> None:
        """Another app brings something while the first one is between two requests."""
        idle = [app for app in self.apps if app not in self._syncing]
        if idle and not self.network.is_whole:
            other = self._chance.choice(idle)
            self.play(other)
            self.sync(other)

    def _clocks(self) -> list[int]:
        """How many seconds each is behind: little, years, or less than nothing."""
        behind = [0, 7, self._chance.randrange(4_000), self._chance.randrange(86_400 * 900)]
        return self._chance.sample([*behind, -self._chance.randrange(240), -120], k=2 * len(KINDS))

    def newest(self) -> dict[str, Play]:
        """What everybody has to know: of each episode the play that was last."""
        return {play.episode: play for play in sorted(self.plays, key=lambda play: play.at)}

    def settle(self) -> None:
        """For a while every request is answered."""
        self.network.is_whole = True
        for _ in range(3):
            assert [app for app in self.apps if not (app.sync() or app.sync())] == []  # one may have to sign in again
        self.network.is_whole = False


@pytest.fixture
def chance() -> random.Random:
    return random.Random(20260105)


@pytest.fixture
def people(app: Starlette, database: Database, settings: Settings) -> list[Browser]:
    write_show(settings, *range(1, EPISODES + 1))
    return [Browser(app, email=f"p{n}@example.com", host=f"203.0.113.{n}").sign_in(database) for n in range(PEOPLE)]


@pytest.fixture
def households(
    app: Starlette, people: list[Browser], clock: FakeClock, chance: random.Random, tmp_path: Path
) -> list[Household]:
    return [Household(app, person, clock, chance, tmp_path) for person in people]


@pytest.mark.usefixtures("catalog")
def test_nothing_is_lost_and_all_apps_agree(
    households: list[Household], clock: FakeClock, chance: random.Random, prove: bool
) -> None:
    assert list(differences(households, clock, chance, plays=LONG if prove else SHORT)) == []


def test_with_since_taken_for_the_time_of_the_action_the_same_apps_disagree(
    households: list[Household], clock: FakeClock, chance: random.Random, monkeypatch: pytest.MonkeyPatch
) -> None:
    naive = actions.REPORTS.replace("actions.stamp >= :since", "actions.at >= :since * 1000")
    monkeypatch.setattr(actions, "REPORTS", naive)
    monkeypatch.setattr(actions, "STATES", f"{actions.STATES} AND :since = 0")
    assert any(differences(households, clock, chance, plays=SHORT))


def differences(
    households: list[Household], clock: FakeClock, chance: random.Random, *, plays: int
) -> Iterator[tuple[str, int | None, Play]]:
    """Plays and syncs at random; now and then a household settles, and what an app then knows wrong is told."""
    while sum(len(household.plays) for household in households) < plays:
        household = chance.choice(households)
        app = chance.choice(household.apps)
        for _ in range(chance.choice((0, 1, 2, 7, 40))):
            household.play(app)
        clock.advance(seconds=chance.choice((0, 0, 0.2, 1, 5, 300, 86_400)))
        while not household.sync(app) and chance.random() < 0.7:  # it tries again
            clock.advance(seconds=10)
        if chance.randrange(SYNCS_PER_CHECK) == 0:
            household.settle()
            yield from of(household)
    for household in households:
        household.settle()
        yield from of(household)


def of(household: Household) -> Iterator[tuple[str, int | None, Play]]:
    for app in household.apps:
        for episode, play in household.newest().items():
            if (position := app.position(episode)) != play.position:
                yield type(app).__name__, position, play
