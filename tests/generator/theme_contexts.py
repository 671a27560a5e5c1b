"""What the theme's tests print: for each template a full context, and how to leave out of it what a site may lack."""

import types
from typing import Any, get_type_hints

from generator.render.account import AccountPage
from generator.render.views import (
    AudioView,
    ChapterView,
    CountedLink,
    DateView,
    EpisodeCard,
    EpisodeListPage,
    EpisodePage,
    Frame,
    Head,
    HomePage,
    IndexPage,
    LinkView,
    NotFoundPage,
    ParagraphView,
    PersonPage,
    PersonRef,
    PictureView,
    PostCard,
    PostListPage,
    PostPage,
    SponsorView,
    TextPage,
    TopicPage,
    View,
)
from tests.generator.course_contexts import CARD as COURSE
from tests.generator.course_contexts import FULL_COURSES

URL = "https://signalpath.example"
LINK = LinkView(title="A link <there>", url="/there/")
DATE = DateView(iso="2026-01-05T06:00:00Z", text="5 January 2026")
PICTURE = PictureView(url="/media/picture.jpg", width=1400, height=1400)
PERSON, FACELESS = PersonRef(name="Ada", url="/people/ada/", photo=PICTURE), PersonRef(name="Grace", url="/people/g/")
POST = PostCard(title="A post", url="/posts/a/", date=DATE, summary="In short.")
CARD = EpisodeCard(
    number=42,
    label="Season 3, episode 42",
    title="Is 1 < 2 & 3?",
    url="/episodes/42/x/",
    date=DATE,
    summary="It is.",
    duration="1:02",
    duration_iso="PT1M2S",
)
AUDIO = AudioView(url="/media/x.mp3", type="audio/mpeg", size="1.0 MB")
CHAPTERS = tuple(
    ChapterView(at=at, clock="0:00", title=f"Chapter {at}", url="https://sqlite.org/", image="/media/c.jpg")
    for at in (10.0, 30.5, 90.0)
)
PARAGRAPHS = [
    ParagraphView(start=at, at=at, clock=f"0:{at:02}", speaker="Ada" if at else "", text=f"Words {at}.")
    for at in (0, 10, 12, 31)
]
HEAD = Head(
    title="A title",
    description="A description",
    canonical=f"{URL}/people/",
    image=f"{URL}/media/picture.jpg",
    published=DATE.iso,
    modified=DATE.iso,
    audio=f"{URL}/media/x.mp3",
    robots="noindex",
    breadcrumbs=(LinkView(title="Home", url="/"), LinkView(title="People", url="/people/")),
    older="/people/page/1/",
    newer="/people/page/3/",
)
FRAME = Frame(
    site_title="Signal Path",
    site_url=URL,
    language="en",
    description="A show",
    show_title="Signal Path",
    author="Ada Example",
    copyright="Signal Path Media",
    menu=(LinkView(title="People", url="/people/"), LinkView(title="Posts", url="/posts/")),
    listen=(LINK,),
    funding=LINK,
    feed_url="/feed.xml",
    posts_feed_url="/posts/feed.xml",
    courses_feed_url="/courses/feed.xml",
    artwork=PICTURE,
    stylesheet="/assets/site.12345678.css",
    scripts=("/assets/player.12345678.js",),
    page_scripts={"account": "/assets/account.12345678.js"},
)
EPISODE = EpisodePage(
    head=HEAD,
    card=CARD,
    audio=AUDIO,
    image=PICTURE,
    season=3,
    season_name="The small print",
    explicit=True,
    recorded=DATE,
    updated=DATE,
    video=LinkView(title="video.example", url="https://video.example/x"),
    chapters=CHAPTERS,
    chapters_url="/episodes/42/chapters.json",
    hosts=(PERSON,),
    guests=(FACELESS,),
    topics=(LINK,),
    sponsors=(SponsorView(name="Sponsor", url="/sponsor", text_html="<p>Thanks.</p>", photo=PICTURE, links=(LINK,)),),
    links=(LINK,),
    transcripts=(LINK,),
    previous=LINK,
    next=LINK,
    related=(CARD,),
    notes="digest",
    transcript="digest",
    resolved={},
)
LISTS: dict[str, Any] = {"older": "/older/", "newer": "/newer/", "head": HEAD}
FULL: dict[str, View] = {
    "home.html": HomePage(
        head=HEAD,
        show_description="What it is.",
        latest=CARD,
        latest_audio=AUDIO,
        trailer=CARD,
        recent=(CARD, CARD),
        hosts=(PERSON, FACELESS),
        topics=(LINK,),
        posts=(POST,),
        courses=(COURSE,),
    ),
    "episodes.html": EpisodeListPage(heading="Episodes", episodes=(CARD,), **LISTS),
    "episode.html": EPISODE,
    "topic.html": TopicPage(
        name="Clocks",
        photo=PICTURE,
        url="https://clocks.example/",
        links=(LINK,),
        text_html="<p>Time.</p>",
        episodes=(CARD,),
        posts=(POST,),
        courses=(COURSE,),
        **LISTS,
    ),
    "person.html": PersonPage(
        head=HEAD,
        name="Ada",
        role="Host",
        photo=PICTURE,
        url="https://ada.example/",
        links=(LINK,),
        text_html="<p>She.</p>",
        episodes=(CARD,),
        posts=(POST,),
        courses=(COURSE,),
    ),
    "index.html": IndexPage(
        head=HEAD,
        heading="People",
        entries=(CountedLink(title="Ada", url="/a/", note="Host", photo=PICTURE), CountedLink(title="Bo", url="/b/")),
    ),
    "posts.html": PostListPage(heading="Posts", posts=(POST,), **LISTS),
    "post.html": PostPage(
        head=HEAD,
        title="A post",
        date=DATE,
        updated=DATE,
        summary="In short.",
        authors=(PERSON,),
        topics=(LINK,),
        image=PICTURE,
        text_html="<p>Text.</p>",
        previous=LINK,
        next=LINK,
    ),
    "page.html": TextPage(head=HEAD, title="About", text_html="<p>Us.</p>", updated=DATE),
    "not_found.html": NotFoundPage(head=HEAD, recent=(CARD,)),
    "account.html": AccountPage(head=HEAD, name="overview", sells=True, title="Your account", lede="All of it."),
    **FULL_COURSES,
}
OPTIONAL_TEXT = frozenset(
    """chapters_url copyright courses_feed_url description newer older posts_feed_url repository role season_name
    summary text_html url""".split()  # noqa: SIM905
)


def bare(page: View) -> Any:
    """`page`, or the frame, with everything a site may lack left out."""
    return type(page)(**{name: least(page, name, hint) for name, hint in get_type_hints(type(page)).items()})


def least(page: View, name: str, hint: Any) -> Any:
    value = getattr(page, name)
    if name == "head":
        return Head(title="A title", description="", canonical="")
    if isinstance(value, tuple | bool | dict) or name in OPTIONAL_TEXT:
        return type(value)()
    return None if isinstance(hint, types.UnionType) else value
