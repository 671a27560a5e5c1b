"""Two builds at once: one waits or says who holds the lock, and neither harms the other."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.generator.project import Project, tree, write_project
from tests.generator.running import start, wait_for

PATIENCE_SECONDS = 30


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return write_project(tmp_path, episodes=40)


@pytest.fixture
def held(project: Project) -> Iterator[subprocess.Popen[str]]:
    """A build stopped in its middle, with everything it holds."""
    with start(project, "build") as process:
        wait_for(project.output / ".longwave")
        time.sleep(0.05)
        os.kill(process.pid, signal.SIGSTOP)
        assert process.poll() is None
        yield process
        process.kill()


def test_a_second_build_names_the_one_that_holds_the_lock(project: Project, held: subprocess.Popen[str]) -> None:
    with start(project, "build") as second:
        time.sleep(2)
        os.kill(held.pid, signal.SIGCONT)
        said = "".join(second.communicate(timeout=PATIENCE_SECONDS))
    assert str(held.pid) in said
    assert "Traceback" not in said


def test_the_lock_of_a_killed_build_holds_nobody_up(project: Project, held: subprocess.Popen[str]) -> None:
    held.kill()
    held.wait()
    project.build()
    assert (project.output / "index.html").exists()


@pytest.mark.parametrize("name", ["build", "publish"])
def test_two_at_once_leave_a_cold_builds_output(project: Project, tmp_path: Path, name: str) -> None:
    with start(project, name) as first, start(project, name) as second:
        said = [process.communicate(timeout=PATIENCE_SECONDS)[1] for process in (first, second)]
    assert sorted((first.returncode, second.returncode)) in ([0, 0], [0, 1]), said
    assert tree(project.output) == project.cold(tmp_path / "cold")
