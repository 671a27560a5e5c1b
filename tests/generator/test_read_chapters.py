"""An editor's list of chapters becomes times and titles; each mistake is reported at its place in the list."""

from math import inf
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from generator.model import Chapter
from generator.read import chapters

Fault = tuple[str, str, str]
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.from_regex(chapters.CLOCK),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.sampled_from(chapters.KEYS), inner),
    max_leaves=6,
)


def read(raw: object, *, seconds: float = inf) -> tuple[tuple[Chapter, ...], list[Fault]]:
    faults: list[Fault] = []
    return chapters.parse(raw, seconds=seconds, problem=lambda *fault: faults.append(fault)), faults


def written(text: str) -> Any:
    return yaml.safe_load(text)


def fault(raw: object, *, seconds: float = inf) -> Fault:
    (only,) = read(raw, seconds=seconds)[1]
    return only


@pytest.mark.parametrize(
    ("line", "at"),
    [
        ("- 00:00 x\n- 03:15 x", 195),
        ("- 00:00 x\n- 1:02:03 x", 3723),
        ("- 00:00 x\n- 1:02:03.5 x", 3723.5),
        ("- 00:00 x\n- 75:00 x", 4500),
        ('- 00:00 x\n- { at: "11:02", title: x }', 662),
        ("- 00:00 x\n- { at: 11:02, title: x }", 662),
        ("- 00:00 x\n- { at: 11:02.25, title: x }", 662.25),
        ("- 00:00 x\n- { at: 1:02:03, title: x }", 3723),
    ],
)
def test_times_are_seconds_however_they_are_written(line: str, at: float) -> None:
    assert [chapter.at for chapter in read(written(line))[0]] == [0, at]


def test_a_chapter_may_have_an_address_and_a_picture() -> None:
    found, faults = read([{"at": 0, "title": "Logs", "url": "https://example.org/", "image": "media/log.png"}])
    assert found == (Chapter(at=0, title="Logs", url="https://example.org/", image="media/log.png"),)
    assert faults == []


def test_no_chapters_are_no_problem() -> None:
    assert read(()) == ((), [])


@pytest.mark.parametrize("raw", [None, "00:00 Welcome", {"00:00": "Welcome"}, 7])
def test_what_is_no_list_is_reported(raw: object) -> None:
    assert fault(raw)[:2] == ("", "the chapters are no list")


def test_an_unknown_key_is_reported_with_the_nearest_known_one() -> None:
    assert fault([{"at": "00:00", "titel": "Logs"}]) == (
        "[0]",
        "'titel' is not a field of a chapter",
        "Write 'title'",
    )


@pytest.mark.parametrize("item", ["00:00", {"at": "00:00"}, {"at": "00:00", "title": " "}])
def test_a_missing_title_is_reported(item: object) -> None:
    assert fault([item])[1] == "the chapter has no title"


@pytest.mark.parametrize("time", ["03:75", "1:60:00", "Middle", "-1:00", "3.15", "00:00:00:00"])
def test_a_time_without_sense_is_reported(time: str) -> None:
    place, what, _ = fault(["00:00 Welcome", f"{time} Logs"])
    assert place.startswith("[1]")
    assert time in what


@pytest.mark.parametrize("time", [-1, True, None, inf, float("nan"), 10**400, ["00:00"]])
def test_a_value_that_is_no_time_is_reported(time: object) -> None:
    assert fault([{"at": 0, "title": "Welcome"}, {"at": time, "title": "Logs"}])[0] == "[1].at"


def test_a_chapter_out_of_order_is_reported_once() -> None:
    place, what, _ = fault(["00:00 a", "10:00 b", "09:00 c", "11:00 d"])
    assert (place, what) == ("[2]", "the chapter at 9:00 stands after that at 10:00")


def test_two_chapters_at_one_time_are_reported() -> None:
    assert fault(["00:00 a", "10:00 b", "10:00 c"])[:2] == ("[2]", "two chapters begin at 10:00")


def test_a_first_chapter_that_does_not_begin_with_the_audio_is_reported() -> None:
    place, what, _ = fault(["00:05 a", "10:00 b"])
    assert place == "[0]"
    assert "0:05, not at 00:00" in what


@pytest.mark.parametrize("time", ["30:00", "30:01"])
def test_a_chapter_at_or_after_the_end_is_reported(time: str) -> None:
    place, what, _ = fault(["00:00 a", f"{time} b"], seconds=1800)
    assert place == "[1]"
    assert time in what


def test_a_title_too_long_is_reported_with_its_length() -> None:
    assert "256 characters" in fault([f"00:00 {'x' * 256}"])[1]


def test_a_title_with_a_control_character_is_reported() -> None:
    assert "control character" in fault(written('- "00:00 Bell \\a"'))[1]


def test_a_title_that_yaml_made_a_number_is_reported_with_the_remedy() -> None:
    assert fault(written("- { at: 0, title: 1984 }")) == (
        "[0].title",
        "the title '1984' is no text",
        "Put it in quotes",
    )


def test_a_colon_in_a_title_is_reported_with_the_whole_in_quotes() -> None:
    assert '"00:00 Logs: an overview"' in fault(written("- 00:00 Logs: an overview"))[2]


@pytest.mark.parametrize("url", ["javascript:alert(1)", "example.org", "ftp://example.org/", 7])
def test_an_address_that_is_not_of_the_web_is_reported(url: object) -> None:
    assert fault([{"at": 0, "title": "Logs", "url": url}])[0] == "[0].url"


def test_all_faults_of_a_list_are_reported_and_the_sound_chapters_given() -> None:
    found, faults = read(["00:00 a", "5 b", 7, {"at": "10:00", "title": ""}, "11:00 c"])
    assert [chapter.title for chapter in found] == ["a", "c"]
    assert [place for place, _, _ in faults] == ["[1]", "[2]", "[3].title"]


@given(st.lists(ANYTHING, max_size=6))
def test_whatever_yaml_gives_chapters_have_titles_and_times_or_faults(raw: list[object]) -> None:
    found, faults = read(raw, seconds=1e6)
    assert len(found) == len(raw) or faults
    assert all(chapter.title.strip() and chapter.at >= 0 for chapter in found)


@given(st.lists(st.integers(0, 10_000_000), min_size=1, max_size=9, unique=True).map(sorted))
def test_a_written_time_is_read_back_to_the_millisecond(milliseconds: list[int]) -> None:
    times = [0.0, *(ms / 1000 for ms in milliseconds if ms)]
    assert [chapter.at for chapter in read([f"{chapters.clock(at)} x" for at in times])[0]] == times
