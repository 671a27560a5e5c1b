"""Which files count as touched when an episode is added, and which of them had no reason to be."""

import gzip
import os
from pathlib import Path

import pytest

from tests.bench.archive import Written
from tests.bench.changes import changed, needless, snapshot

NINTH = Written(9, Path("episodes/0009-nine.md"), guests=("ada",), topics=("ice",))
COUNTED = '<a href="/people/ada/">Ada</a> 1 episode\n<a href="/people/bo/">Bo</a> 1 episode\n'


@pytest.fixture
def output(tmp_path: Path) -> Path:
    write(tmp_path / "index.html", "<p>Home</p>\n")
    write(tmp_path / "people/index.html", COUNTED)
    write(tmp_path / "people/ada/index.html", "<p>Ada</p>\n")
    return tmp_path


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    data = text.encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)


def test_an_episode_s_own_files_and_the_pages_that_link_to_it_print_it(output: Path) -> None:
    before = snapshot(output)
    write(output / "episodes/9/nine.txt", "Said.")
    write(output / "index.html", '<a href="/episodes/9/nine/">Nine</a>')
    write(output / "people/ada/index.html.gz", '<a href="/episodes/9/nine/">Nine</a>')
    after = snapshot(output)
    assert len(changed(before, after)) == 3
    assert needless(before, after, added=NINTH) == []


def test_a_list_may_count_it_for_its_guests_and_topics(output: Path) -> None:
    before = snapshot(output)
    write(output / "people/index.html", COUNTED.replace("Ada</a> 1 episode", "Ada</a> 2 episodes"))
    assert needless(before, snapshot(output), added=NINTH) == []


def test_a_list_that_counts_somebody_else_anew_is_needless(output: Path) -> None:
    before = snapshot(output)
    write(output / "people/index.html", COUNTED.replace("1 episode", "2 episodes"))
    assert needless(before, snapshot(output), added=NINTH) == ["people/index.html"]


def test_another_time_alone_is_needless(output: Path) -> None:
    before = snapshot(output)
    os.utime(output / "people/index.html", (1, 1))
    assert needless(before, snapshot(output), added=NINTH) == ["people/index.html"]


def test_other_bytes_under_the_old_time_are_a_change(output: Path) -> None:
    before, page = snapshot(output), output / "people/ada/index.html"
    time = page.stat().st_mtime_ns
    write(page, "<p>ADA</p>\n")
    os.utime(page, ns=(time, time))
    assert changed(before, snapshot(output)) == ["people/ada/index.html"]


def test_a_file_that_went_is_needless(output: Path) -> None:
    before = snapshot(output)
    (output / "people/ada/index.html").unlink()
    assert needless(before, snapshot(output), added=NINTH) == ["people/ada/index.html"]


def test_what_the_build_remembers_is_not_looked_at(output: Path) -> None:
    before = snapshot(output)
    write(output / ".longwave/ledger.sqlite", "remembered")
    assert changed(before, snapshot(output)) == []
