"""What must never happen to an operator's machine: foreign files removed, programs run by a theme, a bad release left current."""

from pathlib import Path

import pytest

from tests.generator.project import Project, tree
from tests.generator.shows import write, write_episode


def test_a_build_into_the_project_itself_is_refused_and_removes_nothing(project: Project) -> None:
    project.publish()
    before = tree(project.content)
    done = project.run("build", "--output", ".")
    assert (done.returncode, tree(project.content)) == (1, before)


def test_a_publish_into_a_folder_with_foreign_files_is_refused(project: Project, tmp_path: Path) -> None:
    keep = write(tmp_path / "srv/important/file", "mine")
    done = project.run("publish", "--to", tmp_path / "srv")
    assert (done.returncode, keep.read_text()) == (1, "mine")


def test_a_failed_command_after_the_switch_goes_back_to_the_release_before(project: Project) -> None:
    project.publish()
    before = project.current.resolve()
    write_episode(project.content, 2, title="Renamed")
    done = project.run("publish", "--after-switch", "false")
    assert (done.returncode, project.current.resolve()) == (1, before)


def test_a_template_reaches_no_program(project: Project) -> None:
    page = project.root / "theme/templates/base.html"
    page.write_text(page.read_text() + "{{ cycler.__init__.__globals__.os.popen('touch pwned').read() }}")
    done = project.run("build")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert not (project.root / "pwned").exists()


@pytest.mark.parametrize("at", [0, 100, 5000, 20_000])
def test_a_damaged_ledger_heals_by_itself(project: Project, at: int) -> None:
    project.build()
    before = tree(project.output)
    with (project.output / ".longwave/ledger.sqlite").open("r+b") as ledger:
        ledger.seek(at)
        ledger.write(b"\xff" * 3000)
    write_episode(project.content, 2, title="Renamed")
    project.build()
    write_episode(project.content, 2)
    project.build()
    assert tree(project.output) == before
