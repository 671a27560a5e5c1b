"""The catalogue is read again when it changes, survives damage, and no product is ever forgotten."""

import json
import time
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.errors import AppError, Code
from api.gateways.catalog import CatalogFile
from api.settings import Settings
from api.store import products
from api.store.database import Database
from api.usecases.products import keep_all
from tests.api.conftest import FakeClock

COURSE = {"id": "crs_one", "slug": "one", "title": "One", "prices": {"usd": 4900}}


def write(path: Path, **fields: object) -> None:
    """Replaces the file, as the generator does."""
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps({"version": 1, "site": "https://one.example", **fields}))
    draft.replace(path)


@pytest.fixture
def path(settings: Settings) -> Path:
    return settings.catalog


def test_a_change_of_the_file_is_seen_at_once(path: Path) -> None:
    write(path, courses=[COURSE])
    catalog = CatalogFile(path)
    assert [course.title for course in catalog.current().courses] == ["One"]
    write(path, courses=[{**COURSE, "title": "Two"}])
    assert [course.title for course in catalog.current().courses] == ["Two"]


def test_an_unchanged_file_is_not_read_again(path: Path) -> None:
    write(path, courses=[COURSE])
    catalog = CatalogFile(path)
    assert catalog.current() is catalog.current()


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ('{"version": 1, "courses"', "truncated"),
        ('{"version": 2}', "Invalid enum value 2"),
        (json.dumps({"version": 1, "courses": [COURSE, COURSE]}), "the id crs_one stands for two products"),
        (json.dumps({"version": 1, "courses": [{**COURSE, "prices": {"usd": 0}}]}), "the price of crs_one is 0 usd"),
        (
            json.dumps({"version": 1, "bundles": [{"id": "b", "slug": "b", "title": "B", "courses": ["crs_x"]}]}),
            "the bundle b holds crs_x, which is no course",
        ),
    ],
)
def test_a_damaged_catalogue_leaves_the_last_good_one_on_sale(path: Path, damage: str, said: str) -> None:
    write(path, courses=[COURSE])
    catalog = CatalogFile(path)
    catalog.current()
    path.write_text(damage)
    assert [course.id for course in catalog.current().courses] == ["crs_one"]
    assert said in str(catalog.problem)
    write(path, courses=[])
    assert catalog.current().courses == ()
    assert catalog.problem is None


def test_a_catalogue_that_vanished_leaves_the_last_good_one_on_sale(path: Path) -> None:
    write(path, courses=[COURSE])
    catalog = CatalogFile(path)
    catalog.current()
    path.unlink()
    assert catalog.current().courses[0].id == "crs_one"
    assert catalog.problem == "catalog.json cannot be read: No such file or directory"


def test_without_any_good_catalogue_nothing_can_be_sold(path: Path) -> None:
    with pytest.raises(AppError) as refused:
        CatalogFile(path).current()
    assert refused.value.code is Code.UNAVAILABLE


def test_a_file_that_comes_back_as_it_was_is_well_again(path: Path) -> None:
    write(path)
    catalog = CatalogFile(path)
    catalog.current()
    away = path.rename(path.with_suffix(".away"))
    catalog.current()
    away.rename(path)
    catalog.current()
    assert catalog.problem is None


def test_a_product_that_left_the_catalogue_is_still_known(path: Path, database: Database, clock: FakeClock) -> None:
    write(path, courses=[COURSE])
    catalog = CatalogFile(path)
    with database.transaction() as db:
        keep_all(db, catalog.current(), now=clock())
    clock.advance(days=1)
    write(path, courses=[{**COURSE, "id": "crs_two", "title": "Two"}])
    with database.transaction() as db:
        keep_all(db, catalog.current(), now=clock())
    gone = products.find(database.reader, "crs_one")
    assert gone is not None
    assert (gone.title, gone.data["prices"], gone.last_seen[:10]) == ("One", {"usd": 4900}, "2026-01-05")


def test_a_running_service_keeps_the_products_of_every_new_catalogue(
    path: Path, settings: Settings, clock: FakeClock
) -> None:
    write(path, courses=[COURSE])
    app = create_app(settings, clock=clock)
    with TestClient(app):
        wait_for_product(app.state.service.database, "crs_one")
        write(path, courses=[{**COURSE, "id": "crs_two"}])
        wait_for_product(app.state.service.database, "crs_two")


def wait_for_product(database: Database, id: str) -> None:
    deadline = time.monotonic() + 40
    while products.find(database.reader, id) is None:
        assert time.monotonic() < deadline, f"{id} was not kept"
        time.sleep(0.05)
