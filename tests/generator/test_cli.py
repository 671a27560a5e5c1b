"""The command line as a person meets it: help with examples, exit codes 0, 1 and 2, and never a traceback."""

import json
import re
import tomllib
from pathlib import Path

import pytest

from tests.command import longwave
from tests.generator.project import COUNTS, Project, tree, write_project
from tests.generator.shows import write, write_episode, write_silence

COMMANDS = [
    *(["build"], ["check"], ["explain"], ["media", "add"], ["publish"], ["rollback"]),
    *(["new", "show"], ["new", "episode"], ["new", "person"], ["new", "post"]),
]


@pytest.mark.parametrize("name", COMMANDS, ids=" ".join)
def test_help_of_every_command_shows_an_example(name: list[str]) -> None:
    done = longwave(*name, "--help")
    assert done.returncode == 0
    assert len(re.findall(rf"longwave {' '.join(name)}", done.stdout)) >= 2, "usage and an example"


def test_help_lists_every_command() -> None:
    listed = longwave("--help").stdout
    assert {name[0] for name in COMMANDS} <= set(re.findall(r"^  (\w+)", listed, re.M))


@pytest.mark.parametrize(
    "wrong",
    [
        *(["buidl"], ["build", "--colour"], ["build", "--jobs", "many"], ["build", "--at", "soon"], ["explain"]),
        *(["new", "episode"], ["media", "add"], ["new", "planet", "Mars"], ["check", "extra"]),
    ],
    ids=" ".join,
)
def test_wrong_usage_exits_2_and_says_how(project: Project, wrong: list[str]) -> None:
    done = project.run(*wrong)
    assert done.returncode == 2
    assert "Usage:" in done.stderr


@pytest.mark.parametrize(
    ("args", "word"),
    [
        (["check", "--content", "nowhere"], "nowhere"),
        (["build", "--content", "nowhere"], "nowhere"),
        (["build", "--theme", "nowhere"], "nowhere"),
        (["build", "--output", "content/site.toml"], "site.toml"),
        (["media", "add", "nothing.mp3"], "nothing.mp3"),
        (["explain", "/nowhere/"], "/nowhere/"),
        (["rollback"], "release"),
        (["rollback", "20200101T000000Z-none"], "20200101T000000Z-none"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else value,
)
def test_a_users_mistake_is_told_without_a_traceback(project: Project, args: list[str], word: str) -> None:
    done = project.run(*args)
    assert done.returncode in (1, 2)
    assert word in done.stderr
    assert "Traceback" not in done.stderr


def test_a_template_with_a_mistake_is_named_with_its_line(project: Project) -> None:
    template = project.root / "theme/templates/post.html"
    template.write_text(template.read_text() + "\n{% if %}\n")
    done = project.run("build")
    assert done.returncode == 1
    assert f"post.html:{len(template.read_text().splitlines())}" in done.stderr
    assert "Traceback" not in done.stderr


def test_check_of_a_sound_show_exits_0_and_writes_nothing(project: Project) -> None:
    before = sorted(project.root.rglob("*"))
    assert project.run("check").returncode == 0
    assert sorted(project.root.rglob("*")) == before


def test_build_prints_its_counts_in_one_line(project: Project) -> None:
    done = project.run("build")
    assert len(COUNTS.findall(done.stdout)) == 1
    assert done.stderr == ""


def test_build_gives_its_counts_to_programs_as_json(project: Project) -> None:
    counts = json.loads(project.run("build", "--json").stdout)
    assert counts["pages"] == counts["rendered"] == counts["written"] > 0


def test_build_takes_other_folders_and_another_address(project: Project, tmp_path: Path) -> None:
    args = ("--content", project.content, "--theme", project.root / "theme", "--output", tmp_path / "web")
    done = longwave("build", *args, "--url", "http://localhost:8000", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    feed = (tmp_path / "web/feed.xml").read_text()
    assert "http://localhost:8000/feed.xml" in feed
    assert "https://signalpath.example" not in feed


def test_a_new_show_passes_check_and_builds(project: Project, tmp_path: Path) -> None:
    done = longwave("new", "show", tmp_path / "fresh", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    (site,) = (tmp_path / "fresh").rglob("site.toml")
    for name in ("check", "build"):
        done = project.run(name, "--content", site.parent)
        assert done.returncode == 0, done.stderr


def test_two_new_shows_have_guids_of_their_own(tmp_path: Path) -> None:
    for name in ("one", "two"):
        longwave("new", "show", name, cwd=tmp_path)
    guids = {tomllib.loads(path.read_text())["show"]["guid"] for path in tmp_path.rglob("site.toml")}
    assert len(guids) == 2


@pytest.mark.parametrize(
    ("args", "file"),
    [
        (["episode", "What: a 'title' & more!"], "episodes/0004-what-a-title-more.md"),
        (["person", "Grace Éxample"], "people/grace-example.md"),
        (["post", "Hello again"], "posts/hello-again.md"),
    ],
    ids=["episode", "person", "post"],
)
def test_what_new_writes_passes_check(project: Project, args: list[str], file: str) -> None:
    done = project.run("new", *args)
    assert done.returncode == 0, done.stderr
    assert args[1] in (project.content / file).read_text().replace("''", "'")
    assert project.run("check").returncode == 0


def test_new_does_not_overwrite(project: Project) -> None:
    path = write(project.content / "people/grace-example.md", "---\nname: Grace\n---\nMine.\n")
    done = project.run("new", "person", "Grace Example")
    assert done.returncode == 1
    assert "grace-example.md" in done.stderr
    assert "Mine." in path.read_text()


def test_a_new_episode_with_audio_can_be_published_as_it_is(project: Project, tmp_path: Path) -> None:
    audio = write_silence(tmp_path / "recording.mp3", seconds=30)
    done = project.run("new", "episode", "Recorded", "--audio", audio)
    assert done.returncode == 0, done.stderr
    text = (project.content / "episodes/0004-recorded.md").read_text()
    name = re.search(r"^audio: (\S+)", text, re.M)
    assert name
    assert tomllib.loads((project.content / "media.lock").read_text())[name[1]]["bytes"] == audio.stat().st_size
    assert project.run("check").returncode == 0


def test_media_add_records_length_duration_type_and_hash(project: Project) -> None:
    audio = write_silence(project.content / "media/0001-part-1.mp3", seconds=12)
    done = project.run("media", "add", audio)
    assert done.returncode == 0, done.stderr
    entry = tomllib.loads((project.content / "media.lock").read_text())["0001-part-1.mp3"]
    assert (entry["bytes"], entry["type"], len(entry["sha256"])) == (audio.stat().st_size, "audio/mpeg", 64)
    assert abs(entry["seconds"] - 12) < 0.1


def test_media_add_twice_changes_nothing(project: Project) -> None:
    audio = write_silence(project.content / "media/0001-part-1.mp3")
    project.run("media", "add", audio)
    before = (project.content / "media.lock").read_bytes()
    assert project.run("media", "add", audio).returncode == 0
    assert (project.content / "media.lock").read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"This is no audio.\n" * 99], ids=["empty", "unreadable"])
def test_media_add_refuses_what_is_no_audio(project: Project, content: bytes) -> None:
    path = project.content / "media/0001-part-1.mp3"
    path.parent.mkdir()
    path.write_bytes(content)
    done = project.run("media", "add", path)
    assert done.returncode == 1
    assert "0001-part-1.mp3" in done.stderr
    assert not (project.content / "media.lock").exists()


def test_local_audio_has_an_address_made_of_its_bytes(project: Project) -> None:
    audio = write_silence(project.content / "media/0001-part-1.mp3")
    project.run("media", "add", audio)
    write_episode(project.content, 1, audio="0001-part-1.mp3")
    project.build()
    sha256 = tomllib.loads((project.content / "media.lock").read_text())["0001-part-1.mp3"]["sha256"]
    published = project.output / f"media/0001-part-1.{sha256[:8]}.mp3"
    assert published.read_bytes() == audio.read_bytes()
    assert published.name in (project.output / "feed.xml").read_text()


@pytest.mark.parametrize(
    "path", ["/episodes/7/part-7/", "episodes/7/part-7/index.html", "output/episodes/7/part-7/index.html"]
)
def test_explain_names_sources_templates_and_the_reason(season: Project, path: str) -> None:
    done = season.run("explain", path)
    assert done.returncode == 0, done.stderr
    for word in ("episodes/0007-part-7.md", "episodes/0007-part-7.vtt", "episode.html", "base.html", "site.toml"):
        assert word in done.stdout


def test_explain_tells_what_changed(project: Project) -> None:
    project.build()
    write_episode(project.content, 2, title="Renamed")
    project.build()
    done = project.run("explain", "/episodes/2/part-2/")
    assert "episodes/0002-part-2.md" in done.stdout
    assert "title" in done.stdout or "content" in done.stdout


def test_build_and_publish_survive_a_content_folder_without_episodes(tmp_path: Path) -> None:
    project = write_project(tmp_path, episodes=0)
    project.publish()
    assert "index.html" in tree(project.output)
