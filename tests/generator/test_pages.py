"""What the pages, their structured data and the files for machines say of a site, from values alone."""

import datetime as dt
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.model import Audio, Link, Picture, Redirect, Site, Sponsor, Text, Topic
from generator.render import frame, pages, site_files, sitemap, structured_data
from tests import factories

CLOCKS = Topic(
    source="topics/clocks.md",
    id="clocks",
    name="Clocks",
    text=Text(html="<p>Time.</p>"),
    photo=Picture(url="/media/clock.jpg", width=400, height=400),
    url="https://clocks.example/",
    links=(Link(title="More", url="https://more.example/"),),
)
LATER = factories.FIRST_DAY + dt.timedelta(days=500)


def show_of(count: int, *, posts: int = 0) -> Site:
    """`count` episodes, each about clocks, and `posts` posts."""
    episodes = [factories.episode(number, topics=("clocks",)) for number in range(1, count + 1)]
    written = tuple(factories.post(f"post-{k:03d}") for k in range(posts))
    return factories.site(episodes, posts=written, topics={"clocks": CLOCKS})


def planned(site: Site) -> dict[str, Any]:
    return {
        "/" + output.path.removesuffix("index.html"): output.context
        for part in pages.parts(site)
        for output in part.outputs()
    }


def numbered(site: Site) -> dict[str, Any]:
    return {path: page for path, page in planned(site).items() if "/page/" in path}


def page_of(**changes: Any) -> Any:
    episode = factories.episode(**changes)
    return planned(factories.site([episode]))["/episodes/1/part-1/"]


def data_of(page: Any) -> Any:
    surrounding = frame.of(factories.site(), stylesheet="/assets/site.css", scripts=(), page_scripts={})
    said = structured_data.of(page, surrounding)
    return json.loads(said)["@graph"][0] if said else None


def changes_of(site: Site) -> dict[str, str]:
    return {url.removeprefix(factories.URL): date[:10] for url, date in sitemap.part(site).outputs()[0].context.entries}


@given(st.integers(0, 130), st.integers(0, 130))
@settings(max_examples=25, deadline=None)
def test_a_new_episode_or_post_changes_no_numbered_page(episodes: int, posts: int) -> None:
    before, after = numbered(show_of(episodes, posts=posts)), numbered(show_of(episodes + 1, posts=posts + 1))
    assert before == {path: after[path] for path in before}


@given(st.integers(0, 130), st.integers(0, 130))
@settings(max_examples=25, deadline=None)
def test_every_page_that_a_list_links_to_answers(episodes: int, posts: int) -> None:
    site = show_of(episodes, posts=posts)
    answered = planned(site).keys() | {path for path, _, _ in site_files.plan_redirects(site).redirects}
    linked = {address for page in planned(site).values() for address in (page.head.older, page.head.newer) if address}
    assert linked <= answered


def test_a_page_that_is_not_there_yet_leads_to_the_newest_for_now() -> None:
    assert site_files.plan_redirects(show_of(60)).redirects == (
        ("/episodes/page/3/", "/episodes/", False),
        ("/topics/clocks/page/3/", "/topics/clocks/", False),
    )


def test_an_address_an_editor_sends_elsewhere_is_left_to_the_editor() -> None:
    old = Redirect(path="/episodes/page/3/", to="/", permanent=True)
    site = factories.site(factories.episodes(60), redirects=(old,))
    assert site_files.plan_redirects(site).redirects == (("/episodes/page/3/", "/", True),)


def test_only_the_first_page_of_a_topic_says_what_it_is() -> None:
    shown = planned(show_of(60))
    first, second = shown["/topics/clocks/"], shown["/topics/clocks/page/2/"]
    assert (first.photo.url, first.url, first.links[0].title) == ("/media/clock.jpg", CLOCKS.url, "More")
    assert (second.photo, second.url, second.links, second.text_html) == (None, "", (), "")


def test_the_page_for_lost_readers_has_no_address_of_its_own() -> None:
    head = planned(show_of(1))["/404.html"].head
    assert (head.canonical, head.breadcrumbs, head.robots) == ("", (), "noindex")


def test_a_show_without_courses_has_accounts_for_podcast_apps_and_nothing_of_a_shop() -> None:
    site = show_of(1)
    account = {path for path in planned(site) if path.startswith(("/account/", "/checkout/", "/certificates/"))}
    assert {"/account/", "/account/sign-in/", "/account/sync/", "/account/export/", "/account/delete/"} <= account
    assert not account & {
        "/account/library/",
        "/account/orders/",
        "/account/claim/",
        "/checkout/done/",
        "/certificates/",
    }
    assert not planned(site)["/account/"].sells
    assert "/account/" in [link.url for link in frame.menu(site)]


def test_an_episode_that_waits_for_its_audio_names_none() -> None:
    page = page_of(audio=Audio(url="", bytes=0, seconds=0, type=""))
    assert (page.audio, page.head.audio, page.card.duration) == (None, "", "")
    assert not {"associatedMedia", "duration"} & data_of(page).keys()


def test_an_episode_says_when_it_was_recorded() -> None:
    assert page_of(recorded=factories.FIRST_DAY).recorded.text == "5 January 2026"


def test_a_sponsor_brings_its_links() -> None:
    link = Link(title="Offer", url="https://tea.example/offer")
    tea = Sponsor(source="sponsors/tea.md", id="tea", name="Tea", text=Text(html=""), links=(link,))
    site = factories.site([factories.episode(sponsors=("tea",))], sponsors={"tea": tea})
    assert planned(site)["/episodes/1/part-1/"].sponsors[0].links[0].url == link.url


@pytest.mark.parametrize(("seasons", "named"), [({}, {}), ({2: "The sea"}, {"name": "The sea"})])
def test_a_season_is_told_by_its_number_and_its_name_if_it_has_one(seasons: Any, named: dict[str, str]) -> None:
    config = factories.config(show=factories.show(seasons=seasons))
    site = factories.site([factories.episode(season=2)], config=config)
    said = data_of(planned(site)["/episodes/1/part-1/"])["partOfSeason"]
    assert said == {"@type": "CreativeWorkSeason", "seasonNumber": 2, **named}


@pytest.mark.parametrize("path", ["/", "/posts/", "/people/ada-example/", "/topics/clocks/"])
def test_a_page_that_prints_a_post_changes_with_it(path: str) -> None:
    post = factories.post(updated=LATER, authors=("ada-example",), topics=("clocks",))
    site = factories.site([factories.episode(topics=("clocks",))], posts=(post,), topics={"clocks": CLOCKS})
    assert changes_of(site)[path] == f"{LATER:%Y-%m-%d}"


def test_posts_are_listed_for_language_models() -> None:
    text = site_files.llms(site_files.plan_llms(show_of(1, posts=1))).decode()
    assert f"## Posts\n\n- [Post 000]({factories.URL}/posts/post-000/): What the post says.\n" in text
