"""What a feed says of an episode."""

import pytest

from generator.model import Audio, Feed, Sponsor, Text
from generator.render import feed_xml
from generator.render.podcast_extension import NAMESPACES
from tests import factories
from tests.generator import feeds
from tests.generator.feeds import attributes, first_item, texts

EPISODE = "https://signalpath.example/episodes/2/part-2"
ENCODED = f"{{{NAMESPACES['content']}}}encoded"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("title", "How to listen, part 2"),
        ("link", f"{EPISODE}/"),
        ("guid", "guid-2"),
        ("pubDate", "Tue, 06 Jan 2026 06:00:00 +0000"),
        ("itunes:summary", "What part 2 says, in a sentence."),
        ("itunes:duration", "600"),
        ("itunes:episodeType", "full"),
        ("itunes:explicit", "false"),
        ("itunes:season", "1"),
        ("itunes:episode", "2"),
        ("podcast:season", "1"),
        ("podcast:episode", "2"),
    ],
)
def test_the_episode_stands_in_its_item(name: str, text: str) -> None:
    assert texts(first_item(feeds.rich_site()), name) == [text]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("guid", {"isPermaLink": "false"}),
        (
            "enclosure",
            {"url": "https://signalpath.example/media/part-2.mp3", "length": "1000002", "type": "audio/mpeg"},
        ),
        ("itunes:image", {"href": "https://signalpath.example/media/episode.png"}),
        ("podcast:season", {"name": "Beginnings"}),
        ("podcast:episode", {"display": "#2"}),
        (
            "podcast:chapters",
            {"url": "https://signalpath.example/episodes/2/chapters.json", "type": "application/json+chapters"},
        ),
    ],
)
def test_the_episodes_attributes_stand_in_its_item(name: str, expected: dict[str, str]) -> None:
    assert attributes(first_item(feeds.rich_site()), name) == [expected]


def test_transcripts_are_offered_with_the_best_first() -> None:
    offered = attributes(first_item(feeds.rich_site()), "podcast:transcript")
    assert [(transcript["url"], transcript["type"], transcript.get("rel")) for transcript in offered] == [
        (f"{EPISODE}.vtt", "text/vtt", "captions"),
        (f"{EPISODE}.srt", "application/x-subrip", "captions"),
        (f"{EPISODE}.json", "application/json", "captions"),
        (f"{EPISODE}/#site:transcript", "text/html", None),
    ]


def test_podlove_chapters_start_in_normal_play_time() -> None:
    starts = [chapter["start"] for chapter in attributes(first_item(feeds.rich_site()), "psc:chapters/psc:chapter")]
    assert starts == ["00:00:00.000", "00:01:00.000", "00:02:00.000", "00:03:00.000"]


def test_hosts_are_repeated_beside_guests() -> None:
    persons = attributes(first_item(feeds.rich_site()), "podcast:person")
    assert [(person["role"], person.get("img")) for person in persons] == [
        ("host", None),
        ("guest", "https://signalpath.example/media/grace.jpg"),
    ]


def test_without_guests_the_channels_persons_hold() -> None:
    assert attributes(first_item(factories.site([factories.episode()])), "podcast:person") == []


@pytest.mark.parametrize("type", ["trailer", "bonus"])
def test_only_full_episodes_tell_their_number(type: str) -> None:
    item = first_item(factories.site([factories.episode(7, type=type)]))
    assert texts(item, "itunes:episode") + texts(item, "podcast:episode") == []


def test_audio_elsewhere_keeps_its_address() -> None:
    audio = Audio(url="https://cdn.example/1.mp3", bytes=7, seconds=1.6, type="audio/mpeg")
    item = first_item(factories.site([factories.episode(audio=audio)]))
    assert attributes(item, "enclosure")[0]["url"] == "https://cdn.example/1.mp3"


def test_an_explicit_episode_says_true() -> None:
    assert texts(first_item(factories.site([factories.episode(explicit=True)])), "itunes:explicit") == ["true"]


def test_the_description_ends_with_time_stamps() -> None:
    description = first_item(feeds.rich_site()).findtext("description")
    assert description is not None
    assert description.splitlines()[:3] == [
        "<p>What part 2 says, in a sentence.</p>",
        "<p>00:00:00 Welcome</p>",
        "<p>00:01:00 What a log is</p>",
    ]


def test_time_stamps_that_would_make_the_description_too_long_are_left_to_the_notes() -> None:
    chapters = factories.chapters(*("A rather long title of a chapter " * 3 for _ in range(60)))
    item = first_item(factories.site([factories.episode(chapters=chapters)]))
    assert item.findtext("description") == "<p>What part 1 says, in a sentence.</p>"


def test_fewer_than_three_chapters_give_no_time_stamps() -> None:
    item = first_item(factories.site([factories.episode(chapters=factories.chapters("One", "Two"))]))
    assert "00:00:00" not in (item.findtext("description") or "")


def test_whole_notes_carry_notes_links_and_time_stamps() -> None:
    notes = first_item(feeds.rich_site(), notes={"notes-1": "", "notes-2": "<p>Hello</p>"}).findtext(ENCODED)
    assert notes == (
        "<p>Hello</p>\n"
        '<ul><li><a href="https://e.example/?a=1&amp;b=2">Logs &amp; more</a></li></ul>\n'
        "<p>00:00:00 Welcome<br>\n00:01:00 What a log is<br>\n00:02:00 Crash &amp; recovery<br>\n00:03:00 Goodbye</p>"
    )


def test_sponsors_are_named_in_whole_notes_with_their_address() -> None:
    sponsor = Sponsor(
        source="sponsors/tea.md", id="tea", name="Tea & Co", text=Text(html=""), url="https://tea.example/"
    )
    site = factories.site([factories.episode(sponsors=("tea",))], sponsors={"tea": sponsor})
    assert first_item(site, notes={"notes-1": ""}).findtext(ENCODED) == (
        '<p>Sponsor: <a href="https://tea.example/">Tea &amp; Co</a></p>'
    )


def test_an_episode_that_waits_for_its_audio_is_in_no_feed() -> None:
    waiting = factories.episode(2, audio=Audio(url="", bytes=0, seconds=0, type=""))
    site = factories.site([factories.episode(1), waiting], config=factories.config(show=factories.show(trailer=2)))
    assert texts(feeds.channel(site), "item/guid") == ["guid-1"]
    assert attributes(feeds.channel(site), "podcast:trailer") == []


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ('<a href="0001-x.md">', '<a href="https://signalpath.example/episodes/1/x/">'),
        ('<img src="/media/plan.png">', '<img src="https://signalpath.example/media/plan.png">'),
        ('<a href="#fn:1">', '<a href="https://signalpath.example/episodes/1/part-1/#fn:1">'),
        ("a ]]> b", "a ]]> b"),
        ("form\x0cfeed", "formfeed"),
    ],
)
def test_notes_can_be_read_outside_the_site(written: str, read: str) -> None:
    episode = factories.episode()
    site = factories.site([episode], resolved={episode.source: {"0001-x.md": "/episodes/1/x/"}})
    bytes = feed_xml.render(feeds.views(site)["/feed.xml"], {"notes-1": written})
    assert feeds.etree.fromstring(bytes).findtext(f"channel/item/{ENCODED}") == read


def test_older_items_carry_their_summary_alone() -> None:
    config = factories.config(feed=Feed(full_notes=1))
    items = feeds.channel(factories.site(factories.episodes(3), config=config)).findall("item")
    assert [item.find(ENCODED) is not None for item in items] == [True, False, False]


def test_the_view_of_an_older_item_does_not_change_with_its_notes() -> None:
    config = factories.config(feed=Feed(full_notes=0))
    one, other = (factories.episode(notes=notes) for notes in ("one", "other"))
    before = factories.site([one], config=config)
    after = factories.site([other], config=config, resolved={other.source: {"a.md": "/a/"}})
    assert feeds.views(before) == feeds.views(after)
