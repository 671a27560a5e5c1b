"""The feed as its listeners' programs read it: three parsers, and a real gPodder against a real nginx."""

import json
import os
import re
import subprocess
from io import BytesIO
from pathlib import Path
from typing import Any

import feedparser
import podcastparser
import pytest
from msgspec import Struct

from tests.command import ROOT
from tests.deploy.servers import free_port, nginx_site
from tests.generator.project import Project, write_project
from tests.generator.shows import transcript, write_episode, write_person, write_silence

EPISODES = 250
PAGES = ("feed.xml", "feed/archive-2.xml", "feed/archive-1.xml")
SECONDS_MAX = 60


class Visit(Struct, frozen=True):
    """What gPodder printed and downloaded, and what nginx logged of its asking for /feed.xml, the first time first."""

    listed: str
    asked: list[dict[str, Any]]
    downloads: list[Path]


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """250 episodes, a hundred of them in /feed.xml; the newest has everything, and its audio on this server."""
    project = write_project(tmp_path_factory.mktemp("archive"), EPISODES, feed={"items": 100, "full_notes": 10})
    audio = write_silence(project.content / f"media/{EPISODES:04d}-newest.mp3", seconds=20)
    assert project.run("media", "add", audio).returncode == 0
    write_person(project.content, "grace-example")
    whole: dict[str, Any] = {
        "audio": audio.name,
        "guests": ["grace-example"],
        "season": 2,
        "chapters": ["00:00 Start", "00:05 Middle", "00:10 End"],
        "notes": "Notes with **weight**.",
        "transcript": transcript(),
    }
    write_episode(project.content, EPISODES, **whole)
    project.build()
    return project


@pytest.fixture(scope="module")
def pages(archive: Project) -> dict[str, bytes]:
    return {name: (archive.output / name).read_bytes() for name in PAGES}


def test_podcastparser_reads_every_page_and_finds_each_next(pages: dict[str, bytes]) -> None:
    titles, name = [], "feed.xml"
    while name:
        feed = podcastparser.parse(f"https://signalpath.example/{name}", BytesIO(pages[name]))
        titles += [episode["title"] for episode in feed["episodes"]]
        name = feed.get("paged_feed_next", "").removeprefix("https://signalpath.example/")
    assert set(titles) == {f"Part {number}" for number in range(1, EPISODES + 1)}


def test_podcastparser_reads_chapters_notes_and_length(pages: dict[str, bytes]) -> None:
    newest = podcastparser.parse("https://signalpath.example/feed.xml", BytesIO(pages["feed.xml"]))["episodes"][0]
    assert [(chapter["start"], chapter["title"]) for chapter in newest["chapters"]] == [
        (0, "Start"),
        (5, "Middle"),
        (10, "End"),
    ]
    assert newest["total_time"] == 20
    assert "<strong>weight</strong>" in newest["description_html"]


@pytest.mark.parametrize("name", PAGES)
def test_feedparser_finds_no_fault_in_a_page(pages: dict[str, bytes], name: str) -> None:
    feed = feedparser.parse(pages[name])
    assert not feed.bozo
    assert len(feed.entries) == 100
    assert len({entry.id for entry in feed.entries}) == 100
    assert all(entry.published_parsed and entry.enclosures for entry in feed.entries)


@pytest.mark.parametrize("name", PAGES)
def test_feedsmith_reads_a_page(node_modules: Path, pages: dict[str, bytes], name: str) -> None:
    feed = feedsmith(pages[name])
    assert feed["podcast"]["guid"]
    assert feed["itunes"]["explicit"] is False
    assert [item["enclosures"][0]["type"] for item in feed["items"]] == ["audio/mpeg"] * 100


def test_feedsmith_understands_all_that_an_episode_says(node_modules: Path, pages: dict[str, bytes]) -> None:
    newest = feedsmith(pages["feed.xml"])["items"][0]
    assert [transcript["type"] for transcript in newest["podcast"]["transcripts"]][:2] == [
        "text/vtt",
        "application/x-subrip",
    ]
    assert newest["podcast"]["chapters"]["type"] == "application/json+chapters"
    assert [person["display"] for person in newest["podcast"]["persons"]] == ["Ada Example", "Grace Example"]
    told = [newest["itunes"][name] for name in ("episode", "season", "episodeType")]
    assert told == [EPISODES, 2, "full"]
    assert len(newest["psc"]["chapters"]) == 3


@pytest.fixture(scope="module")
def visit(archive: Project, tmp_path_factory: pytest.TempPathFactory) -> Visit:
    """gPodder subscribes, looks again, lists and downloads one episode; nginx serves the published show meanwhile."""
    home, port = tmp_path_factory.mktemp("gpodder"), free_port()
    archive.publish("--url", f"http://127.0.0.1:{port}")
    feed = f"http://127.0.0.1:{port}/feed.xml"
    with nginx_site(archive.current.parent, state=home / "nginx", port=port) as site:
        gpo(home, "set", "limit.episodes", "1000")
        gpo(home, "subscribe", feed, "Archive")
        gpo(home, "update")
        listed = gpo(home, "episodes", "--guid")
        newest = re.search(rf"(\S+) +\* +Part {EPISODES}\b", listed)
        assert newest, listed
        gpo(home, "download", feed, newest[1])
        asked = [request for request in site.requests("/feed.xml") if "gPodder" in request["agent"]]
    return Visit(listed, asked, list((home / "downloads").rglob("*.mp3")))


def test_gpodder_lists_every_episode_through_the_archive_pages(visit: Visit) -> None:
    listed = set(re.findall(r"Part (\d+)$", visit.listed, re.M))
    assert listed == {str(number) for number in range(1, EPISODES + 1)}


def test_gpodder_is_answered_304_at_its_second_update(visit: Visit) -> None:
    assert [request["status"] for request in visit.asked] == [200, 304]


def test_gpodder_downloads_an_episode_whole(archive: Project, visit: Visit) -> None:
    (original,) = (archive.content / "media").glob("*.mp3")
    assert [path.read_bytes() for path in visit.downloads] == [original.read_bytes()]


def gpo(home: Path, *args: str) -> str:
    """The output of gPodder's command line, with a home of its own."""
    env = {**os.environ, "GPODDER_HOME": str(home / "gpodder"), "GPODDER_DOWNLOAD_DIR": str(home / "downloads")}
    done = subprocess.run(["gpo", *args], env=env, capture_output=True, text=True, check=True, timeout=SECONDS_MAX)
    return done.stdout


def feedsmith(feed: bytes) -> Any:
    program = ROOT / "tests/feedsmith.mjs"
    return json.loads(
        subprocess.run(["node", program], input=feed, capture_output=True, check=True, timeout=SECONDS_MAX).stdout
    )
