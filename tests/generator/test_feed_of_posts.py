"""The posts' own feed."""

import datetime as dt

import feedparser

from generator.model import Post, Text
from generator.render import feed_xml, posts_feed
from tests import factories


def written(*posts: Post, resolved: dict[str, str] | None = None) -> feedparser.FeedParserDict:
    views = posts_feed.plan(factories.site(posts=posts), lambda post: resolved or {})
    return feedparser.parse(feed_xml.render_posts(views["/posts/feed.xml"]))


def test_a_post_is_there_whole() -> None:
    assert written(factories.post()).entries[0].content[0].value == "<p>The whole post.</p>"


def test_a_post_is_known_by_its_address() -> None:
    assert written(factories.post()).entries[0].id == "https://signalpath.example/posts/first-post/"


def test_a_post_names_its_authors() -> None:
    entry = written(factories.post(authors=("ada-example", "grace-example"))).entries[0]
    assert [author.name for author in entry.authors] == ["Ada Example", "Grace Example"]


def test_links_in_a_post_are_absolute() -> None:
    post = factories.post(text=Text(html='<a href="about.md">us</a>'))
    html = written(post, resolved={"about.md": "/about/"}).entries[0].content[0].value
    assert html == '<a href="https://signalpath.example/about/">us</a>'


def test_the_newest_fifty_posts_are_there_newest_first() -> None:
    days = [factories.FIRST_DAY + dt.timedelta(days=day) for day in range(51)]
    read = written(*(factories.post(f"post-{number}", date=day) for number, day in enumerate(days)))
    assert [read.entries[0].title, read.entries[-1].title, len(read.entries)] == ["Post 50", "Post 1", 50]


def test_a_site_without_posts_has_no_feed_of_them() -> None:
    assert posts_feed.plan(factories.site(), lambda post: {}) == {}
