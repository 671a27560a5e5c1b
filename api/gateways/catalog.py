"""What is on sale, read from the catalog.json that the generator writes, again whenever it changes. Knows no orders.

A damaged file never takes anything off sale: the last good one stays, and `problem` says what is wrong.
"""

import hashlib
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from api.errors import AppError, Code
from api.gateways.written_file import WrittenFile


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


class CatalogFile(WrittenFile[Catalog]):
    def __init__(self, path: Path) -> None:
        super().__init__(path, decoded, counted=_counted)

    def current(self) -> Catalog:
        """The last good one. Raises UNAVAILABLE while there was none."""
        good = self.last_good()
        if good is None:
            raise AppError(Code.UNAVAILABLE, "The catalogue cannot be read, so nothing can be sold for the moment.")
        return good


def _counted(catalog: Catalog) -> dict[str, int]:
    return {"courses": len(catalog.courses), "bundles": len(catalog.bundles)}


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
