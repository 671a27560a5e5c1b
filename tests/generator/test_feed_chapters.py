"""Chapters as JSON, and how seconds are spelled."""

import json

import pytest

from generator.model import Chapter
from generator.render import chapters, times
from tests.factories import URL


def published(*written: Chapter) -> dict[str, object]:
    read: dict[str, object] = json.loads(chapters.json(written, origin=URL))
    return read


def test_chapters_say_their_version() -> None:
    assert published() == {"version": "1.2.0", "chapters": []}


def test_a_chapter_has_what_its_editor_wrote_with_absolute_addresses() -> None:
    chapter = Chapter(at=195.5, title="Logs", url="https://e.example/", image="/media/log.png")
    assert published(chapter)["chapters"] == [
        {"startTime": 195.5, "title": "Logs", "url": "https://e.example/", "img": f"{URL}/media/log.png"}
    ]


def test_whole_seconds_are_written_whole() -> None:
    assert b'"startTime":60,' in chapters.json([Chapter(at=60.0, title="x")], origin=URL)


@pytest.mark.parametrize(
    ("seconds", "clock", "duration", "npt"),
    [
        (0, "0:00", "PT0S", "00:00:00.000"),
        (185.9, "3:05", "PT3M5S", "00:03:05.900"),
        (3600, "1:00:00", "PT1H", "01:00:00.000"),
        (3723.0004, "1:02:03", "PT1H2M3S", "01:02:03.000"),
        (59.9996, "0:59", "PT59S", "00:01:00.000"),
    ],
)
def test_seconds_are_spelled_for_each_reader(seconds: float, clock: str, duration: str, npt: str) -> None:
    assert (times.clock(seconds), times.iso_duration(seconds), times.npt(seconds)) == (clock, duration, npt)
