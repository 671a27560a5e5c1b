"""The contexts of all that is about courses: cards, offers, outlines, and the pages of the catalogue, courses, lectures, bundles.

As in views.py: exactly what each template prints, every URL ready to print.
"""

from generator.render.views import CourseCard, DateView, Head, LinkView, PersonRef, PictureView, PriceView, View


class OfferView(View):
    """What can be had here, and how: the form of `product`; `free`, `announced` and `ended` each leave the price out.

    `until` is the last day of an offer; `instead` what the parts cost alone ('$78') or ''.
    """

    product: str
    noun: str
    prices: tuple[PriceView, ...]
    free: bool = False
    announced: bool = False
    ended: bool = False
    until: DateView | None = None
    instead: str = ""
    ask: str = ""
    """A mail to write, as a link: to be told when it opens, or for a team."""


class BundleCard(View):
    """`count` is '4 courses'; `price` as on a course's card."""

    title: str
    url: str
    summary: str
    image: PictureView | None
    count: str
    price: str
    instead: str


class LectureRow(View):
    """A lecture in an outline; `open` says that anybody may watch it. No duration of one to read."""

    id: str
    title: str
    url: str
    duration: str
    duration_iso: str
    open: bool


class ChapterOutline(View):
    title: str
    summary: str
    duration: str
    lectures: tuple[LectureRow, ...]


class SeatsView(View):
    """'From 5 seats' and '20 % off each'."""

    seats: str
    off: str


class ShelfView(View):
    """The courses on one topic; `anchor` is its place on the page, `url` the topic's page or ''."""

    title: str
    anchor: str
    url: str
    courses: tuple[CourseCard, ...]


class CataloguePage(View):
    head: Head
    heading: str
    lede: str
    bundles: tuple[BundleCard, ...]
    shelves: tuple[ShelfView, ...]
    feed_url: str


class CoursePage(View):
    """`first_open` is the first lecture that anybody may watch; `captions` are names of languages."""

    head: Head
    card: CourseCard
    authors: tuple[PersonRef, ...]
    topics: tuple[LinkView, ...]
    updated: DateView
    captions: tuple[str, ...]
    chapters: tuple[ChapterOutline, ...]
    open_count: int
    first_open: LinkView | None
    text_html: str
    trailer: LinkView | None
    repository: str
    seats: tuple[SeatsView, ...]
    bundles: tuple[BundleCard, ...]
    offer: OfferView


class CaptionsView(View):
    """What is said, in one language; `transcript` names the cues by digest."""

    code: str
    language: str
    url: str
    transcript: str


class DownloadView(View):
    name: str
    size: str


class LecturePage(View):
    """The template gets `spoken` beside this view: for each of the captions, its paragraphs."""

    head: Head
    title: str
    chapter: str
    course: CourseCard
    row: LectureRow
    offer: OfferView
    text_html: str
    downloads: tuple[DownloadView, ...]
    captions: tuple[CaptionsView, ...]
    chapters: tuple[ChapterOutline, ...]
    previous: LinkView | None
    next: LinkView | None


class BundlePage(View):
    head: Head
    card: BundleCard
    text_html: str
    courses: tuple[CourseCard, ...]
    later: str
    offer: OfferView
