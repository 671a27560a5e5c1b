"""kill -9 at random moments of builds and publishes: the next run repairs, and readers never see half of anything."""

import contextlib
import os
import random
import re
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.generator.project import Project, differences, tree, write_project
from tests.generator.running import start, wait_for
from tests.generator.shows import transcript, write_episode

SHORT, LONG = 4, 24
SECONDS_MAX = 30


@pytest.fixture
def rounds(prove: bool) -> Iterator[random.Random]:
    """One source of chance a round; the short run always meets the same moments, as far as clocks allow."""
    return (random.Random(seed) for seed in range(LONG if prove else SHORT))


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = write_project(tmp_path, episodes=30)
    for number in range(1, 31):
        write_episode(project.content, number, transcript=transcript(f"Talk {number}."))
    return project


def test_a_killed_build_is_repaired_by_the_next(
    project: Project, rounds: Iterator[random.Random], tmp_path: Path
) -> None:
    duration = seconds_of(project, "build")
    for nth, chance in enumerate(rounds):
        if nth % 2:
            shutil.rmtree(project.output)
        revise(project, nth)
        kill_during(project, "build", moment=chance.uniform(0.2, 1) * duration, group=chance.random() < 0.5)
        project.build()
        assert differences(tree(project.output), project.cold(tmp_path / "cold")) == set(), f"round {nth}"


def test_what_a_killed_build_left_behind_is_removed_with_its_source(project: Project, tmp_path: Path) -> None:
    with start(project, "build") as process:
        wait_for(project.output / "episodes/1")
        os.killpg(process.pid, signal.SIGKILL)
    orphans_end(process.pid)
    for path in project.content.glob("episodes/0001-*"):
        path.unlink()
    project.build()
    assert differences(tree(project.output), project.cold(tmp_path / "cold")) == set()


def test_a_killed_publish_shows_the_old_site_or_the_new_one_and_is_repaired(
    project: Project, rounds: Iterator[random.Random]
) -> None:
    duration = seconds_of(project, "publish")
    shown = site_of(project.current)
    for nth, chance in enumerate(rounds):
        revise(project, nth)
        kill_during(project, "publish", moment=chance.uniform(0.3, 1) * duration, group=chance.random() < 0.5)
        left = site_of(project.current)
        project.publish()
        wanted = site_of(project.current)
        assert left in (shown, wanted), f"round {nth}: {sorted(differences(left, wanted))[:9]}"
        assert f"Revision {nth}".encode() in wanted["feed.xml"]
        shown = wanted


def revise(project: Project, nth: int) -> None:
    """An edit that reaches every page, the stylesheet's name and one episode's own files."""
    css = project.root / "theme/static/css/base.css"
    css.write_text(css.read_text() + f"\n.revision-{nth} {{ color: red }}\n")
    write_episode(project.content, 5, title=f"Revision {nth}", transcript=transcript(f"Revision {nth}."))


def kill_during(project: Project, name: str, *, moment: float, group: bool) -> None:
    """Starts `longwave NAME`, ends it after `moment` seconds, alone or with its workers, and sees them all gone."""
    with start(project, name) as process:
        time.sleep(moment)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL) if group else process.kill()
    orphans_end(process.pid)


def orphans_end(group: int) -> None:
    """Workers notice that they are alone; one that does not within SECONDS_MAX would write over a later build."""
    until = time.monotonic() + SECONDS_MAX
    while alive(group):
        if time.monotonic() > until:
            os.killpg(group, signal.SIGKILL)
            pytest.fail("workers outlive their build")
        time.sleep(0.02)


def alive(group: int) -> bool:
    """Whether a process of `group` still runs; zombies do not (proc(5), stat: state, parent, group)."""
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, _, process_group = path.read_text().rpartition(")")[2].split()[:3]
            if int(process_group) == group and state not in "ZX":
                return True
    return False


def site_of(current: Path) -> dict[str, bytes]:
    """What readers get through the link: the release's own files, and the assets its home page names, from the pool."""
    site = tree(current / "public")
    pool = current.parent / "pool"
    for name in re.findall(rb'"/(assets/[^"]+)"', site["index.html"]):
        (asset,) = pool.rglob(Path(name.decode()).name)
        site[name.decode()] = asset.read_bytes()
    return site


def seconds_of(project: Project, name: str) -> float:
    start = time.monotonic()
    done = project.run(name)
    assert done.returncode == 0, done.stderr
    return time.monotonic() - start
