"""The sample's lectures have videos of ours: small, whole, as long as their lectures say, and ones that every phone plays."""

import json
import tomllib
from typing import Any

import pytest

from generator.read import video
from tests.command import ROOT

VIDEOS = ROOT / "content/videos"
LOCK = tomllib.loads((ROOT / "content/media.lock").read_text())
LECTURES: list[dict[str, Any]] = [
    lecture
    for course in json.loads((ROOT / "tests/contracts/catalog.json").read_text())["courses"]
    for lecture in course["lectures"]
    if lecture["video"]
]


def test_every_lecture_has_its_video_and_every_video_its_lecture() -> None:
    files = {path.relative_to(VIDEOS).as_posix() for path in VIDEOS.rglob("*.mp4")}
    assert {lecture["video"] for lecture in LECTURES} == files


@pytest.mark.parametrize("lecture", LECTURES, ids=lambda lecture: lecture["id"])
def test_a_sample_video_is_what_the_catalogue_says(lecture: dict[str, Any]) -> None:
    path, entry = VIDEOS / lecture["video"], LOCK[lecture["video"]]
    assert video.check(path) == "H.264 and AAC"
    assert (lecture["video_bytes"], lecture["video_sha256"]) == (path.stat().st_size, entry["sha256"])
    assert round(entry["seconds"]) == lecture["seconds"]
    assert (VIDEOS / lecture["poster"]).is_file()


def test_the_samples_are_small() -> None:
    sizes = [path.stat().st_size for path in VIDEOS.rglob("*") if path.is_file()]
    assert sum(sizes) < 3_000_000
    assert max(sizes) < 200_000
