"""Each request is counted once, whatever happens to the log; listeners become numbers and are forgotten."""

import sqlite3
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from deploy.watch import access_log, reading
from deploy.watch.access_log import Place
from deploy.watch.audio import USUAL_BYTES, Minutes
from deploy.watch.counting import Counts
from deploy.watch.figures import Figures, opened
from tests.watch.lines import LISTENER, line, write

NOON = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
DAY = date(2026, 11, 27)
EPISODE = "/media/0001-hello.0123abcd.mp3"
MINUTE_BYTES = 1000


@pytest.fixture
def figures(tmp_path: Path) -> Iterator[Figures]:
    with opened(tmp_path / "figures.sqlite") as open_figures:
        yield open_figures


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "access.json"


def read(figures: Figures, log: Path, *, now: datetime = NOON) -> int:
    return reading.read(figures, log, now=now, least_bytes=lambda _: MINUTE_BYTES)


def total(figures: Figures) -> int:
    return figures.between(NOON - timedelta(days=1), NOON + timedelta(days=1)).requests


def test_a_line_is_counted_once(figures: Figures, log: Path) -> None:
    write(log, line(NOON), line(NOON))
    assert [read(figures, log), read(figures, log)] == [2, 0]
    write(log, line(NOON))
    assert read(figures, log) == 1
    assert total(figures) == 3


def test_a_line_that_is_being_written_waits_until_it_is_whole(figures: Figures, log: Path) -> None:
    whole = line(NOON)
    write(log, whole, whole[:20])
    assert read(figures, log) == 1
    write(log, whole[20:])
    assert read(figures, log) == 1


def test_what_came_just_before_a_rotation_is_counted_after_it(figures: Figures, log: Path) -> None:
    write(log, line(NOON))
    read(figures, log)
    write(log, line(NOON))
    log.rename(log.with_name("access.json-20261127"))
    write(log, line(NOON), line(NOON))
    assert read(figures, log) == 3
    assert total(figures) == 4


def test_a_compressed_log_was_read_before_it_was_compressed(figures: Figures, log: Path) -> None:
    write(log, line(NOON))
    write(log.with_name("access.json-20261126.gz"), "not read")
    assert read(figures, log) == 1


def test_a_log_that_was_emptied_is_read_from_its_beginning(figures: Figures, log: Path) -> None:
    write(log, line(NOON), line(NOON))
    read(figures, log)
    log.write_text(line(NOON))
    assert read(figures, log) == 1


def test_a_line_that_is_none_is_counted_as_such_and_stops_nothing(figures: Figures, log: Path) -> None:
    write(log, "{broken\n", line(NOON))
    assert read(figures, log) == 1
    assert figures.unreadable() == 1


def test_a_line_without_an_end_holds_nothing_up(figures: Figures, log: Path) -> None:
    write(log, "x" * (access_log.CHUNK_BYTES + 10))
    read(figures, log)
    write(log, "\n", line(NOON))
    assert read(figures, log) == 1


def test_counts_and_place_are_kept_together_or_not_at_all(
    figures: Figures, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(log, line(NOON), line(NOON))
    with monkeypatch.context() as broken:
        broken.setattr(Place, "inode", property(lambda _: (_ for _ in ()).throw(sqlite3.OperationalError("full"))))
        with pytest.raises(sqlite3.OperationalError):
            read(figures, log)
    assert total(figures) == 0
    assert read(figures, log) == 2


def listened(figures: Figures, log: Path, *lines: str) -> list[tuple[str, int]]:
    write(log, *lines)
    read(figures, log)
    read(figures, log, now=NOON + timedelta(days=1))
    return figures.downloads(DAY, by="path", limit=10)


def test_a_minute_of_audio_is_a_download(figures: Figures, log: Path) -> None:
    assert listened(figures, log, line(NOON, EPISODE, bytes=MINUTE_BYTES, **LISTENER)) == [(EPISODE, 1)]


def test_less_is_none(figures: Figures, log: Path) -> None:
    assert listened(figures, log, line(NOON, EPISODE, bytes=MINUTE_BYTES - 1, **LISTENER)) == []


def test_ranges_of_one_listener_are_added_up(figures: Figures, log: Path) -> None:
    halves = [line(NOON, EPISODE, status=206, bytes=MINUTE_BYTES // 2, **LISTENER) for _ in range(2)]
    assert listened(figures, log, *halves) == [(EPISODE, 1)]


def test_one_listener_of_one_episode_is_one_download_a_day(figures: Figures, log: Path) -> None:
    again = [line(NOON + timedelta(hours=hour), EPISODE, bytes=MINUTE_BYTES, **LISTENER) for hour in range(5)]
    assert listened(figures, log, *again) == [(EPISODE, 1)]


def test_two_apps_at_one_address_are_two(figures: Figures, log: Path) -> None:
    other = {**LISTENER, "agent": "Overcast/3"}
    lines = [line(NOON, EPISODE, bytes=MINUTE_BYTES, **who) for who in (LISTENER, other)]
    assert listened(figures, log, *lines) == [(EPISODE, 2)]
    assert figures.downloads(DAY, by="app", limit=9) == [("AntennaPod", 1), ("Overcast", 1)]


def test_an_app_s_name_cannot_speak_to_a_terminal(figures: Figures, log: Path) -> None:
    listened(
        figures, log, line(NOON, EPISODE, bytes=MINUTE_BYTES, **{**LISTENER, "agent": "Bad\x1b]0;x\u202e\x07App/1"})
    )
    assert figures.downloads(DAY, by="app", limit=9) == [("Bad]0;xApp", 1)]


@pytest.mark.parametrize("client", ["ai", "search", "crawler", "tool", "checker", "directory", "nameless"])
def test_robots_do_not_listen(figures: Figures, log: Path, client: str) -> None:
    assert listened(figures, log, line(NOON, EPISODE, bytes=MINUTE_BYTES, **{**LISTENER, "client": client})) == []


@pytest.mark.parametrize("harm", [{"method": "HEAD"}, {"status": 404}, {"status": 304}])
def test_what_carries_no_audio_is_no_download(figures: Figures, log: Path, harm: dict[str, object]) -> None:
    assert listened(figures, log, line(NOON, EPISODE, **{"bytes": MINUTE_BYTES, **LISTENER, **harm})) == []


def test_nobody_can_tell_afterwards_who_listened(figures: Figures, log: Path, tmp_path: Path) -> None:
    listened(figures, log, line(NOON, EPISODE, bytes=MINUTE_BYTES, **LISTENER))
    assert figures.db.execute("SELECT COUNT(*) FROM listened").fetchone() == (0,)
    assert figures.db.execute("SELECT COUNT(*) FROM salts WHERE day <= ?", (str(DAY),)).fetchone() == (0,)
    assert b"198.51.100.7" not in (tmp_path / "figures.sqlite").read_bytes()


def test_a_day_s_downloads_are_counted_once_though_its_last_lines_come_late(figures: Figures, log: Path) -> None:
    write(log, line(NOON, EPISODE, bytes=MINUTE_BYTES, **LISTENER))
    read(figures, log, now=NOON.replace(hour=0) + timedelta(days=1, minutes=30))
    assert figures.downloads(DAY, by="path", limit=9) == []
    read(figures, log, now=NOON + timedelta(days=1))
    read(figures, log, now=NOON + timedelta(days=2))
    assert figures.downloads(DAY, by="path", limit=9) == [(EPISODE, 1)]


def test_minutes_are_kept_for_two_months(figures: Figures) -> None:
    figures.add(Counts(minutes={}), Place(1, 1))
    figures.db.execute(
        "INSERT INTO minutes VALUES (?, 1, 1, 1, 1, 1, 1, 1, 1)", ((NOON - timedelta(days=63)).timestamp(),)
    )
    figures.close_days(now=NOON, least_bytes=lambda _: 1)
    assert figures.between(NOON - timedelta(days=99), NOON).requests == 0


def audio(folder: Path, *, size: int, tag: int = 0) -> Minutes:
    (folder / "media").mkdir()
    head = b"ID3\x04\x00\x00" + bytes([0, 0, tag >> 7, tag & 0x7F]) if tag else b""
    (folder / EPISODE.lstrip("/")).write_bytes(head + bytes(size - len(head)))
    entry = f'{{"enclosure":"https://a.example{EPISODE.replace("0123abcd", "ffffffff")}","seconds":600}}'
    (folder / "episodes.json").write_text(f'{{"episodes":[{entry}]}}')
    return Minutes(pool=folder, episodes=folder / "episodes.json")


def test_a_minute_of_ten_is_a_tenth_of_the_file_also_of_its_earlier_version(tmp_path: Path) -> None:
    assert audio(tmp_path, size=10_000).least_bytes(EPISODE) == 1000


def test_the_minute_begins_behind_the_tag(tmp_path: Path) -> None:
    assert audio(tmp_path, size=10_000 + 310, tag=300).least_bytes(EPISODE) == 1310


def test_of_a_file_that_is_gone_a_usual_minute_is_taken(tmp_path: Path) -> None:
    assert audio(tmp_path, size=10_000).least_bytes("/media/gone.0123abcd.mp3") == USUAL_BYTES
