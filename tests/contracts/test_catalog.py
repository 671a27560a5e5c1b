"""The catalog holds both sides: the generator writes from the sample content exactly what lies here, which the service reads."""

from pathlib import Path

import msgspec
import pytest

from api.gateways import catalog
from tests.command import ROOT, longwave

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


def test_the_service_keeps_no_field_that_nobody_writes(written: str) -> None:
    """What it would fill in by itself stands in the file: a field renamed on one side would be found missing here."""
    raw = msgspec.json.decode(written)
    read = msgspec.json.decode(msgspec.json.encode(catalog.decoded(written.encode())))
    assert read.keys() <= raw.keys()
    for kind in ("courses", "bundles"):
        for ours, theirs in zip(raw[kind], read[kind], strict=True):
            assert theirs.keys() <= ours.keys()
    assert [c["lectures"] for c in read["courses"]] == [c["lectures"] for c in raw["courses"]]
