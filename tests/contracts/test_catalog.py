"""The catalog holds both sides: the generator writes from the sample content exactly what lies here, which the service reads."""

import datetime as dt
from pathlib import Path

import msgspec
import pytest

from api.gateways import catalog
from api.usecases import basket
from tests.command import ROOT, longwave
from tests.generator.project import write_project
from tests.generator.shows import write_bundle, write_course

GOLDEN = Path(__file__).parent / "catalog.json"
AT = "2026-11-26T00:00:00Z"
IDS = ["crs_first_week", "crs_first_thursday", "crs_fifty_hertz", "crs_read_the_water", "bdl_everything"]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("catalog") / "output"
    done = longwave("build", "--content", ROOT / "content", "--output", folder, "--at", AT)
    assert done.returncode == 0, done.stderr
    return (folder / "catalog.json").read_text()


def test_the_generator_writes_the_catalog_that_lies_here(written: str, bless: bool) -> None:
    if bless:
        GOLDEN.write_text(written)
    assert written.splitlines() == GOLDEN.read_text().splitlines()


def test_the_service_reads_it() -> None:
    """Every field of every product as the generator has it."""
    raw = GOLDEN.read_bytes()
    read = catalog.decoded(raw)
    assert [product.id for product in read.products] == IDS
    course = read.course("crs_first_thursday")
    assert course is not None
    assert (course.slug, course.prices, course.free, course.notify) == (
        "first-thursday",
        {"usd": 4900, "eur": 4500, "gbp": 3900},
        False,
        False,
    )
    assert [lecture.preview for lecture in course.lectures] == [True] * 2 + [False] * 8
    bundle = read.bundle("bdl_everything")
    assert bundle is not None
    assert (set(bundle.courses), bundle.include_future) == ({course.id for course in read.courses}, True)
    assert bundle.all_courses


@pytest.mark.parametrize(("written", "all_courses"), [("all", True), (["crs_tides"], False)])
@pytest.mark.parametrize("future", [True, False])
def test_both_sides_mean_the_same_by_a_bundles_future(
    tmp_path: Path, written: str | list[str], *, all_courses: bool, future: bool
) -> None:
    """What the editor writes, what the buyer reads on the page, and what the service promises."""
    project = write_project(tmp_path)
    write_course(project.content, "tides")
    write_bundle(project.content, "sea", courses=written, include_future=future)
    done = longwave("build", "--content", project.content, "--output", tmp_path / "output", "--at", AT)
    assert done.returncode == 0, done.stderr
    read = catalog.decoded((tmp_path / "output/catalog.json").read_bytes())
    (offer,) = basket.offers(read, ["bdl_sea"], currency=None, now=dt.datetime(2026, 11, 26, tzinfo=dt.UTC))[1]
    assert (offer.include_future, offer.all_courses) == (future, all_courses)
    page = (tmp_path / "output/bundles/sea/index.html").read_text()
    assert ("and every one that comes later" in page) is (future and all_courses)
    assert ("and what is added to it later" in page) is (future and not all_courses)


def test_the_service_keeps_no_field_that_nobody_writes(written: str) -> None:
    """What it would fill in by itself stands in the file: a field renamed on one side would be found missing here."""
    raw = msgspec.json.decode(written)
    read = msgspec.json.decode(msgspec.json.encode(catalog.decoded(written.encode())))
    assert read.keys() <= raw.keys()
    for kind in ("courses", "bundles"):
        for ours, theirs in zip(raw[kind], read[kind], strict=True):
            assert theirs.keys() <= ours.keys()
    assert [c["lectures"] for c in read["courses"]] == [c["lectures"] for c in raw["courses"]]
