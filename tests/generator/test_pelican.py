"""Those who know Pelican may run it on the project as they would on theirs."""

import subprocess
import sys
from pathlib import Path

from generator.build import build
from generator.commands.check import check
from tests.command import ROOT, SECONDS_MAX, environment
from tests.generator.project import Project, times, tree
from tests.generator.shows import write_episode, write_post


def test_pelican_itself_builds_the_same_files(project: Project, tmp_path: Path) -> None:
    write_post(project.content, "hello")
    assert pelican(project).returncode == 0
    assert tree(project.output) == project.cold(tmp_path / "cold")


def test_a_build_after_pelicans_has_nothing_left_to_write(project: Project) -> None:
    pelican(project)
    before = times(project.output)
    assert project.build().written == 0
    assert times(project.output) == before


def test_pelican_fails_where_the_content_has_mistakes(project: Project) -> None:
    write_episode(project.content, 2, season="two")
    done = pelican(project)
    assert done.returncode != 0
    assert "content/episodes/0002-part-2.md:" in done.stdout + done.stderr
    assert not (project.output / "index.html").exists()


def test_a_check_after_a_build_in_one_process_only_checks(project: Project, tmp_path: Path) -> None:
    build(project.content, tmp_path / "one", theme=ROOT / "theme")
    assert check(project.content, tmp_path / "other").outputs
    assert not (tmp_path / "other").exists()


def pelican(project: Project) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pelican", "--settings", ROOT / "generator/pelicanconf.py"],
        cwd=project.root,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS_MAX,
    )
