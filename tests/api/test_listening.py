"""What apps report of episodes: the later moment wins, what comes twice counts once, and no address makes a second episode."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.gateways.show import Episode, Show
from api.store import migrations, stamps
from api.store.database import Database
from api.usecases import listening
from api.usecases.listening import Action, EpisodeState, Outcome

NOW = dt.datetime(2026, 1, 5, 6, 0, tzinfo=dt.UTC)
FEED, AUDIO = "https://feeds.example.com/talks", "https://cdn.example.com/one.mp3"
OURS = Show(
    title="Ours",
    feeds=("https://ours.example/feed.xml",),
    episodes=(
        Episode(number=7, guid="g-7", url="https://ours.example/7/", title="Seven",
                enclosure="https://ours.example/media/0007-seven.0123abcd.mp3", seconds=600),
    ),
)  # fmt: skip


class Listener:
    """An account and its phones; time goes on by a minute with every batch."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.now = NOW

    def send(self, *actions: Action, phone: str = "dev_a") -> list[Outcome]:
        self.now += dt.timedelta(minutes=1)
        with self.database.transaction() as db:
            stamp = stamps.take(db, "acc_ada", now=self.now)
            return listening.record(db, "acc_ada", actions, device=phone, stamp=stamp, now=self.now, show=OURS)

    @property
    def states(self) -> list[EpisodeState]:
        return listening.states(self.database.reader, "acc_ada", after=0)

    @property
    def state(self) -> EpisodeState:
        [only] = self.states
        return only


@pytest.fixture
def ada(tmp_path: Path) -> Iterator[Listener]:
    path = tmp_path / "sync.sqlite"
    migrations.migrate(path, now=NOW, migrations=migrations.sync)
    database = Database(path)
    database.open()
    yield Listener(database)
    database.close()


def play(position: int = 100, minute: int = 0, **more: Any) -> Action:
    at = more.pop("at", NOW + dt.timedelta(minutes=minute))
    return Action(**{"podcast": FEED, "episode": AUDIO, "position": position, "total": 3600, "at": at, **more})


def kinds(outcomes: list[Outcome]) -> list[str]:
    return [outcome.kind for outcome in outcomes]


def test_a_later_report_wins_however_late_the_other_comes(ada: Listener) -> None:
    assert kinds(ada.send(play(500, minute=9))) == ["applied"]
    assert kinds(ada.send(play(900, minute=3), phone="dev_b")) == ["stale"]
    assert ada.state.position_seconds == 500


def test_a_position_goes_back_by_a_later_report(ada: Listener) -> None:
    ada.send(play(500, minute=1), play(20, minute=2))
    assert ada.state.position_seconds == 20


def test_of_one_moment_the_last_to_come_wins(ada: Listener) -> None:
    ada.send(play(500), play(501))
    ada.send(play(502), phone="dev_b")
    assert ada.state.position_seconds == 502


def test_playing_to_the_end_marks_it_and_hearing_it_again_does_not_unmark_it(ada: Listener) -> None:
    ada.send(play(3570, minute=1))
    assert (ada.state.played, ada.state.played_at) == (True, NOW + dt.timedelta(minutes=1))
    ada.send(play(10, minute=2))
    assert (ada.state.played, ada.state.position_seconds) == (True, 10)


def test_shortly_before_the_end_it_is_not_yet_played(ada: Listener) -> None:
    ada.send(play(3569))
    assert not ada.state.played
    ada.send(play(5, total=20, minute=1))
    assert not ada.state.played


def test_each_field_has_its_own_moment(ada: Listener) -> None:
    ada.send(play(10, minute=9))
    ada.send(play(3600, minute=3), phone="dev_b")
    assert (ada.state.position_seconds, ada.state.played) == (10, True)


def test_new_makes_it_unheard_but_for_later_moments(ada: Listener) -> None:
    ada.send(play(3600, minute=1))
    ada.send(Action(podcast=FEED, episode=AUDIO, kind="new", at=NOW + dt.timedelta(minutes=2)))
    assert (ada.state.position_seconds, ada.state.played) == (0, False)
    ada.send(play(70, minute=5))
    assert kinds(ada.send(Action(podcast=FEED, episode=AUDIO, kind="new", at=NOW))) == ["stale"]
    assert ada.state.position_seconds == 70


def test_the_same_batch_ten_times_adds_nothing(ada: Listener) -> None:
    batch = (play(10), play(20, minute=1), Action(podcast=FEED, episode=AUDIO, kind="download", at=NOW))
    ada.send(*batch)
    before = ada.state
    assert {kind for _ in range(10) for kind in kinds(ada.send(*batch))} == {"repeated"}
    assert ada.state == before
    assert ada.database.reader.execute("SELECT count(*) FROM actions").fetchone()[0] == 3


def test_a_clock_ahead_counts_as_five_minutes_at_most(ada: Listener) -> None:
    ada.send(play(100, at=NOW.replace(year=2031)))
    assert ada.state.position_at == ada.now + dt.timedelta(minutes=5)
    assert kinds(ada.send(play(100, at=NOW.replace(year=2031)))) == ["repeated"]
    ada.now += dt.timedelta(minutes=5)
    ada.send(play(200, at=ada.now + dt.timedelta(seconds=30)), phone="dev_b")
    assert ada.state.position_seconds == 200


@pytest.mark.parametrize("at", [None, dt.datetime(1970, 1, 1, tzinfo=dt.UTC)])
def test_without_a_time_that_can_be_right_the_receipt_counts(ada: Listener, at: dt.datetime | None) -> None:
    ada.send(play(100, at=at))
    assert ada.state.position_at == ada.now
    assert kinds(ada.send(play(100, at=at))) == ["repeated"]
    ada.send(play(200, at=None))
    assert kinds(ada.send(play(100, at=None))) == ["applied"]
    assert ada.state.position_seconds == 100


@pytest.mark.parametrize(
    "address",
    [
        "http://cdn.example.com/one.mp3",
        f"{AUDIO} ",
        "https://CDN.example.com:443/one.mp3#t=3",
        "https://op3.dev/e/https://cdn.example.com/one.mp3",
        "https://dts.podtrac.com/redirect.mp3/pdst.fm/e/cdn.example.com/one.mp3",
    ],
)
def test_another_spelling_of_an_address_is_the_same_episode(ada: Listener, address: str) -> None:
    ada.send(play(100))
    ada.send(play(200, minute=1, episode=address, podcast=FEED.replace("https", "http")), phone="dev_b")
    assert ada.state.position_seconds == 200
    assert (ada.state.podcast, ada.state.episode) == (FEED, AUDIO)


def test_another_query_is_another_episode(ada: Listener) -> None:
    ada.send(play(episode=f"{AUDIO}?id=1"), play(episode=f"{AUDIO}?id=2"))
    assert len(ada.states) == 2


def test_a_guid_holds_an_episode_together_when_its_address_changes(ada: Listener) -> None:
    ada.send(play(100, guid="g"))
    ada.send(play(200, minute=1, guid="g", episode="https://new.example.com/1.mp3"))
    ada.send(play(300, minute=2, episode="https://new.example.com/1.mp3"), phone="dev_b")
    assert ada.state.position_seconds == 300


def test_one_guid_in_two_feeds_is_two_episodes(ada: Listener) -> None:
    ada.send(
        play(guid="1"), play(guid="1", podcast="https://other.example/feed", episode="https://other.example/1.mp3")
    )
    assert len(ada.states) == 2


def test_two_episodes_that_turn_out_to_be_one_become_one(ada: Listener) -> None:
    ada.send(play(100, minute=1, guid="g", episode="https://a.example/1.mp3"))
    ada.send(play(3600, minute=2, episode="https://b.example/1.mp3"))
    assert len(ada.states) == 2
    ada.send(play(300, minute=3, guid="g", episode="https://b.example/1.mp3"))
    assert (ada.state.position_seconds, ada.state.played) == (300, True)


def test_one_file_of_two_guids_stays_two_episodes(ada: Listener) -> None:
    ada.send(play(100, guid="g"), play(200, minute=1, guid="h"))
    assert [state.position_seconds for state in ada.states] == [100, 200]


@pytest.mark.parametrize(
    "named",
    [
        {"number": 7},
        {"podcast": "http://ours.example/feed.xml", "episode": "https://old.example/seven.mp3", "guid": "g-7"},
        {"podcast": FEED, "episode": "http://ours.example/media/0007-seven.ffffffff.mp3"},
    ],
)
def test_an_episode_of_ours_is_known_by_number_guid_and_every_address(ada: Listener, named: dict[str, Any]) -> None:
    ada.send(play(100, number=7))
    ada.send(play(200, minute=1, **named), phone="dev_b")
    assert (ada.state.number, ada.state.position_seconds) == (7, 200)


def test_a_bad_report_is_told_and_the_others_are_kept(ada: Listener) -> None:
    bad = (
        play(episode="javascript:alert(1)"), play(podcast=""), play(-5), play(2**40), play(kind="p lay"),
        play(number=99), play(guid="g" * 2000), play(episode="https://[::1/x.mp3"),
    )  # fmt: skip
    outcomes = ada.send(play(1), *bad, play(2, minute=1))
    assert kinds(outcomes) == ["applied", *["rejected"] * len(bad), "applied"]
    assert all(outcome.problem for outcome in outcomes[1:-1])
    assert ada.state.position_seconds == 2


def test_what_changed_after_a_stamp_comes_once_an_episode(ada: Listener) -> None:
    ada.send(play(1), play(2, minute=1))
    seen = ada.state.stamp
    ada.send(play(3, minute=2, episode="https://cdn.example.com/two.mp3"))
    [state] = listening.states(ada.database.reader, "acc_ada", after=seen)
    assert state.episode == "https://cdn.example.com/two.mp3"
    assert listening.states(ada.database.reader, "acc_bob", after=0) == []
