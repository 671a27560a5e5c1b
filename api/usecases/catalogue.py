"""What there is to watch and hear, as an app lists it: public facts of courses, bundles and episodes under one version."""

import hashlib

from msgspec import Struct

from api.gateways import catalog as files
from api.gateways import show as shows
from api.gateways.catalog import Catalog
from api.gateways.show import Show

VERSION_CHARACTERS = 16


class LectureEntry(Struct, frozen=True, kw_only=True):
    """`preview`: open to everybody. `url` is its page."""

    id: str
    title: str
    url: str
    seconds: int
    preview: bool


class CourseEntry(Struct, frozen=True, kw_only=True):
    """`prices` in the smallest unit of each currency; a free course has none, nor has one that is only `announced`.

    `version` is another one when anything of the course is; then its manifest is worth a look.
    """

    id: str
    version: str
    title: str
    url: str
    prices: dict[str, int]
    free: bool
    announced: bool
    seconds: int
    lectures: list[LectureEntry]


class BundleEntry(Struct, frozen=True, kw_only=True):
    """`courses` are ids; `until`: on sale until then."""

    id: str
    title: str
    url: str
    courses: tuple[str, ...]
    prices: dict[str, int]
    until: str | None


class EpisodeEntry(Struct, frozen=True, kw_only=True):
    """`number` is what progress is reported by, `enclosure` its audio."""

    number: int
    guid: str
    title: str
    url: str
    enclosure: str
    seconds: int
    published: str


class Catalogue(Struct, frozen=True, kw_only=True):
    """`feed` is the show's feed, for what an episode is beyond its title. Episodes come as the feed has them."""

    version: str
    show: str
    feed: str
    courses: list[CourseEntry]
    bundles: list[BundleEntry]
    episodes: list[EpisodeEntry]


def version(catalog: Catalog, show: Show) -> str:
    """Another one when anything in the catalogue is."""
    return hashlib.sha256(f"{catalog.digest} {show.digest}".encode()).hexdigest()[:VERSION_CHARACTERS]


def of(catalog: Catalog, show: Show) -> Catalogue:
    return Catalogue(
        version=version(catalog, show),
        show=show.title,
        feed=show.feed,
        courses=[_course(course) for course in catalog.courses],
        bundles=[_bundle(bundle) for bundle in catalog.bundles],
        episodes=[_episode(episode) for episode in show.episodes],
    )


def course_address(course: files.Course) -> str:
    return f"/courses/{course.slug}/"


def lecture_address(course: files.Course, lecture: files.Lecture) -> str:
    return f"/courses/{course.slug}/{lecture.slug}/"


def _course(course: files.Course) -> CourseEntry:
    return CourseEntry(
        id=course.id,
        version=course.digest[:VERSION_CHARACTERS],
        title=course.title,
        url=course_address(course),
        prices=course.prices,
        free=course.free,
        announced=course.notify,
        seconds=course.seconds,
        lectures=[
            LectureEntry(
                id=lecture.id,
                title=lecture.title,
                url=lecture_address(course, lecture),
                seconds=lecture.seconds,
                preview=lecture.preview,
            )
            for lecture in course.lectures
        ],
    )


def _bundle(bundle: files.Bundle) -> BundleEntry:
    return BundleEntry(
        id=bundle.id,
        title=bundle.title,
        url=f"/bundles/{bundle.slug}/",
        courses=bundle.courses,
        prices=bundle.prices,
        until=bundle.until,
    )


def _episode(episode: shows.Episode) -> EpisodeEntry:
    return EpisodeEntry(
        number=episode.number,
        guid=episode.guid,
        title=episode.title,
        url=episode.url,
        enclosure=episode.enclosure,
        seconds=episode.seconds,
        published=episode.published,
    )
