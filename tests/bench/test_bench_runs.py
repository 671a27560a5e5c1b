"""The bench itself, small: what it prints, what its archive and its peer hold; no figure is judged here."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench import hugo, table
from tests.bench.archive import CUES, Archive
from tests.bench.timing import BenchError, Timer
from tests.command import ROOT, environment

OWN = [name for name in table.NAMES if name not in {"hugo", "nginx", "service", "sync"}]


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    content = tmp_path_factory.mktemp("archive")
    Archive(content, 3).write()
    return content


def bench(*arguments: str, temporary: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.bench", *arguments],
        env=environment({"TMPDIR": str(temporary)}),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_the_bench_prints_a_row_for_each_of_our_measures_and_removes_its_folder(tmp_path: Path) -> None:
    only = [word for name in OWN for word in ("--only", name)]
    done = bench("--episodes", "30", "--runs", "1", "--pause", "0", *only, temporary=tmp_path)
    assert done.returncode == 0, done.stderr
    assert [name for name in OWN if f"| {table.NAMES[name]} |" not in done.stdout] == []
    assert list(tmp_path.iterdir()) == []


def test_an_archive_is_the_same_at_every_run(archive: Path, tmp_path: Path) -> None:
    Archive(tmp_path, 3).write()
    assert texts(tmp_path) == texts(archive)


def test_an_episode_of_the_archive_has_the_sizes_of_a_real_one(archive: Path) -> None:
    (transcript,) = (archive / "episodes").glob("0002-*.vtt")
    notes = transcript.with_suffix(".md").read_text().split("---\n")[2]
    assert transcript.read_text().count("-->") == CUES
    assert 80_000 < transcript.stat().st_size < 120_000
    assert 1_500 < len(notes) < 2_500


def test_the_peer_gets_the_text_of_every_cue(archive: Path, tmp_path: Path) -> None:
    hugo.write_project(archive, tmp_path / "hugo")
    for transcript in (archive / "episodes").glob("*.vtt"):
        said = [line.split(">", 1)[1] for line in transcript.read_text().splitlines() if line.startswith("<v ")]
        peer = (tmp_path / "hugo/transcripts" / f"{transcript.stem}.txt").read_text()
        assert [line.split(" ", 1)[1] for line in peer.splitlines()] == said


def test_the_peak_is_that_of_the_command_and_not_of_who_measures_it(tmp_path: Path) -> None:
    ballast = b"x" * 200_000_000
    took = Timer(tmp_path).once([sys.executable, "-I", "-S", "-c", ""], env={})
    assert took.peak_kib * table.KIB < len(ballast) / 2


def test_a_process_that_the_command_waits_for_counts(tmp_path: Path) -> None:
    child = "import sys; x = b'x' * 100_000_000"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    took = Timer(tmp_path).once([sys.executable, "-c", parent], env={})
    assert took.peak_kib * table.KIB > 100_000_000


def test_a_command_that_fails_ends_the_bench_with_its_own_words(tmp_path: Path) -> None:
    with pytest.raises(BenchError, match="no such season"):
        Timer(tmp_path).once([sys.executable, "-c", "raise SystemExit('no such season')"], env={})


def texts(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


def test_the_bench_prints_the_rows_of_the_service(tmp_path: Path) -> None:
    done = bench("--episodes", "1", "--runs", "1", "--only", "service", temporary=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("| the service: ") == 6
    assert "failed requests through a restart at 70/s | 0 | 0," in done.stdout


def test_the_bench_prints_the_rows_of_podcast_sync(tmp_path: Path) -> None:
    done = bench("--episodes", "1", "--runs", "1", "--only", "sync", temporary=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("| podcast sync: ") == 6
    assert " requests/s, none failed)" in done.stdout
