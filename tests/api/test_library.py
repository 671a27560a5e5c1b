"""GET /api/library: access is any grant that is now valid, and nothing else."""

import datetime as dt
import sqlite3
from contextlib import closing

from msgspec import json

from api import times
from api.usecases import products
from tests.api.shop import ANNOUNCED, EVERYTHING, FREE, OWNER, STRANGER, THURSDAY, WATER, Shop


def test_a_bought_course_is_in_the_library(shop: Shop) -> None:
    shop.buy(shop.owner(), THURSDAY)
    (course,) = shop.owner().get("/api/library").json()
    assert (course["id"], course["slug"], course["source"]) == (THURSDAY, "first-thursday", "purchase")
    assert (course["lectures"], course["seconds"]) == (10, 312)


def test_nobody_elses_library_has_it(shop: Shop) -> None:
    shop.buy(shop.owner(), THURSDAY)
    assert shop.opened(STRANGER) == []


def test_a_library_needs_a_sign_in_and_takes_no_changes(shop: Shop) -> None:
    assert shop.browser().get("/api/library").status_code == 401
    assert shop.owner().post("/api/library", json={}).status_code == 405


def test_a_bundle_opens_all_it_held_when_it_was_bought(shop: Shop) -> None:
    shop.buy(shop.owner(), EVERYTHING)
    assert shop.opened(OWNER) == sorted([FREE, THURSDAY, ANNOUNCED, WATER])


def test_everything_with_a_future_opens_every_later_course(shop: Shop) -> None:
    shop.buy(shop.owner(), EVERYTHING)
    shop.buy(shop.stranger(), THURSDAY)
    publish(shop, "crs_new")
    assert "crs_new" in shop.opened(OWNER)
    assert "crs_new" not in shop.opened(STRANGER)


def test_it_does_so_when_the_bundle_is_sold_no_more(shop: Shop) -> None:
    shop.buy(shop.owner(), EVERYTHING)
    publish(shop, "crs_new", in_bundle=False, bundles=[])
    assert "crs_new" in shop.opened(OWNER)
    publish(shop, "crs_newer", in_bundle=False)
    assert {"crs_new", "crs_newer"} <= set(shop.opened(OWNER))


def test_everything_without_a_future_stays_as_it_was(shop: Shop) -> None:
    publish(shop, "crs_second", include_future=False)
    shop.buy(shop.owner(), EVERYTHING)
    publish(shop, "crs_third", include_future=True)
    assert "crs_second" in shop.opened(OWNER)
    assert "crs_third" not in shop.opened(OWNER)


def test_courses_named_by_hand_grow_only_by_what_is_added_to_them(shop: Shop) -> None:
    by_hand(shop, include_future=True)
    shop.buy(shop.owner(), EVERYTHING)
    publish(shop, "crs_added")
    publish(shop, "crs_elsewhere", in_bundle=False)
    assert shop.opened(OWNER) == sorted([THURSDAY, "crs_added"])


def test_what_was_added_stays_when_it_or_the_bundle_goes(shop: Shop) -> None:
    by_hand(shop, include_future=True)
    shop.buy(shop.owner(), EVERYTHING)
    shop.clock.advance(days=1)
    publish(shop, "crs_added")
    by_hand(shop, include_future=True)
    assert shop.opened(OWNER) == sorted([THURSDAY, "crs_added"])
    shop.clock.advance(days=1)
    shop.buy(shop.stranger(), EVERYTHING)
    assert shop.opened(STRANGER) == [THURSDAY]
    publish(shop, "crs_later", in_bundle=False, bundles=[])
    assert shop.opened(OWNER) == sorted([THURSDAY, "crs_added"])


def test_courses_named_by_hand_without_a_future_stay_as_they_were(shop: Shop) -> None:
    by_hand(shop, include_future=False)
    shop.buy(shop.owner(), EVERYTHING)
    publish(shop, "crs_added", include_future=True)
    assert shop.opened(OWNER) == [THURSDAY]


def test_a_refund_closes_what_came_later_too(shop: Shop) -> None:
    shop.buy(shop.owner(), EVERYTHING)
    publish(shop, "crs_new")
    intent, cents = shop.rows("SELECT stripe_payment_intent, total_cents FROM orders")[0]
    shop.run(lambda: shop.operator.create_refund(intent, amount_cents=cents, idempotency_key="x"))
    shop.tell()
    assert shop.opened(OWNER) == []


def test_what_left_the_catalogue_keeps_its_meaning(shop: Shop) -> None:
    catalog = shop.service.catalog.current()
    with shop.service.database.transaction() as db:
        products.keep_all(db, catalog, now=shop.clock())
    shop.buy(shop.owner(), THURSDAY)
    changed = json.decode(shop.service.settings.catalog.read_bytes())
    changed["courses"] = [course for course in changed["courses"] if course["id"] != THURSDAY]
    changed["bundles"] = []
    shop.service.settings.catalog.write_bytes(json.encode(changed))
    (course,) = shop.owner().get("/api/library").json()
    assert (course["title"], course["slug"]) == ("The First Thursday", None)


def test_a_grant_counts_only_in_its_time_and_while_it_is_not_held(shop: Shop) -> None:
    shop.buy(shop.owner(), THURSDAY)
    later = times.text(shop.clock() + dt.timedelta(days=1))
    for column, value in (("valid_from", later), ("valid_until", times.text(shop.clock())), ("hold_at", later)):
        with shop.service.database.transaction() as db:
            before = db.execute(f"SELECT {column} FROM grants").fetchone()[0]  # noqa: S608
            db.execute(f"UPDATE grants SET {column} = ?", (value,))  # noqa: S608
        assert shop.opened(OWNER) == [], column
        with shop.service.database.transaction() as db:
            db.execute(f"UPDATE grants SET {column} = ?", (before,))  # noqa: S608
    assert shop.opened(OWNER) == [THURSDAY]


def test_a_grant_begins_and_ends_by_the_clock_alone(shop: Shop) -> None:
    shop.buy(shop.owner(), THURSDAY)
    begin, end = (times.text(shop.clock() + dt.timedelta(minutes=minutes)) for minutes in (10, 30))
    with shop.service.database.transaction() as db:
        db.execute("UPDATE grants SET valid_from = ?, valid_until = ?", (begin, end))
    owner, seen = shop.owner(), []
    for _ in range(4):
        seen.append(len(owner.get("/api/library").json()))
        shop.clock.advance(minutes=10)
    assert seen == [0, 1, 1, 0]


def test_a_new_catalogue_is_read_at_the_next_request(shop: Shop) -> None:
    shop.buy(shop.owner(), THURSDAY)
    owner, catalog = shop.owner(), shop.service.settings.catalog
    assert owner.get("/api/library").json()[0]["title"] == "The First Thursday"
    catalog.write_bytes(catalog.read_bytes().replace(b"The First Thursday", b"Another Thursday"))
    assert owner.get("/api/library").json()[0]["title"] == "Another Thursday"


def test_what_another_process_takes_away_is_gone_at_the_next_request(shop: Shop) -> None:
    shop.buy(shop.owner(), THURSDAY)
    owner = shop.owner()
    with closing(sqlite3.connect(shop.service.settings.shop, isolation_level=None)) as other:
        assert len(owner.get("/api/library").json()) == 1
        other.execute("UPDATE grants SET revoked_at = ?", (times.text(shop.clock()),))
        assert owner.get("/api/library").json() == []
        other.execute("UPDATE sessions SET revoked_at = ?", (times.text(shop.clock()),))
        assert owner.get("/api/library").status_code == 401


def by_hand(shop: Shop, *, include_future: bool) -> None:
    """The bundle names one course."""
    change(shop, courses=[THURSDAY], all_courses=False, include_future=include_future)


def publish(
    shop: Shop, course_id: str, *, in_bundle: bool = True, bundles: list[str] | None = None, **bundle: bool
) -> None:
    """A course more in the catalogue and in its bundle; `bundles=[]` takes that off sale."""
    catalog = json.decode(shop.service.settings.catalog.read_bytes())
    catalog["courses"].append({**catalog["courses"][1], "id": course_id, "slug": course_id, "title": course_id})
    if in_bundle:
        catalog["bundles"][0]["courses"].append(course_id)
    if bundles is not None:
        catalog["bundles"] = bundles
    keep(shop, catalog)
    if bundle:
        change(shop, **bundle)


def change(shop: Shop, **bundle: object) -> None:
    catalog = json.decode(shop.service.settings.catalog.read_bytes())
    catalog["bundles"][0].update(bundle)
    keep(shop, catalog)


def keep(shop: Shop, catalog: dict[str, object]) -> None:
    """As the running service does when the file has changed."""
    shop.service.settings.catalog.write_bytes(json.encode(catalog))
    with shop.service.database.transaction() as db:
        products.keep_all(db, shop.service.catalog.current(), now=shop.clock())


def test_without_script_the_library_is_a_page_of_the_site(shop: Shop) -> None:
    page = shop.service.settings.site / "account/library/index.html"
    page.parent.mkdir(parents=True)
    page.write_text("<html><h1>Your library</h1><!--here--></html>")
    shop.buy(shop.owner(), THURSDAY)
    shown = shop.owner().get("/api/library/page")
    assert shown.headers["Content-Type"].startswith("text/html")
    assert shown.headers["Cache-Control"] == "no-store"
    assert "<h1>Your library</h1>" in shown.text
    assert 'href="/courses/first-thursday/"' in shown.text
    assert "Nothing here yet." in shop.stranger().get("/api/library/page").text


def test_without_script_and_signed_out_the_page_says_so(shop: Shop) -> None:
    asked = shop.browser().get("/api/library/page", headers={"Accept": "text/html"})
    assert (asked.status_code, asked.headers["Location"]) == (303, "/account/library/#signed_out")
