"""episodes.json holds both sides: what the generator writes of the sample show is what the service reads, field by field."""

from pathlib import Path

import msgspec
import pytest

from api.gateways.show import Show, ShowFile
from tests.command import ROOT, longwave
from tests.generator.project import write_project

AT = "2026-11-26T00:00:00Z"
SITE = "https://show.example"


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("episodes") / "output"
    done = longwave("build", "--content", ROOT / "content", "--output", folder, "--at", AT, "--url", SITE)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def show(output: Path) -> Show:
    file = ShowFile(output / "episodes.json")
    read = file.current()
    assert file.problem is None
    return read


def test_the_service_knows_an_episode_by_everything_the_feed_says(output: Path, show: Show) -> None:
    feed = (output / "feed.xml").read_text()
    assert show.feed == f"{SITE}/feed.xml"
    assert len(show.episodes) == feed.count("<item>") > 0
    for episode in show.episodes:
        assert f'url="{episode.enclosure}"' in feed
        assert f">{episode.guid}</guid>" in feed
        assert f"<link>{episode.url}</link>" in feed
        assert show.find(episode.enclosure, "", of_ours=False) == episode
        assert show.find("https://elsewhere.example/x.mp3", episode.guid, of_ours=True) == episode
        assert episode.seconds > 0


def test_no_field_is_written_for_nobody_or_read_from_nowhere(output: Path, show: Show) -> None:
    raw = msgspec.json.decode((output / "episodes.json").read_bytes())
    assert raw.keys() == msgspec.to_builtins(show).keys()
    assert raw["episodes"][0].keys() == msgspec.to_builtins(show.episodes[0]).keys()


def test_old_addresses_of_the_feed_are_known(tmp_path: Path) -> None:
    project = write_project(tmp_path, episodes=1)
    (project.content / "redirects.toml").write_text('"/podcast/rss" = "/feed.xml"\n')
    project.build()
    read = ShowFile(project.output / "episodes.json").current()
    assert [feed.partition("://")[2].partition("/")[2] for feed in read.feeds] == ["feed.xml", "podcast/rss"]
