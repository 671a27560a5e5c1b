"""Our own episodes are read again when their file changes; without the file, or with a damaged one, nothing is refused."""

import json
from pathlib import Path
from typing import Any

from api.gateways.show import ShowFile

EPISODE: dict[str, Any] = {
    "number": 7,
    "guid": "g-7",
    "url": "https://ours.example/episodes/7/",
    "title": "Seven",
    "enclosure": "https://ours.example/media/0007-seven.0123abcd.mp3",
    "published": "2026-01-04T06:00:00Z",
}


def write(path: Path, *numbers: int) -> None:
    show = {
        "version": 1,
        "title": "Ours",
        "feeds": ["https://ours.example/feed.xml"],
        "episodes": [
            {
                **EPISODE,
                "number": number,
                "guid": f"g-{number}",
                "enclosure": EPISODE["enclosure"].replace("0007", f"{number:04}"),
            }
            for number in numbers
        ],
    }
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps(show))
    draft.replace(path)


def test_a_change_is_seen_and_damage_leaves_the_last_good_one(tmp_path: Path) -> None:
    path = tmp_path / "episodes.json"
    file = ShowFile(path)
    assert (file.current().episodes, file.problem) == ((), None)
    write(path, 7)
    assert file.current() is file.current()
    write(path, 7, 8)
    assert [episode.number for episode in file.current().episodes] == [7, 8]
    path.write_text("{")
    assert [episode.number for episode in file.current().episodes] == [7, 8]
    assert file.problem == "episodes.json: Input data was truncated"
    path.unlink()
    assert file.current().episode(8) is not None


def test_an_episode_is_found_by_guid_only_in_our_own_feed(tmp_path: Path) -> None:
    write(tmp_path / "episodes.json", 7)
    show = ShowFile(tmp_path / "episodes.json").current()
    assert show.is_feed("http://OURS.example/feed.xml ")
    assert not show.is_feed("https://other.example/feed.xml")
    elsewhere = "https://old.example/7.mp3"
    assert show.find(elsewhere, "g-7", of_ours=True) == show.episode(7)
    assert show.find(elsewhere, "g-7", of_ours=False) is None
    assert show.find("http://ours.example/media/0007-seven.ffffffff.mp3", "", of_ours=False) == show.episode(7)
