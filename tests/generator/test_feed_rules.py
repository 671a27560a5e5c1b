"""Every rule of the feed's checker: a sound feed breaks none, and each fault is told alone."""

import re

import pytest

from generator.model import Config, Feed
from generator.render import feed_rules
from tests import factories
from tests.generator import feeds

HEAD_URL = "https://signalpath.example/feed.xml"
ARCHIVE = "/feed/archive-1.xml"
LONG = "x" * 256


def sound_feed() -> str:
    """A trailer and two episodes of a rich show, the newest first."""
    site = feeds.rich_site()
    return feeds.written(factories.site((*site.episodes, feeds.rich_episode(3)), config=site.config)).decode()


SOUND = sound_feed()


def faults(feed: str, *, url: str = HEAD_URL) -> list[str]:
    return [str(problem) for problem in feed_rules.check(feed.encode(), path="feed.xml", url=url)]


def without(pattern: str) -> tuple[str, str]:
    return rf"\s*{pattern}", ""


def test_a_sound_feed_has_no_faults() -> None:
    assert faults(SOUND) == []


def test_a_sound_archive_has_no_faults() -> None:
    archive = feeds.written(factories.site(factories.episodes(200)), "/feed/archive-2.xml").decode()
    assert faults(archive, url="https://signalpath.example/feed/archive-2.xml") == []


def test_a_preview_on_this_machine_needs_no_https() -> None:
    config = factories.config(url="http://localhost:8000")
    feed = feeds.written(factories.site([feeds.rich_episode()], config=config)).decode()
    assert faults(feed, url="http://localhost:8000/feed.xml") == []


CHANNEL_FAULTS = [
    (r"<title>Signal Path</title>", "<title/>", "title '' is empty"),
    (r"<title>Signal Path</title>", "<title>Signal Path </title>", "title begins or ends with a space"),
    (r"<title>Signal Path</title>", f"<title>{LONG}</title>", "title has 256 characters"),
    (r"<title>Signal Path</title>", "", "title is missing"),
    (r"<title>Signal Path</title>", "<title>a</title><title>b</title>", "title stands 2 times"),
    (r"<link>https", "<link>http", "is not an https address"),
    (r"How the systems that", "y" * 4001 + r" \g<0>", "is longer than 4000 bytes"),
    (r"How the systems that", r"<h1>Hi</h1> \g<0>", "has HTML that apps do not show"),
    (r"<language>en<", "<language>english<", "is not a language code of ISO 639"),
    (r"<language>en<", "<language>xx<", "is not a language code of ISO 639"),
    (r"<pubDate>Wed", "<pubDate>Thu", "is not a date of RFC 2822 on the right weekday"),
    (
        *without(r"<itunes:category text=\"Technology\"/>\s*<itunes:category.*?</itunes:category>"),
        "category is missing",
    ),
    (r"text=\"Technology\"", 'text="Tech"', "'Tech' is not a category of Apple's"),
    (r"text=\"Courses\"", 'text="Course"', "'Course' is not a subcategory of Education"),
    (*without(r"<itunes:explicit>false</itunes:explicit>"), "itunes:explicit is missing"),
    (r"<itunes:explicit>false", "<itunes:explicit>no", "itunes:explicit 'no' is neither 'true' nor 'false'"),
    (*without(r"<itunes:image href=\"[^\"]*artwork.jpg\"/>"), "itunes:image is missing"),
    (r"https(\S*artwork\.jpg)", r"http\1", "is not an https address"),
    (r"artwork\.jpg", "artwork.webp", "ends neither in .jpg nor in .png"),
    (*without(r"<itunes:author>.*?</itunes:author>"), "itunes:author is missing"),
    (r"<itunes:email>ada@", "<itunes:email>ada", "itunes:owner lacks a name or an e-mail address"),
    (r"<itunes:name>Ada Example", "<itunes:name>", "itunes:owner lacks a name or an e-mail address"),
    (r"<itunes:type>episodic", "<itunes:type>weekly", "itunes:type 'weekly' is no type"),
    (r"<itunes:complete>yes", "<itunes:complete>no", "itunes:complete 'no' is not 'yes'"),
    (r"<itunes:new-feed-url>https", "<itunes:new-feed-url>http", "itunes:new-feed-url"),
    (*without(r"<podcast:guid>.*?</podcast:guid>"), "podcast:guid is missing"),
    (r"<podcast:guid>9b024349", "<podcast:guid>9b02434", "podcast:guid"),
    (*without(r"<podcast:locked.*?</podcast:locked>"), "podcast:locked is missing"),
    (r">yes</podcast:locked>", ">true</podcast:locked>", "podcast:locked 'true' is neither 'yes' nor 'no'"),
    (r"locked owner=\"ada@", 'locked owner="ada', "podcast:locked owner"),
    (r"<podcast:medium>podcast", "<podcast:medium>radio", "podcast:medium 'radio' is no medium"),
    (r"<podcast:person [^>]*>Ada Example", f"<podcast:person>{LONG[:129]}", "longer than 128 characters"),
    (r"role=\"host\"", 'role="boss"', "podcast:person role 'boss' is no role of the cast"),
    (r"(role=\"host\" href=\")https", r"\1http", "podcast:person href"),
    (r">Support the show<", f">{LONG[:129]}<", "podcast:funding"),
    (r"(<podcast:funding url=\")https", r"\1http", "podcast:funding url"),
    (r">a-token<", f">{'z' * 4001}<", "podcast:txt"),
    (r"purpose=\"verify\"", f'purpose="{LONG[:129]}"', "podcast:txt purpose"),
    (r"(<podcast:trailer[^>]*>)[^<]*", r"\1", "podcast:trailer '' is empty"),
    (r"(<podcast:trailer url=\")https", r"\1http", "podcast:trailer url"),
    (r"pubdate=\"Mon", 'pubdate="Sun', "podcast:trailer pubdate"),
    (r">weekly<", "><", "podcast:updateFrequency '' is empty"),
    (r"rrule=\"FREQ=", 'rrule="', "podcast:updateFrequency rrule"),
    (r"dtstart=\"2026", 'dtstart="26', "podcast:updateFrequency dtstart"),
    (r"(<podcast:updateFrequency)", r'\1 complete="yes"', "podcast:updateFrequency complete"),
    (r"href=\"https://hub", 'href="http://hub', "atom:link href"),
    (*without(r"<atom:link [^>]*rel=\"self\"[^>]*>"), "atom:link rel=self stands 0 times"),
    (r"(rel=\"self\" type=\")application/rss\+xml", r"\1text/xml", "atom:link rel=self has another type"),
    (r"href=\"https://signalpath.example/feed.xml\"", 'href="https://signalpath.example/rss"', "rel=self is 'https"),
    (r"rel=\"hub\"", 'rel="next"', "rel=next and rel=prev-archive differ"),
    (r"(<atom:link rel=\"hub\")", r"<fh:archive/>\1", "an archive page does not name the current feed"),
    (r"xmlns:podcast=\"[^\"]*\"", 'xmlns:podcast="https://github.com/x"', "the namespace podcast is"),
]
ITEM_FAULTS = [
    (r"<title>How to listen, part 3</title>", "", "title is missing"),
    (r"<title>How to listen, part 3</title>", "<title/>", "title '' is empty"),
    (r"(<link>)https(://signalpath.example/episodes/3)", r"\1http\2", "link 'http"),
    (*without(r"<enclosure [^>]*part-3.mp3[^>]*>"), "enclosure is missing"),
    (r"https(\S*part-3\.mp3)", r"http\1", "enclosure url"),
    (r"part-3\.mp3", "part-3.ogg", "ends in no type that apps play"),
    (r"part-3\.mp3", "part-2.mp3", "stands twice"),
    (r"length=\"1000003\"", 'length="0"', "enclosure length '0' is no number of bytes"),
    (r"(length=\"1000003\" type=\")audio/mpeg", r"\1audio/mp3", "is not what its name says"),
    (*without(r"<guid isPermaLink=\"false\">guid-3</guid>"), "guid is missing"),
    (r"guid-3", "guid-2", "guid 'guid-2' stands twice"),
    (r"isPermaLink=\"false\"(>guid-3)", r'isPermaLink="true"\1', "guid isPermaLink 'true' is not 'false'"),
    (*without(r"<pubDate>Wed, 07 Jan 2026 06:00:00 \+0000</pubDate>(?=\s*<itunes)"), "pubDate is missing"),
    (r"<pubDate>Tue", "<pubDate>Mon", "on the right weekday"),
    (r"<pubDate>Tue, 06 Jan 2026", "<pubDate>2026-01-06", "pubDate '2026-01-06"),
    (r"<p>What part 3 says, in a sentence.</p>", "", "description begins or ends with a space"),
    (r"<p>What part 3", f"<p>{'z' * 4000}", "is longer than 4000 bytes"),
    (r"<p>What part 3", "<p><img/>", "has HTML that apps do not show"),
    (r"<p>00:00:00 Welcome</p>\n(?=.*part-3.mp3)", "", "the time stamps are fewer than three, unordered"),
    (r"<itunes:duration>600<", "<itunes:duration>10:00<", "itunes:duration '10:00' is no number of seconds"),
    (r"(<itunes:episodeType>full</itunes:episodeType>\s*<itunes:explicit>)false", r"\1clean", "explicit 'clean'"),
    (r"<itunes:episodeType>full", "<itunes:episodeType>extra", "itunes:episodeType 'extra' is no type"),
    (r"episode\.png", "episode.gif", "itunes:image href"),
    (r"<itunes:episode>3<", "<itunes:episode>3.5<", "itunes:episode '3.5' is no number above 0"),
    (r"<itunes:season>1<", "<itunes:season>0<", "itunes:season '0' is no number above 0"),
    (r"(<podcast:season[^>]*>)1<", r"\1one<", "podcast:season 'one' is no number above 0"),
    (r"name=\"Beginnings\"", f'name="{LONG[:129]}"', "podcast:season name"),
    (r"(<podcast:episode [^>]*>)3<", r"\1three<", "podcast:episode 'three' is no number"),
    (r"display=\"#3\"", f'display="{LONG[:33]}"', "podcast:episode display"),
    (r"(<podcast:transcript url=\")https", r"\1http", "podcast:transcript url"),
    (r"type=\"text/vtt\"", 'type="text/webvtt"', "podcast:transcript type 'text/webvtt'"),
    (r"(type=\"text/vtt\" language=\")en", r"\1english", "podcast:transcript language"),
    (r"(type=\"text/html\" language=\"en\")", r'\1 rel="captions"', "podcast:transcript rel=captions has no times"),
    (r"(<podcast:chapters url=\")https", r"\1http", "podcast:chapters url"),
    (r"application/json\+chapters", "application/json", "is not the chapters' type"),
    (r"psc:chapters version=\"1.2\"", 'psc:chapters version="2"', "psc:chapters version '2' is no known version"),
    (r"start=\"00:00:00.000\"", 'start="00:00:00.500"', "the first chapter does not start at 0"),
    (r"start=\"00:02:00.000\"", 'start="00:00:30.000"', "chapter 00:00:30.000 is not after the one before"),
    (r"start=\"00:02:00.000\"", 'start="2 minutes"', "psc:chapter start '2 minutes' is no time"),
    (r"title=\"Goodbye\"", 'title=""', "chapter 00:03:00.000 has no title"),
    (r"<p>All of notes-3", '<p><a href="/about/">', "the link '/about/' leads nowhere outside the site"),
    (r"(role=\"guest\" href=\")https", r"\1http", "podcast:person href"),
]


@pytest.mark.parametrize(("pattern", "replacement", "fault"), CHANNEL_FAULTS + ITEM_FAULTS)
def test_a_fault_is_told_alone(pattern: str, replacement: str, fault: str) -> None:
    broken, count = re.subn(pattern, replacement, SOUND, count=1, flags=re.S)
    told = faults(broken)
    assert count == 1
    assert len(told) == 1, told
    assert fault in told[0]


def test_a_problem_names_the_file_the_line_and_the_item() -> None:
    broken = SOUND.replace('length="1000003"', 'length="none"')
    line = broken[: broken.index('length="none"')].count("\n") + 1
    assert faults(broken)[0].startswith(f"feed.xml:{line}: item 'How to listen, part 3': enclosure length 'none'")


def test_what_is_not_xml_is_told_with_its_line() -> None:
    assert faults("<rss>\n<channel>\n</rss>")[0].startswith("feed.xml:3: the feed is not XML")


def test_what_is_not_rss_is_told() -> None:
    assert "the feed is not RSS 2.0" in faults('<feed xmlns="http://www.w3.org/2005/Atom"/>')[0]


def test_the_first_transcript_is_vtt() -> None:
    first, second = re.findall(r"<podcast:transcript [^>]*part-3\.(?:vtt|srt)[^>]*/>", SOUND)
    swapped = SOUND.replace(second, "").replace(first, second + first)
    assert ["the first podcast:transcript is not text/vtt" in fault for fault in faults(swapped)] == [True]


def test_a_serial_show_numbers_its_full_episodes() -> None:
    config = factories.config(show=factories.show(type="serial"))
    feed = feeds.written(factories.site((factories.episode(1, type="bonus"), factories.episode(2)), config=config))
    told = faults(re.sub(r"<itunes:episode>2</itunes:episode>", "", feed.decode()))
    assert ["a serial show needs itunes:episode" in fault for fault in told] == [True]


def advice(**changes: object) -> list[str]:
    feed = feeds.written(factories.site([factories.episode(**changes)]))
    return [str(problem) for problem in feed_rules.advise(feed, path="feed.xml")]


@pytest.mark.parametrize("title", ["#12 Logs", "12: Logs", "Episode 12: Logs", "S1E2 Logs", "Signal Path: Logs"])
def test_a_title_that_repeats_what_apps_show_is_advised_against(title: str) -> None:
    assert ["tells a number or the show" in line for line in advice(title=title)] == [True]


@pytest.mark.parametrize("title", ["Logs", "12 angry logs", "3.14159", "2001 and after", "Signal Paths"])
def test_other_titles_pass(title: str) -> None:
    assert advice(title=title) == []


@pytest.mark.parametrize("count", [2, 13])
def test_too_few_and_too_many_chapters_are_advised_against(count: int) -> None:
    chapters = factories.chapters(*(f"Chapter {number}" for number in range(count)))
    assert [f"has {count} chapters" in line for line in advice(chapters=chapters)] == [True]


def test_a_thousand_items_are_no_trouble() -> None:
    config: Config = factories.config(feed=Feed(items=1000))
    site = factories.site((feeds.rich_episode(number) for number in range(1, 1001)), config=config)
    assert faults(feeds.written(site).decode()) == []
