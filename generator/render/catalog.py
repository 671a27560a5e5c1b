"""Writes catalog.json: what is public about courses, bundles and prices, as the service reads it. Knows no page and no buyer.

The service keeps every product it ever saw, so an entry may go; an id is never given to another thing.
"""

import datetime as dt

import msgspec
from msgspec import Struct, field

from generator import urls
from generator.model import Bundle, Course, Download, Lecture, Site

VERSION = 1


class SeatsEntry(Struct, frozen=True):
    first: int = field(name="from")
    percent_off: int


class CaptionsEntry(Struct, frozen=True):
    language: str
    url: str


class DownloadEntry(Struct, frozen=True):
    """`file` is a path inside the content folder, which no page shows; `path` one below the published downloads."""

    name: str
    file: str
    bytes: int
    path: str
    sha256: str


class LectureEntry(Struct, frozen=True, kw_only=True):
    """`video` is a path under the private media root, '' for a lecture to read; `seconds` is then 0. So is `poster`.

    Type, bytes and hash of the video are media.lock's; '' and 0 where it does not have them.
    """

    id: str
    slug: str
    title: str
    seconds: int
    preview: bool
    video: str
    video_type: str
    video_bytes: int
    video_sha256: str
    poster: str
    captions: tuple[CaptionsEntry, ...]
    downloads: tuple[DownloadEntry, ...]


class ChapterEntry(Struct, frozen=True):
    """`lectures` are ids, in order."""

    title: str
    lectures: tuple[str, ...]


class CourseEntry(Struct, frozen=True, kw_only=True):
    """`prices` by currency, in its smallest unit; empty of what is free or announced."""

    id: str
    slug: str
    title: str
    summary: str
    prices: dict[str, int]
    free: bool
    notify: bool
    seats: tuple[SeatsEntry, ...]
    chapters: tuple[ChapterEntry, ...]
    lectures: tuple[LectureEntry, ...]


class BundleEntry(Struct, frozen=True, kw_only=True):
    """`courses` are those that are public now. With `include_future` its buyers also own what is added to them later, for
    ever; with `all_courses` that is every later course, and not only while the bundle is there.
    """

    id: str
    slug: str
    title: str
    courses: tuple[str, ...]
    all_courses: bool
    include_future: bool
    prices: dict[str, int]
    until: str | None


class CatalogView(Struct, frozen=True, kw_only=True):
    """The file as it is written; it is its own context."""

    version: int
    site: str
    currency: str
    tax: str
    courses: tuple[CourseEntry, ...]
    bundles: tuple[BundleEntry, ...]
    memberships: tuple[str, ...] = ()


def plan(site: Site) -> CatalogView:
    return CatalogView(
        version=VERSION,
        site=site.config.url,
        currency=site.config.store.currency,
        tax=site.config.store.tax,
        courses=tuple(map(_course, site.courses)),
        bundles=tuple(map(_bundle, site.bundles)),
    )


def render(view: CatalogView) -> bytes:
    return msgspec.json.format(msgspec.json.encode(view), indent=1) + b"\n"


def _course(course: Course) -> CourseEntry:
    return CourseEntry(
        id=course.id,
        slug=course.slug,
        title=course.title,
        summary=course.summary,
        prices=course.prices,
        free=course.free,
        notify=course.notify,
        seats=tuple(SeatsEntry(seats.first, seats.percent_off) for seats in course.seats),
        chapters=tuple(
            ChapterEntry(chapter.title, tuple(lecture.id for lecture in chapter.lectures))
            for chapter in course.chapters
        ),
        lectures=tuple(map(_lecture, course.lectures)),
    )


def _lecture(lecture: Lecture) -> LectureEntry:
    return LectureEntry(
        id=lecture.id,
        slug=lecture.slug,
        title=lecture.title,
        seconds=round(lecture.seconds),
        preview=lecture.preview,
        video=lecture.video,
        video_type=lecture.video_type,
        video_bytes=lecture.video_bytes,
        video_sha256=lecture.video_sha256,
        poster=lecture.poster,
        captions=tuple(
            CaptionsEntry(one.language, urls.captions(lecture.course, lecture.slug, one.language))
            for one in lecture.captions
        ),
        downloads=tuple(_download(lecture, one) for one in lecture.downloads),
    )


def _download(lecture: Lecture, one: Download) -> DownloadEntry:
    return DownloadEntry(
        name=one.file.rpartition("/")[2],
        file=one.file,
        bytes=one.bytes,
        path=urls.download(lecture.course, one.file, one.sha256),
        sha256=one.sha256,
    )


def _bundle(bundle: Bundle) -> BundleEntry:
    return BundleEntry(
        id=bundle.id,
        slug=bundle.slug,
        title=bundle.title,
        courses=bundle.courses,
        all_courses=bundle.all,
        include_future=bundle.include_future,
        prices=bundle.prices,
        until=_moment(bundle.until) if bundle.until else None,
    )


def _moment(date: dt.datetime) -> str:
    return f"{date:%Y-%m-%dT%H:%M:%S}.{date.microsecond // 1000:03d}Z"
