"""The contexts: exactly what each template prints, no more. A page is rendered anew when, and only when, its context has changed.

Every URL here is ready to print: public paths begin with '/', absolute ones with the site's origin.
`*_html` fields are safe to print raw.
"""

from typing import NamedTuple, dataclass_transform

from msgspec import Struct

from generator.model import Chapter, Link

THEME_COLOR = "#101828"


@dataclass_transform(frozen_default=True, kw_only_default=True)
class View(Struct, frozen=True, kw_only=True, array_like=True):
    """Immutable, built by name; encoded without names, as its encoding is only ever compared."""


class LinkView(View):
    title: str
    url: str


class DateView(View):
    """`iso` for <time datetime>, `text` for people (in the site's time zone)."""

    iso: str
    text: str


class PictureView(View):
    """`width` and `height` are 0 for a picture that is not ours."""

    url: str
    width: int = 0
    height: int = 0


class Frame(View):
    """What surrounds every page: the same value on all of them."""

    site_title: str
    site_url: str
    language: str
    description: str
    show_title: str
    author: str
    copyright: str
    menu: tuple[LinkView, ...]
    listen: tuple[LinkView, ...]
    funding: LinkView | None
    feed_url: str
    posts_feed_url: str
    courses_feed_url: str
    artwork: PictureView
    stylesheet: str
    scripts: tuple[str, ...]
    page_scripts: dict[str, str]
    """Scripts of single pages, by name; the others are on every page."""
    theme_color: str = THEME_COLOR


class Head(View):
    """<head>, and what structured data takes from it. A page that stands at no address of its own has no canonical one."""

    title: str
    description: str
    canonical: str
    og_type: str = "website"
    image: str = ""
    published: str = ""
    modified: str = ""
    audio: str = ""
    robots: str = ""
    breadcrumbs: tuple[LinkView, ...] = ()
    older: str = ""
    newer: str = ""


class PersonRef(View):
    name: str
    url: str
    photo: PictureView | None = None


class EpisodeCard(View):
    """An episode in a list. `label` is 'Season 3, episode 42', 'Trailer' or 'Bonus'; no duration without audio."""

    number: int
    label: str
    title: str
    url: str
    date: DateView
    summary: str
    duration: str
    duration_iso: str


class PostCard(View):
    title: str
    url: str
    date: DateView
    summary: str


class PriceView(View):
    """`text` for people ('$49'), `amount` for machines ('49.00'), `currency` in small letters."""

    currency: str
    text: str
    amount: str


class CourseCard(View):
    """A course in a list. `price` is '$49', 'Free' or '' of what is not on sale; `flags` are words such as 'New'."""

    title: str
    url: str
    summary: str
    image: PictureView | None
    level: str
    lectures: str
    duration: str
    duration_iso: str
    authors: tuple[str, ...]
    price: str
    flags: tuple[str, ...]


class ChapterView(View):
    """`at` in seconds, `clock` for people ('1:02:03')."""

    at: float
    clock: str
    title: str
    url: str = ""
    image: str = ""


class SponsorView(View):
    name: str
    url: str
    text_html: str
    photo: PictureView | None = None
    links: tuple[LinkView, ...] = ()


class ParagraphView(NamedTuple):
    """A stretch of one speaker's talk from `start` on, in seconds.

    Linked as '#t=AT', which the player understands: `at` is whole, about `start`, and no other paragraph's.
    """

    start: float
    at: int
    clock: str
    speaker: str
    text: str


class SectionView(View):
    """What is said from one chapter on; the first section has no chapter and often no words."""

    chapter: ChapterView | None
    paragraphs: tuple[ParagraphView, ...]


class AudioView(View):
    url: str
    type: str
    size: str


class EpisodePage(View):
    """`notes` and `transcript` name bodies by digest: the template gets `notes_html` and `paragraphs` beside this view.

    `audio` is None on a draft that waits for its recording; `video` is named by the site that shows it.

    Chapters and links are the model's own, as thousands of these are made for every build; the template gets `chapters`
    as ChapterViews.
    """

    head: Head
    card: EpisodeCard
    audio: AudioView | None
    image: PictureView
    season: int | None
    season_name: str
    explicit: bool
    recorded: DateView | None
    updated: DateView | None
    video: LinkView | None
    chapters: tuple[Chapter, ...]
    chapters_url: str
    hosts: tuple[PersonRef, ...]
    guests: tuple[PersonRef, ...]
    topics: tuple[LinkView, ...]
    sponsors: tuple[SponsorView, ...]
    links: tuple[Link, ...]
    transcripts: tuple[LinkView, ...]
    """Downloads of the transcript; the title is the format ('VTT')."""
    previous: LinkView | None
    next: LinkView | None
    related: tuple[EpisodeCard, ...]
    notes: str
    transcript: str
    resolved: dict[str, str]
    """Local links of the notes as the editor wrote them, and their public addresses."""


class HomePage(View):
    head: Head
    show_description: str
    latest: EpisodeCard | None
    latest_audio: AudioView | None
    trailer: EpisodeCard | None
    recent: tuple[EpisodeCard, ...]
    hosts: tuple[PersonRef, ...]
    topics: tuple[LinkView, ...]
    posts: tuple[PostCard, ...]
    courses: tuple[CourseCard, ...]


class EpisodeListPage(View):
    """/episodes/ and its older pages, newest first. `older` and `newer` are public paths or ''."""

    head: Head
    heading: str
    episodes: tuple[EpisodeCard, ...]
    older: str
    newer: str


class TopicPage(View):
    """/topics/ID/ and its older pages; only the first tells what the topic is and has its posts."""

    head: Head
    name: str
    photo: PictureView | None
    url: str
    links: tuple[LinkView, ...]
    text_html: str
    episodes: tuple[EpisodeCard, ...]
    posts: tuple[PostCard, ...]
    courses: tuple[CourseCard, ...]
    older: str
    newer: str


class CountedLink(View):
    """An entry of an index page; `note` is a short text such as '12 episodes' or ''."""

    title: str
    url: str
    note: str = ""
    photo: PictureView | None = None


class IndexPage(View):
    """/people/ and /topics/: a list of links. People may have photos."""

    head: Head
    heading: str
    entries: tuple[CountedLink, ...]


class PersonPage(View):
    head: Head
    name: str
    role: str
    photo: PictureView | None
    url: str
    links: tuple[LinkView, ...]
    text_html: str
    episodes: tuple[EpisodeCard, ...]
    posts: tuple[PostCard, ...]
    courses: tuple[CourseCard, ...]


class PostListPage(View):
    head: Head
    heading: str
    posts: tuple[PostCard, ...]
    older: str
    newer: str


class PostPage(View):
    head: Head
    title: str
    date: DateView
    updated: DateView | None
    summary: str
    authors: tuple[PersonRef, ...]
    topics: tuple[LinkView, ...]
    image: PictureView | None
    text_html: str
    previous: LinkView | None
    next: LinkView | None


class TextPage(View):
    """A page of its own (about, privacy)."""

    head: Head
    title: str
    text_html: str
    updated: DateView | None


class NotFoundPage(View):
    head: Head
    recent: tuple[EpisodeCard, ...]
