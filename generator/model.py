"""The values everything else speaks of: a show, its episodes, its people. Valid once built; they know no files and no HTML pages.

Times are aware UTC; durations and offsets are seconds; sizes are bytes. `source` is the file's path inside the content folder.
"""

from datetime import datetime
from typing import dataclass_transform

from msgspec import Struct, field

STATUSES = ("published", "draft")


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(field,))
class Value(Struct, frozen=True, kw_only=True):
    """The common shape: immutable, built by name."""


class Link(Value):
    title: str
    url: str


class Picture(Value):
    """A picture of ours (`url` is a public path) or elsewhere (an https URL; then width and height are 0)."""

    url: str
    width: int = 0
    height: int = 0
    type: str = ""


class Owner(Value):
    name: str
    email: str


class Txt(Value):
    text: str
    purpose: str = ""


class UpdateFrequency(Value):
    text: str
    rrule: str = ""
    dtstart: str = ""
    complete: bool = False


class Show(Value):
    title: str
    description: str
    author: str
    owner: Owner
    categories: tuple[tuple[str, ...], ...]
    explicit: bool
    type: str
    artwork: Picture
    guid: str
    locked: bool = True
    copyright: str = ""
    funding: Link | None = None
    hosts: tuple[str, ...] = ()
    trailer: int | None = None
    listen: tuple[Link, ...] = ()
    medium: str = "podcast"
    txt: tuple[Txt, ...] = ()
    update_frequency: UpdateFrequency | None = None
    seasons: dict[int, str] = field(default_factory=dict)
    complete: bool = False
    new_feed_url: str = ""


class Feed(Value):
    items: int = 1000
    full_notes: int = 100
    hub: str = ""


class Store(Value):
    """`currency` is what a price is shown in first; `tax` is none, stripe_tax or managed."""

    currency: str = "usd"
    tax: str = "none"


class Config(Value):
    """All of content/site.toml. `url` has no trailing slash; `media_base_url` has one."""

    title: str
    url: str
    language: str
    description: str
    timezone: str
    aliases: tuple[str, ...]
    show: Show
    feed: Feed
    media_base_url: str
    store: Store = Store()


class Audio(Value):
    """An enclosure. `url` is absolute, or a public path when this server serves it."""

    url: str
    bytes: int
    seconds: float
    type: str


class Chapter(Value):
    at: float
    title: str
    url: str = ""
    image: str = ""


class Text(Value):
    """Markdown made into HTML. Local links still name what the editor wrote; `links` lists those with their lines."""

    html: str
    links: tuple[tuple[str, int], ...] = ()


class Episode(Value):
    """One episode without its bodies: `notes` is the digest of its notes' HTML, `transcript` of its transcript's file."""

    source: str
    number: int
    slug: str
    title: str
    date: datetime
    updated: datetime
    summary: str
    audio: Audio
    guid: str
    notes: str
    notes_links: tuple[tuple[str, int], ...] = ()
    recorded: datetime | None = None
    guests: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    season: int | None = None
    type: str = "full"
    explicit: bool = False
    image: Picture | None = None
    video: str = ""
    status: str = "published"
    members: bool = False
    chapters: tuple[Chapter, ...] = ()
    links: tuple[Link, ...] = ()
    sponsors: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    transcript: str = ""
    transcript_source: str = ""


class Person(Value):
    source: str
    id: str
    name: str
    text: Text
    photo: Picture | None = None
    url: str = ""
    links: tuple[Link, ...] = ()


class Topic(Value):
    source: str
    id: str
    name: str
    text: Text
    photo: Picture | None = None
    url: str = ""
    links: tuple[Link, ...] = ()


class Sponsor(Value):
    source: str
    id: str
    name: str
    text: Text
    url: str = ""
    photo: Picture | None = None
    links: tuple[Link, ...] = ()


class Post(Value):
    source: str
    slug: str
    title: str
    date: datetime
    updated: datetime
    summary: str
    text: Text
    authors: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    image: Picture | None = None
    status: str = "published"
    aliases: tuple[str, ...] = ()


class Page(Value):
    source: str
    slug: str
    title: str
    text: Text
    summary: str = ""
    updated: datetime | None = None
    status: str = "published"
    aliases: tuple[str, ...] = ()
    menu: int | None = None


class Seats(Value):
    """A team's price: with `first` seats or more, each costs so much less."""

    first: int
    percent_off: int


class Captions(Value):
    """What is said in a lecture, in one language; `digest` is that of the file it stands in."""

    language: str
    digest: str
    source: str


class Download(Value):
    """A file that goes with a lecture; `file` is its path inside the content folder, `sha256` '' of one that is not there."""

    file: str
    bytes: int
    sha256: str = ""


class Lecture(Value):
    """`video` is a path under the private media root, '' for one to read. Its course settles `course`, its slug, and `date`.

    What else there is about the video is what media.lock holds, if it does; `poster` is a path as `video` is.
    """

    source: str
    id: str
    slug: str
    title: str
    text: Text
    date: datetime
    video: str = ""
    seconds: float = 0
    video_type: str = ""
    video_bytes: int = 0
    video_sha256: str = ""
    poster: str = ""
    preview: bool = False
    downloads: tuple[Download, ...] = ()
    captions: tuple[Captions, ...] = ()
    course: str = ""
    status: str = "published"
    aliases: tuple[str, ...] = ()


class CourseChapter(Value):
    source: str
    title: str
    summary: str = ""
    lectures: tuple[Lecture, ...] = ()


class Course(Value):
    """`prices` by currency, in its smallest unit; `notify` says that it is announced and not yet on sale."""

    source: str
    id: str
    slug: str
    title: str
    date: datetime
    updated: datetime
    summary: str
    text: Text
    prices: dict[str, int] = field(default_factory=dict)
    free: bool = False
    authors: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    level: str = ""
    image: Picture | None = None
    repository: str = ""
    trailer: str = ""
    seats: tuple[Seats, ...] = ()
    notify: bool = False
    status: str = "published"
    aliases: tuple[str, ...] = ()
    chapters: tuple[CourseChapter, ...] = ()

    @property
    def lectures(self) -> tuple[Lecture, ...]:
        return tuple(lecture for chapter in self.chapters for lecture in chapter.lectures)


class Bundle(Value):
    """Several courses at one price. `courses` are ids; with `all` they are those that are public at the time.

    Its buyers keep what it held; with `include_future` they also get what is added to it later.
    """

    source: str
    id: str
    slug: str
    title: str
    text: Text
    date: datetime
    summary: str = ""
    courses: tuple[str, ...] = ()
    all: bool = False
    include_future: bool = False
    prices: dict[str, int] = field(default_factory=dict)
    until: datetime | None = None
    image: Picture | None = None
    status: str = "published"
    aliases: tuple[str, ...] = ()


class Redirect(Value):
    """An old or short address and where it leads. `to` is a local path or an https URL."""

    path: str
    to: str
    permanent: bool


class Site(Value):
    """All that is public at one moment: no drafts, nothing of the future. Episodes, posts, courses are sorted from the oldest."""

    config: Config
    episodes: tuple[Episode, ...]
    people: dict[str, Person]
    topics: dict[str, Topic]
    sponsors: dict[str, Sponsor]
    posts: tuple[Post, ...] = ()
    pages: tuple[Page, ...] = ()
    courses: tuple[Course, ...] = ()
    bundles: tuple[Bundle, ...] = ()
    new: tuple[str, ...] = ()
    """Ids of the courses that came out a short while before the moment."""
    ended: tuple[str, ...] = ()
    """Ids of the bundles whose offer has ended by the moment."""
    redirects: tuple[Redirect, ...] = ()
    files: dict[str, str] = field(default_factory=dict)
    """Public path of every local file that something here shows or plays, and its source."""
    resolved: dict[str, dict[str, str]] = field(default_factory=dict)
    """By source: each local link of its text as the editor wrote it, and its public address."""
