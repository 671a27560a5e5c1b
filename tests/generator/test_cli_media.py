"""`longwave media add`: files are measured once, and their lock is all that a build needs of them."""

import fcntl
import os
import subprocess
import time
import tomllib
from pathlib import Path

import pytest

from tests.command import command, environment
from tests.generator.project import Project
from tests.generator.shows import write_episode, write_silence


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


def test_media_add_waits_while_another_writes_the_lock(project: Project) -> None:
    audio = write_silence(project.content / "media/0001-part-1.mp3")
    folder = os.open(project.content, os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)
    with subprocess.Popen(command("media", "add", audio), cwd=project.content.parent, env=environment()) as adding:
        while (
            adding.poll() is None and f"-> FLOCK  ADVISORY  WRITE {adding.pid} " not in Path("/proc/locks").read_text()
        ):
            time.sleep(0.01)
        assert adding.poll() is None
        os.close(folder)
    assert adding.returncode == 0


def test_locks_are_replaced_whole_and_never_changed_in_place(project: Project, tmp_path: Path) -> None:
    audio = write_silence(tmp_path / "recording.mp3")
    project.run("new", "episode", "First", "--audio", audio)
    locks = [project.content / name for name in ("media.lock", "guids.lock")]
    kept = [(lock, lock.read_bytes()) for lock in locks]
    for lock in locks:
        (tmp_path / lock.name).hardlink_to(lock)
    project.run("new", "episode", "Second", "--audio", audio)
    for lock, before in kept:
        assert lock.read_bytes() != before
        assert (tmp_path / lock.name).read_bytes() == before


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
