"""`longwave new`: what it writes is sound as it stands, and never in the place of something else."""

import re
import tomllib
from pathlib import Path

import pytest

from tests.command import longwave
from tests.generator.project import Project
from tests.generator.shows import write, write_silence


def test_a_new_show_passes_check_and_builds(project: Project, tmp_path: Path) -> None:
    done = longwave("new", "show", tmp_path / "fresh", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    (site,) = (tmp_path / "fresh").rglob("site.toml")
    for name in ("check", "build"):
        done = project.run(name, "--content", site.parent)
        assert done.returncode == 0, done.stderr


def test_a_new_show_without_a_theme_gets_our_own(tmp_path: Path) -> None:
    longwave("new", "show", "fresh", cwd=tmp_path)
    done = longwave("build", "--content", "fresh/content", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "output/index.html").exists()


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
        (["course", "Clocks: a course"], "courses/clocks-a-course/course.md"),
    ],
    ids=["episode", "person", "post", "course"],
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


def test_a_new_course_is_whole_and_waits_as_a_draft(project: Project) -> None:
    assert project.run("new", "course", "Clocks").returncode == 0
    project.build()
    assert "Clocks" not in (project.output / "catalog.json").read_text()
    path = project.content / "courses/clocks/course.md"
    write(path, path.read_text().replace("status: draft\n", ""))
    project.build()
    assert "The first lecture" in (project.output / "courses/clocks/index.html").read_text()


def test_a_new_course_gets_an_id_that_no_course_ever_had(project: Project) -> None:
    write(project.content / "ids.lock", 'crs_clocks = "/courses/clocks-of-old/"\n')
    project.run("new", "course", "Clocks")
    assert "id: crs_clocks_2\n" in (project.content / "courses/clocks/course.md").read_text()


def test_a_new_course_overwrites_none(project: Project) -> None:
    project.run("new", "course", "Clocks")
    done = project.run("new", "course", "Clocks")
    assert done.returncode == 1
    assert "exists already" in done.stderr
