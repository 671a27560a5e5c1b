"""What is on sale, read from the catalog.json that the generator writes, again whenever it changes. Knows no orders.

A damaged file never takes anything off sale: the last good one stays, and `problem` says what is wrong.
"""

import hashlib
import os
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Literal

import msgspec
import structlog
from msgspec import Struct

from api.errors import AppError, Code

log = structlog.get_logger()
Stamp = tuple[int, int, int]


class Captions(Struct, frozen=True):
    language: str
    url: str


class Download(Struct, frozen=True):
    """`file` is where editors keep it; `path` is one below the published downloads, whose name changes with its bytes."""

    name: str
    file: str
    bytes: int
    path: str = ""
    sha256: str = ""


class Lecture(Struct, frozen=True, kw_only=True):
    """`video` is a path under the private media root, '' for a lecture to read; `poster` a picture beside it, '' for none.

    Size, type and hash of the video are those that media.lock holds: 0 and '' while it does not.
    """

    id: str
    slug: str
    title: str
    seconds: int = 0
    preview: bool = False
    video: str = ""
    video_type: str = ""
    video_bytes: int = 0
    video_sha256: str = ""
    poster: str = ""
    captions: tuple[Captions, ...] = ()
    downloads: tuple[Download, ...] = ()


class Seats(Struct, frozen=True, rename={"at_least": "from"}):
    """A team's price: from so many seats on, so much off."""

    at_least: int
    percent_off: int


class Chapter(Struct, frozen=True):
    """`lectures` are ids, in order."""

    title: str
    lectures: tuple[str, ...] = ()


class Course(Struct, frozen=True, kw_only=True, dict=True):
    """`prices`: currency -> cents; a free course has none, an announced one (`notify`) is not sold yet."""

    id: str
    slug: str
    title: str
    summary: str = ""
    prices: dict[str, int] = {}
    free: bool = False
    notify: bool = False
    seats: tuple[Seats, ...] = ()
    chapters: tuple[Chapter, ...] = ()
    lectures: tuple[Lecture, ...] = ()

    @cached_property
    def seconds(self) -> int:
        """How long all lectures take together."""
        return sum(lecture.seconds for lecture in self.lectures)

    @cached_property
    def digest(self) -> str:
        """Another one when anything of it is."""
        return hashlib.sha256(msgspec.json.encode(self)).hexdigest()


class Bundle(Struct, frozen=True, kw_only=True):
    """`courses` are ids. With `include_future` its buyers also own what is added to them later, for ever; with
    `all_courses` that is every later course, and not only while the bundle is there. `until`: on sale until then.
    """

    id: str
    slug: str
    title: str
    courses: tuple[str, ...]
    all_courses: bool = False
    include_future: bool = False
    prices: dict[str, int] = {}
    until: str | None = None


class Catalog(Struct, frozen=True, kw_only=True, dict=True):
    version: Literal[1]
    site: str = ""
    currency: str = "usd"
    tax: Literal["none", "stripe_tax", "managed"] = "none"
    courses: tuple[Course, ...] = ()
    bundles: tuple[Bundle, ...] = ()

    @cached_property
    def digest(self) -> str:
        """Another one when anything in it is."""
        return hashlib.sha256(msgspec.json.encode(self)).hexdigest()

    @property
    def products(self) -> tuple[Course | Bundle, ...]:
        return (*self.courses, *self.bundles)

    @cached_property
    def _by_id(self) -> dict[str, Course | Bundle]:
        return {product.id: product for product in self.products}

    @cached_property
    def _lectures(self) -> dict[str, tuple[Course, Lecture]]:
        return {lecture.id: (course, lecture) for course in self.courses for lecture in course.lectures}

    def lecture(self, id: str) -> tuple[Course, Lecture] | None:
        """With the course that it belongs to."""
        return self._lectures.get(id)

    def course(self, id: str) -> Course | None:
        found = self._by_id.get(id)
        return found if isinstance(found, Course) else None

    def bundle(self, id: str) -> Bundle | None:
        found = self._by_id.get(id)
        return found if isinstance(found, Bundle) else None

    def product(self, id: str) -> Course | Bundle | None:
        return self._by_id.get(id)


class CatalogFile:
    """The file and the last good catalogue read from it. `problem` is None while the file as it stands could be read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp: Stamp | None = None
        self._good: Catalog | None = None
        self.problem: str | None = f"{path.name} has not been read yet"

    def current(self) -> Catalog:
        """Asks for the file's time and size, and reads it when they changed. Raises UNAVAILABLE while there was no good one."""
        self._refresh()
        if self._good is None:
            raise AppError(Code.UNAVAILABLE, "The catalogue cannot be read, so nothing can be sold for the moment.")
        return self._good

    def current_or_none(self) -> Catalog | None:
        """For whoever can go on without."""
        self._refresh()
        return self._good

    def _refresh(self) -> None:
        try:
            stamp = self._stat()
            if stamp == self._stamp:
                return
            self._stamp = stamp
            self._good = decoded(self._path.read_bytes())
            self._say(None)
        except OSError as error:
            self._stamp = None
            self._say(f"{self._path.name} cannot be read: {error.strerror}")
        except ValueError as error:
            self._say(f"{self._path.name}: {error}")

    def _stat(self) -> Stamp:
        found = os.stat(self._path)  # noqa: PTH116 (asked at every request)
        return (found.st_mtime_ns, found.st_size, found.st_ino)

    def _say(self, problem: str | None) -> None:
        if problem and problem != self.problem:
            log.error("catalog_unreadable", problem=problem, last_good_kept=self._good is not None)
        elif problem is None and self._good:
            log.info("catalog_read", courses=len(self._good.courses), bundles=len(self._good.bundles))
        self.problem = problem


def decoded(raw: bytes) -> Catalog:
    """Raises ValueError with what is wrong, also for two products of one id and a bundle of courses that are not there."""
    try:
        catalog = msgspec.json.decode(raw, type=Catalog)
    except msgspec.DecodeError as error:
        raise ValueError(str(error)) from error
    _check(catalog)
    return catalog


def _check(catalog: Catalog) -> None:
    ids = [product.id for product in catalog.products]
    if twice := sorted({id for id in ids if ids.count(id) > 1}):
        raise ValueError(f"the id {twice[0]} stands for two products")
    for bundle in catalog.bundles:
        if strangers := sorted(set(bundle.courses) - {course.id for course in catalog.courses}):
            raise ValueError(f"the bundle {bundle.id} holds {strangers[0]}, which is no course")
    for product in catalog.products:
        _check_prices(product.id, product.prices)


def _check_prices(id: str, prices: Mapping[str, int]) -> None:
    for currency, cents in prices.items():
        if not (len(currency) == 3 and currency.isascii() and currency.islower()) or cents <= 0:
            raise ValueError(f"the price of {id} is {cents} {currency}, which is none")
