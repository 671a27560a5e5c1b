"""A person who opens a feed in a browser sees a page; nginx sends it as XML that its own style sheet shows."""

from collections.abc import Iterator

import pytest

from deploy.preview import Preview
from tests.browser.visits import Visit, Visitor
from tests.deploy.servers import Site, free_port, previewed_by_nginx
from tests.generator.project import write_project
from tests.generator.shows import write_post

FEEDS = {"/feed.xml": "Part 100", "/feed/archive-1.xml": "Part 1", "/posts/feed.xml": "Post news"}
EPISODES = 100  # they fill the first archive page
XML = ("<", "xmlns", "This XML file does not appear")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    project, port = write_project(tmp_path_factory.mktemp("feeds"), EPISODES), free_port()
    write_post(project.content, "news")
    url = f"http://127.0.0.1:{port}"
    project.build("--url", url)
    state = project.root / "state"
    with previewed_by_nginx(
        Preview(content=project.content, output=project.output, state=state, port=port, url=url)
    ) as nginx:
        yield nginx


@pytest.fixture(scope="module", params=FEEDS)
def feed(request: pytest.FixtureRequest, site: Site, visitor: Visitor) -> tuple[str, Visit]:
    return request.param, visitor.open(site.url + request.param)


def test_a_feed_shows_its_title_and_its_items(feed: tuple[str, Visit]) -> None:
    path, visit = feed
    lines = [line.strip() for line in visit.text.splitlines()]
    assert "Signal Path" in lines[0]
    assert FEEDS[path] in lines


def test_a_feed_shows_no_xml_and_nothing_that_is_for_apps_alone(feed: tuple[str, Visit]) -> None:
    _, visit = feed
    assert not [part for part in (*XML, "ada@signalpath.example", "audio/mpeg") if part in visit.text]


def test_a_feed_opens_without_a_fault(feed: tuple[str, Visit]) -> None:
    assert feed[1].faults == ()
