"""The sample show in content/ is sound and complete enough to show everything the product does."""

import re
import tomllib
from pathlib import Path

import pytest

from tests.command import ROOT, longwave
from tests.generator.project import tree

CONTENT = ROOT / "content"
MEDIA_BYTES_MAX = 3_000_000


@pytest.fixture(scope="module")
def episodes() -> list[str]:
    return [path.read_text() for path in sorted((CONTENT / "episodes").glob("*.md"))]


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sample") / "output"
    done = longwave("build", "--output", folder)
    assert done.returncode == 0, done.stderr
    return folder


def test_the_sample_show_has_no_problems() -> None:
    done = longwave("check")
    assert (done.returncode, done.stderr) == (0, "")


def test_it_has_fifteen_episodes_in_three_seasons(episodes: list[str]) -> None:
    seasons = {match[1] for text in episodes if (match := re.search(r"^season: (\d+)", text, re.M))}
    assert len(episodes) >= 15
    assert len(seasons) >= 3


@pytest.mark.parametrize(
    "line",
    [
        *("type: trailer", "type: bonus", "status: draft", "guests: ", "topics: ", "sponsors: ", "chapters:"),
        *("links:", "aliases: ", "season: "),
    ],
)
def test_it_shows_a_field_at_work(episodes: list[str], line: str) -> None:
    assert any(re.search(f"^{line}", text, re.M) for text in episodes)


def test_one_episode_is_scheduled(episodes: list[str], output: Path) -> None:
    published = {int(path.name) for path in (output / "episodes").glob("[0-9]*") if path.is_dir()}
    waiting = [text for text in episodes if "status: draft" not in text]
    assert len(waiting) == len(published) + 1


@pytest.mark.parametrize("folder", ["people", "topics", "sponsors", "posts", "pages"])
def test_it_has_one_of_every_kind(folder: str) -> None:
    assert list((CONTENT / folder).glob("*.md"))


def test_it_has_short_links_transcripts_with_speakers_and_artwork() -> None:
    assert tomllib.loads((CONTENT / "redirects.toml").read_text())
    assert any("<v " in path.read_text() for path in CONTENT.glob("episodes/*.vtt"))
    assert (CONTENT / tomllib.loads((CONTENT / "site.toml").read_text())["show"]["artwork"]).is_file()


def test_its_audio_is_real_and_small(output: Path) -> None:
    sizes = [len(content) for name, content in tree(output).items() if name.endswith(".mp3")]
    assert sizes
    assert sum(sizes) < MEDIA_BYTES_MAX
