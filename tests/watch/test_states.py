"""What a job leaves behind is there whole, for everybody, and never silently missing."""

import datetime as dt
from pathlib import Path

from deploy.watch import states

NOW = dt.datetime(2026, 11, 27, 3, 0, tzinfo=dt.UTC)


def test_a_job_s_last_run_is_read_as_it_was_recorded(tmp_path: Path) -> None:
    states.record("backup", ok=True, seconds=12.34, detail="3 files", now=NOW, due=NOW, folder=tmp_path)
    expected = states.State(kind="backup", at=NOW, ok=True, seconds=12.3, detail="3 files", due=NOW)
    assert states.read([tmp_path, tmp_path / "missing"]) == {"backup": expected}


def test_a_later_run_takes_the_place_of_the_one_before(tmp_path: Path) -> None:
    for ok in (False, True):
        states.record("backup", ok=ok, now=NOW, folder=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["backup.json"]
    assert states.read([tmp_path])["backup"].ok


def test_everybody_may_read_it(tmp_path: Path) -> None:
    states.record("backup", ok=True, now=NOW, folder=tmp_path)
    assert (tmp_path / "backup.json").stat().st_mode & 0o777 == 0o644


def test_a_file_that_says_nothing_counts_as_a_failure(tmp_path: Path) -> None:
    (tmp_path / "backup.json").write_text("{")
    state = states.read([tmp_path])["backup"]
    assert not state.ok
    assert "backup.json" in state.detail
