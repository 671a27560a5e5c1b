"""What a feed says of its show."""

import pytest

from tests import factories
from tests.generator import feeds
from tests.generator.feeds import attributes, channel, links, texts


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("title", "Signal Path"),
        ("link", "https://signalpath.example/"),
        ("description", "How the systems that we rely on really work."),
        ("language", "en"),
        ("copyright", "Signal Path Radio"),
        ("pubDate", "Tue, 06 Jan 2026 06:00:00 +0000"),
        ("itunes:author", "Signal Path Radio"),
        ("itunes:owner/itunes:email", "ada@signalpath.example"),
        ("itunes:explicit", "false"),
        ("itunes:type", "episodic"),
        ("itunes:complete", "yes"),
        ("itunes:new-feed-url", "https://signalpath.example/feed.xml"),
        ("podcast:guid", "9b024349-ccf0-5f69-a609-6b82873eab3c"),
        ("podcast:locked", "yes"),
        ("podcast:medium", "podcast"),
        ("podcast:person", "Ada Example"),
        ("podcast:funding", "Support the show"),
        ("podcast:trailer", "How to listen, part 1"),
        ("podcast:txt", "a-token"),
        ("podcast:updateFrequency", "weekly"),
    ],
)
def test_the_show_stands_in_the_channel(name: str, text: str) -> None:
    assert texts(channel(feeds.rich_site()), name) == [text]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("itunes:image", {"href": "https://signalpath.example/media/artwork.jpg"}),
        ("podcast:locked", {"owner": "ada@signalpath.example"}),
        ("podcast:person", {"role": "host", "href": "https://signalpath.example/people/ada-example/"}),
        ("podcast:funding", {"url": "https://signalpath.example/support/"}),
        ("podcast:txt", {"purpose": "verify"}),
        ("podcast:updateFrequency", {"rrule": "FREQ=WEEKLY", "dtstart": "2026-01-05"}),
        (
            "podcast:trailer",
            {
                "url": "https://signalpath.example/media/part-1.mp3",
                "pubdate": "Mon, 05 Jan 2026 06:00:00 +0000",
                "length": "1000001",
                "type": "audio/mpeg",
            },
        ),
    ],
)
def test_the_shows_attributes_stand_in_the_channel(name: str, expected: dict[str, str]) -> None:
    assert attributes(channel(feeds.rich_site()), name) == [expected]


def test_categories_nest_their_subcategory() -> None:
    names = channel(feeds.rich_site()).xpath("itunes:category/descendant-or-self::*/@text", namespaces=feeds.NAMESPACES)
    assert names == ["Technology", "Education", "Courses"]


def test_the_feed_names_itself_and_its_hub() -> None:
    assert links(channel(feeds.rich_site())) == {
        "self": "https://signalpath.example/feed.xml",
        "hub": "https://hub.example/",
    }


def test_a_plain_show_has_no_empty_elements() -> None:
    names = ("funding", "trailer", "txt", "updateFrequency")
    plain = channel(factories.site([factories.episode()]))
    assert [name for name in names if texts(plain, f"podcast:{name}")] == []


def test_an_unpublished_trailer_is_not_told() -> None:
    config = factories.config(show=factories.show(trailer=9))
    assert texts(channel(factories.site([factories.episode()], config=config)), "podcast:trailer") == []


@pytest.mark.parametrize("written", ["© 2026 Ada Example", "Copyright (c) 2024-2026, Ada Example", "Ada Example"])
def test_the_copyright_is_the_holder_alone(written: str) -> None:
    config = factories.config(show=factories.show(copyright=written))
    assert texts(channel(factories.site(config=config)), "copyright") == ["Ada Example"]


def test_the_clock_does_not_show() -> None:
    assert b"lastBuildDate" not in feeds.written(feeds.rich_site())


def test_the_same_show_gives_the_same_bytes() -> None:
    assert feeds.written(feeds.rich_site()) == feeds.written(feeds.rich_site())


def test_a_browser_is_given_a_stylesheet() -> None:
    assert b'<?xml-stylesheet type="text/css" href="/feed.css"?>\n<rss ' in feeds.written(feeds.rich_site())
