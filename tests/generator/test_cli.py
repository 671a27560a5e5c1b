"""The command line as a person meets it: help with examples, exit codes 0, 1 and 2, and never a traceback."""

import json
import re
import shutil
from pathlib import Path

import pytest

from tests.command import longwave
from tests.deploy.servers import free_port
from tests.generator.project import COUNTS, Project, tree, write_project
from tests.generator.shows import write_episode

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
        *(["build", "--url", "https://a.example/shop"], ["publish", "--url", "a.example"]),
        *(["serve", "--url", "https://a.example/shop"], ["build", "--at", "0001-01-01T00:00+05:00"]),
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


def test_a_mistake_in_content_ends_serve_without_a_traceback(project: Project) -> None:
    path = write_episode(project.content, 2, titel="Renamed")
    done = project.run("serve", "--port", str(free_port()))
    assert done.returncode == 1
    assert f"content/episodes/{path.name}:" in done.stderr
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


def test_a_slash_after_another_address_is_taken_off(project: Project) -> None:
    project.build("--url", "http://localhost:8000/")
    assert "http://localhost:8000/feed.xml" in (project.output / "feed.xml").read_text()


def test_a_moment_without_an_offset_is_the_sites_time(tmp_path: Path) -> None:
    project = write_project(tmp_path, episodes=1, site={"timezone": "Asia/Tokyo"})  # public at 15:00 there
    page = project.output / "episodes/1/part-1/index.html"
    project.build("--at", "2024-01-01T14:59:59")
    assert not page.exists()
    project.build("--at", "2024-01-01T15:00")
    assert page.exists()


def test_build_says_what_it_removed(project: Project) -> None:
    assert "removed" not in project.run("build").stdout
    (project.content / "episodes/0003-part-3.md").unlink()
    assert re.search(r" written, [\d.]+ s, [1-9]\d* removed$", project.run("build").stdout.strip())


def test_check_gives_problems_to_programs_as_json(project: Project) -> None:
    assert json.loads(project.run("check", "--json").stdout) == []
    write_episode(project.content, 2, titel="Renamed")
    done = project.run("check", "--json")
    (problem,) = json.loads(done.stdout)
    assert done.returncode == 1
    assert problem.keys() == {"file", "line", "problem", "remedy"}
    assert problem["file"] == "content/episodes/0002-part-2.md"


def test_a_command_is_run_after_the_switch(project: Project) -> None:
    project.publish()
    write_episode(project.content, 4)
    for name in ("publish", "rollback"):
        assert project.run(name, "--after-switch", "cp -RL .longwave/www/current/public seen").returncode == 0
        assert tree(project.root / "seen") == tree(project.current / "public")
        shutil.rmtree(project.root / "seen")


@pytest.mark.parametrize("command", ["ls nowhere", "no-such-program", "echo 'half"])
def test_a_command_that_fails_after_the_switch_is_told(project: Project, command: str) -> None:
    done = project.run("publish", "--after-switch", command)
    assert done.returncode == 1
    assert f"is current, but '{command}' failed" in done.stderr


def test_build_and_publish_survive_a_content_folder_without_episodes(tmp_path: Path) -> None:
    project = write_project(tmp_path, episodes=0)
    project.publish()
    assert "index.html" in tree(project.output)
