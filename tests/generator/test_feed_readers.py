"""The feed as the libraries of its readers understand it."""

import io

import feedparser
import podcastparser
import pytest

from tests import factories
from tests.generator import feeds

URL = "https://signalpath.example/feed.xml"


@pytest.fixture(scope="module")
def by_podcastparser() -> dict[str, object]:
    return podcastparser.parse(URL, io.BytesIO(feeds.written(feeds.rich_site())))


def test_podcastparser_reads_the_show(by_podcastparser: dict[str, object]) -> None:
    keys = ("title", "link", "itunes_author", "cover_url", "funding_url", "language")
    assert [by_podcastparser.get(key) for key in keys] == [
        "Signal Path",
        "https://signalpath.example/",
        "Signal Path Radio",
        "https://signalpath.example/media/artwork.jpg",
        None,  # it knows the podcast namespace by an old name only
        "en",
    ]


def test_podcastparser_reads_the_episode(by_podcastparser: dict[str, list[dict[str, object]]]) -> None:
    episode = by_podcastparser["episodes"][0]
    keys = ("title", "guid", "link", "published", "total_time", "number", "season")
    assert [episode.get(key) for key in keys] == [
        "How to listen, part 2",
        "guid-2",
        "https://signalpath.example/episodes/2/part-2/",
        1767679200,
        600,
        2,
        1,
    ]


def test_podcastparser_reads_the_enclosure(by_podcastparser: dict[str, list[dict[str, object]]]) -> None:
    assert by_podcastparser["episodes"][0]["enclosures"] == [
        {"url": "https://signalpath.example/media/part-2.mp3", "file_size": 1000002, "mime_type": "audio/mpeg"}
    ]


def test_podcastparser_reads_the_chapters(by_podcastparser: dict[str, list[dict[str, object]]]) -> None:
    chapters = by_podcastparser["episodes"][0]["chapters"]
    assert [(chapter["start"], chapter["title"]) for chapter in chapters] == [  # type: ignore[attr-defined]
        (0, "Welcome"),
        (60, "What a log is"),
        (120, "Crash & recovery"),
        (180, "Goodbye"),
    ]


def test_podcastparser_finds_the_next_page() -> None:
    config = factories.config(feed=feeds.Feed(items=100))
    read = podcastparser.parse(URL, io.BytesIO(feeds.written(factories.site(factories.episodes(250), config=config))))
    assert read["paged_feed_next"] == "https://signalpath.example/feed/archive-2.xml"


def test_feedparser_finds_nothing_wrong() -> None:
    assert not feedparser.parse(feeds.written(feeds.rich_site())).bozo


def test_feedparser_reads_the_whole_notes() -> None:
    entry = feedparser.parse(feeds.written(feeds.rich_site())).entries[0]
    assert entry.content[0].value.startswith("<p>All of notes-2.</p>")


def test_feedparser_reads_names_with_signs_as_written() -> None:
    site = factories.site([factories.episode(title="R&D <live> “now”")])
    assert feedparser.parse(feeds.written(site)).entries[0].title == "R&D <live> “now”"
