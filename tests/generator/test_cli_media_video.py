"""`longwave media add` for lectures' videos: what not everybody could play is refused with the command that mends it."""

import subprocess
import tomllib
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
from PIL import Image

from tests.generator.project import Project
from tests.generator.shows import write, write_course, write_lecture
from tests.generator.videos import FIRST, GOOD, good, make

H264, AAC = GOOD[:6], GOOD[6:]
BAD: dict[str, tuple[str, tuple[str, ...], str]] = {
    "index at the end": ("a.mp4", GOOD, "its index stands at its end"),
    "other pictures": ("a.mp4", ("-c:v", "mpeg4", *AAC, *FIRST), "its pictures are mpeg4, not H.264"),
    "ten bits": ("a.mp4", ("-c:v", "libx264", "-pix_fmt", "yuv420p10le", *AAC, *FIRST), "High 10, yuv420p10le"),
    "4:4:4": ("a.mp4", ("-c:v", "libx264", "-pix_fmt", "yuv444p", *AAC, *FIRST), "one that phones do not play"),
    "other sound": ("a.mp4", (*H264, "-c:a", "ac3", *FIRST), "its sound is ac3, not AAC-LC"),
    "other file": ("a.mkv", GOOD, "'.mkv' is not a file that every browser opens"),
    "quicktime": ("a.mov", GOOD, "'.mov' is not a file that every browser opens"),
    "everything": ("a.webm", ("-c:v", "libvpx", "-c:a", "libopus"), "vp8, not H.264; its sound is opus, not AAC-LC; '.webm'"),
}  # fmt: skip


def add(project: Project, name: str, **more: Any) -> CompletedProcess[str]:
    return project.run("media", "add", f"content/videos/{name}", **more)


def lock(project: Project) -> dict[str, Any]:
    path = project.content / "media.lock"
    return tomllib.loads(path.read_text()) if path.exists() else {}


def videos(project: Project) -> Path:
    return project.root / "content/videos"


def test_a_good_video_is_recorded_with_its_length_and_type(project: Project) -> None:
    path = good(videos(project) / "clocks/02.mp4")
    done = add(project, "clocks/02.mp4")
    assert done.returncode == 0, done.stderr
    entry = lock(project)["clocks/02.mp4"]
    assert (entry["bytes"], entry["type"], len(entry["sha256"])) == (path.stat().st_size, "video/mp4", 64)
    assert abs(entry["seconds"] - 3) < 0.1
    assert "H.264 and AAC" in done.stdout


def test_a_video_without_sound_is_one_too(project: Project) -> None:
    good(videos(project) / "a.mp4", sound=False)
    assert "H.264 without sound" in add(project, "a.mp4").stdout


@pytest.mark.parametrize("name", BAD)
def test_a_video_that_not_all_can_play_is_refused_and_the_command_mends_it(project: Project, name: str) -> None:
    file, how, problem = BAD[name]
    make(videos(project) / file, *how)
    done = add(project, file)
    assert (done.returncode, lock(project)) == (1, {})
    assert problem in done.stderr
    command = done.stderr.splitlines()[-1]
    subprocess.run(command, shell=True, check=True, capture_output=True, cwd=project.root)  # noqa: S602 (as a person would)
    mended = add(project, "a.mp4")
    assert mended.returncode == 0, mended.stderr


def test_a_good_track_is_copied_and_not_made_anew(project: Project) -> None:
    make(videos(project) / "a.mp4", *H264, "-c:a", "ac3")
    said = add(project, "a.mp4").stderr
    assert "-c:v copy -c:a aac" in said


def test_a_name_that_a_shell_would_misread_is_quoted(project: Project) -> None:
    make(videos(project) / "my clock's.mov", *GOOD)
    done = add(project, "my clock's.mov")
    assert done.returncode == 1
    assert "Use letters, digits" in done.stderr


def test_without_ffprobe_the_package_to_install_is_named(project: Project, tmp_path: Path) -> None:
    good(videos(project) / "a.mp4")
    done = add(project, "a.mp4", env={"PATH": str(tmp_path)})
    assert (done.returncode, lock(project)) == (1, {})
    assert "apt-get install ffmpeg" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("raw", [b"", b"This is no video.\n" * 99], ids=["empty", "text"])
def test_what_is_no_video_is_refused(project: Project, raw: bytes) -> None:
    videos(project).mkdir(parents=True)
    (videos(project) / "a.mp4").write_bytes(raw)
    done = add(project, "a.mp4")
    assert done.returncode == 1
    assert "a.mp4:1: this cannot be read as a video" in done.stderr
    assert str(project.root) not in done.stderr


def test_half_a_video_is_refused(project: Project) -> None:
    path = make(videos(project) / "a.mp4", *GOOD)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert add(project, "a.mp4").returncode == 1


def test_sound_alone_is_no_video(project: Project) -> None:
    path = videos(project) / "a.mp4"
    path.parent.mkdir()
    command = ["ffmpeg", "-loglevel", "error", "-f", "lavfi", "-i", "sine", "-t", "1", "-c:a", "aac", str(path)]
    subprocess.run(command, check=True)
    assert "no moving pictures" in add(project, "a.mp4").stderr


def test_the_poster_is_the_picture_of_the_same_name(project: Project) -> None:
    good(videos(project) / "clocks/02.mp4")
    Image.new("RGB", (64, 48)).save(videos(project) / "clocks/02.jpg")
    add(project, "clocks/02.mp4")
    assert lock(project)["clocks/02.mp4"]["poster"] == "clocks/02.jpg"


def test_without_a_poster_the_command_that_makes_one_is_told(project: Project) -> None:
    good(videos(project) / "a.mp4", seconds=4)
    told = add(project, "a.mp4").stdout
    command = told.partition("Make one: ")[2].splitlines()[0]
    subprocess.run(command, shell=True, check=True, capture_output=True, cwd=project.root)  # noqa: S602 (as a person would)
    assert "poster: a.jpg" in add(project, "a.mp4").stdout


def test_a_poster_that_is_no_picture_is_refused(project: Project) -> None:
    good(videos(project) / "a.mp4")
    (videos(project) / "a.jpg").write_text("no picture")
    done = add(project, "a.mp4")
    assert (done.returncode, lock(project)) == (1, {})
    assert "a.jpg:1: the picture cannot be read" in done.stderr


def test_captions_beside_the_video_come_to_stand_beside_its_lecture(project: Project) -> None:
    write_course(project.content, "clocks", lectures=1)
    lecture = write_lecture(project.content, "clocks", 1, video="clocks/01.mp4")
    good(videos(project) / "clocks/01.mp4")
    for language in ("", ".de"):
        write(videos(project) / f"clocks/01{language}.vtt", f"WEBVTT\n\n00:00.000 --> 00:01.000\nTick{language}\n")
    add(project, "clocks/01.mp4")
    assert "Tick.de" in lecture.with_suffix(".de.vtt").read_text()
    lecture.with_suffix(".vtt").write_text("WEBVTT\n\n00:00.000 --> 00:01.000\nCorrected\n")
    again = add(project, "clocks/01.mp4").stdout
    assert "Corrected" in lecture.with_suffix(".vtt").read_text()
    assert "stays as it is" in again


def test_a_video_that_no_lecture_shows_is_told(project: Project) -> None:
    good(videos(project) / "a.mp4")
    assert "Write 'video: a.mp4'" in add(project, "a.mp4").stdout


def test_a_lecture_that_tells_another_length_is_told(project: Project) -> None:
    write_course(project.content, "clocks", lectures=1)
    write_lecture(project.content, "clocks", 1, video="clocks/01.mp4", seconds=421)
    good(videos(project) / "clocks/01.mp4")
    assert "says 'seconds: 421' and the video takes 3" in add(project, "clocks/01.mp4").stdout


def test_a_file_of_neither_folder_is_refused(project: Project, tmp_path: Path) -> None:
    done = project.run("media", "add", good(tmp_path / "elsewhere/a.mp4"))
    assert done.returncode == 1
    assert "videos for a lecture's video" in done.stderr


def test_videos_may_lie_where_the_setting_says(project: Project, tmp_path: Path) -> None:
    good(tmp_path / "paid/clocks/01.mp4")
    done = project.run("media", "add", "clocks/01.mp4", env={"LONGWAVE_PRIVATE_MEDIA": str(tmp_path / "paid")})
    assert done.returncode == 0, done.stderr
    assert "clocks/01.mp4" in lock(project)
