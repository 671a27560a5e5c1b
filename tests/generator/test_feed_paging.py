"""How a long show is cut into a feed and its archive pages."""

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from generator.model import Feed, Site
from generator.render import feed_xml
from tests import factories
from tests.generator import feeds
from tests.generator.feeds import channel, links, texts

ARCHIVE = "https://signalpath.example/feed/archive-"


def show_of(count: int, *, items: int = 100) -> Site:
    return factories.site(factories.episodes(count), config=factories.config(feed=Feed(items=items)))


def guids(document: etree._Element) -> list[str | None]:
    return texts(document, "item/guid")


@pytest.mark.parametrize(
    ("count", "items", "in_head", "archives"),
    [(0, 100, 0, 0), (99, 100, 99, 0), (100, 100, 100, 1), (250, 100, 100, 2), (250, 30, 50, 2), (199, 30, 99, 1)],
)
def test_the_head_holds_the_newest_and_what_no_full_archive_holds(
    count: int, items: int, in_head: int, archives: int
) -> None:
    views = feeds.views(show_of(count, items=items))
    assert (len(views["/feed.xml"].items), len(views) - 1) == (in_head, archives)


@pytest.mark.parametrize(("count", "items", "older"), [(250, 100, 2), (200, 100, 1), (250, 30, 2), (301, 150, 2)])
def test_the_head_continues_in_the_archive_of_the_newest_episode_it_lacks(count: int, items: int, older: int) -> None:
    head = links(channel(show_of(count, items=items)))
    assert (head["next"], head["prev-archive"]) == (f"{ARCHIVE}{older}.xml", f"{ARCHIVE}{older}.xml")


def test_a_head_that_holds_everything_continues_nowhere() -> None:
    assert set(links(channel(show_of(250, items=1000)))) == {"self"}


def test_an_archive_links_the_current_feed_and_the_archive_before() -> None:
    assert links(channel(show_of(250), "/feed/archive-2.xml")) == {
        "self": f"{ARCHIVE}2.xml",
        "current": "https://signalpath.example/feed.xml",
        "next": f"{ARCHIVE}1.xml",
        "prev-archive": f"{ARCHIVE}1.xml",
    }


def test_the_oldest_archive_links_no_other() -> None:
    assert set(links(channel(show_of(250), "/feed/archive-1.xml"))) == {"self", "current"}


def test_only_archives_are_marked_as_such() -> None:
    documents = [channel(show_of(250), path) for path in ("/feed.xml", "/feed/archive-1.xml")]
    assert [len(feeds.attributes(document, "fh:archive")) for document in documents] == [0, 1]


def test_items_stand_newest_first() -> None:
    documents = [channel(show_of(250), path) for path in ("/feed.xml", "/feed/archive-1.xml")]
    assert [guids(document)[0] for document in documents] == ["guid-250", "guid-100"]


def test_archives_carry_whole_notes() -> None:
    config = factories.config(feed=Feed(items=1, full_notes=0))
    site = factories.site(factories.episodes(100), config=config)
    assert len(texts(channel(site, "/feed/archive-1.xml"), "item/content:encoded")) == 100


def test_what_changes_in_the_head_alone_leaves_the_archives_be() -> None:
    plain, rich = (
        factories.site(factories.episodes(100), config=factories.config(show=show, feed=Feed(items=10, hub=hub)))
        for show, hub in ((factories.show(), ""), (feeds.rich_show(seasons={}), "https://hub.example/"))
    )
    assert feeds.written(plain, "/feed/archive-1.xml") == feeds.written(rich, "/feed/archive-1.xml")


shows = st.builds(show_of, st.integers(min_value=0, max_value=420), items=st.integers(min_value=1, max_value=350))


@given(shows)
@settings(max_examples=25, deadline=None)
def test_walking_the_pages_finds_every_episode(site: Site) -> None:
    views = {view.url: view for view in feeds.views(site).values()}
    found, address = set(), "https://signalpath.example/feed.xml"
    while address:
        found.update(item.guid for item in views[address].items)
        address = views[address].older
    assert found == {episode.guid for episode in site.episodes}


@given(shows)
@settings(max_examples=5, deadline=None)
def test_a_new_episode_changes_no_archive(site: Site) -> None:
    newest = factories.episode(1000, date=factories.FIRST_DAY + dt.timedelta(days=999))
    grown = factories.site((*site.episodes, newest), config=site.config)
    before, after = (feeds.views(show) for show in (site, grown))
    archives = [path for path in before if path != "/feed.xml"]
    assert [feed_xml.render(before[path], feeds.Notes()) for path in archives] == [
        feed_xml.render(after[path], feeds.Notes()) for path in archives
    ]
