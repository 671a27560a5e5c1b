"""What structured data, the sitemap and cards say of courses, from values alone."""

import datetime as dt
import json
from typing import Any

import pytest

from generator.model import Bundle, Course, CourseChapter, Site, Text, Topic
from generator.render import catalog, course_files, frame, money, pages, site_files, sitemap, structured_data
from tests import factories

TIME = Topic(source="topics/time.md", id="time", name="Time", text=Text(html=""))
COURSE_NEEDS = {"name", "description", "provider", "offers", "hasCourseInstance"}  # Google, "Course info"


def site_of(*courses: Course, **changes: Any) -> Site:
    return factories.site(courses=courses, topics={"time": TIME}, **changes)


def bundle(*ids: str, **changes: Any) -> Bundle:
    values: dict[str, Any] = {"id": "bdl_all", "slug": "all", "title": "All", "prices": {"usd": 6900}, "courses": ids}
    return Bundle(source="bundles/all.md", text=Text(html=""), date=factories.FIRST_DAY, **values | changes)


def planned(site: Site) -> dict[str, Any]:
    return {
        "/" + output.path.removesuffix("index.html"): output.context
        for part in pages.parts(site)
        for output in part.outputs()
    }


def data_of(site: Site, path: str) -> Any:
    surrounding = frame.of(site, stylesheet="/assets/site.css", scripts=(), page_scripts={})
    return json.loads(structured_data.of(planned(site)[path], surrounding))["@graph"][0]


def test_search_engines_get_all_that_they_ask_of_a_course() -> None:
    data = data_of(site_of(factories.course(authors=("ada-example",), level="beginner")), "/courses/clocks/")
    assert data.keys() >= COURSE_NEEDS
    assert data["hasCourseInstance"] == {"@type": "CourseInstance", "courseMode": "Online", "courseWorkload": "PT5M"}
    (offer,) = data["offers"]
    assert (offer["category"], offer["price"], offer["priceCurrency"]) == ("Paid", "49.00", "USD")


def test_a_free_course_is_offered_as_free() -> None:
    data = data_of(site_of(factories.course(prices={}, free=True)), "/courses/clocks/")
    assert data["offers"] == [{"@type": "Offer", "category": "Free"}]
    assert data["isAccessibleForFree"] is True


def test_an_announced_course_is_offered_to_nobody() -> None:
    data = data_of(site_of(factories.course(notify=True)), "/courses/clocks/")
    assert "offers" not in data


def test_the_catalogue_lists_every_course_for_search_engines() -> None:
    site = site_of(factories.course(), factories.course("dials", topics=("time",)))
    listed = [entry["url"] for entry in data_of(site, "/courses/")["itemListElement"]]
    assert sorted(listed) == [f"{factories.URL}/courses/{slug}/" for slug in ("clocks", "dials")]


def test_a_lecture_is_a_part_of_its_course() -> None:
    data = data_of(site_of(factories.course()), "/courses/clocks/wheels/")
    assert data["isPartOf"]["@id"] == f"{factories.URL}/courses/clocks/#course"
    assert (data["timeRequired"], data["isAccessibleForFree"]) == ("PT5M", False)


def test_an_offer_that_ends_says_until_when() -> None:
    end = dt.datetime(2026, 2, 1, tzinfo=dt.UTC)
    site = site_of(factories.course(), bundles=(bundle("crs_clocks", until=end),))
    (offer,) = data_of(site, "/bundles/all/")["offers"]
    assert offer["priceValidUntil"] == "2026-01-31"


def test_the_sitemap_has_every_page_of_a_course_and_no_ended_offer() -> None:
    course = factories.course(updated=factories.FIRST_DAY + dt.timedelta(days=9))
    site = site_of(
        course, bundles=(bundle("crs_clocks"), bundle("crs_clocks", id="bdl_old", slug="old")), ended=("bdl_old",)
    )
    entries = {
        url.removeprefix(factories.URL): date[:10] for url, date in sitemap.part(site).outputs()[0].context.entries
    }
    assert entries["/courses/"] == entries["/courses/clocks/"] == entries["/"] == "2026-01-14"
    assert {"/courses/clocks/wheels/", "/bundles/all/"} <= entries.keys()
    assert "/bundles/old/" not in entries


def test_machines_that_read_llms_txt_find_the_courses() -> None:
    text = site_files.llms(site_files.plan_llms(site_of(factories.course()))).decode()
    assert f"## Courses\n\n- [Clocks]({factories.URL}/courses/clocks/): How clocks work.\n" in text


def test_the_feed_of_courses_knows_them_by_their_ids_newest_first() -> None:
    later = factories.course("dials", date=factories.FIRST_DAY + dt.timedelta(days=1))
    view = course_files.plan_feed(site_of(factories.course(), later))
    assert [item.guid for item in view.items] == ["crs_dials", "crs_clocks"]


def test_lectures_lead_on_across_chapters() -> None:
    chapters = tuple(
        CourseChapter(source="", title=f"Chapter {k}", lectures=(factories.lecture(f"part-{k}"),)) for k in (1, 2)
    )
    site = site_of(factories.course(chapters=chapters))
    first, second = (planned(site)[f"/courses/clocks/part-{k}/"] for k in (1, 2))
    assert (first.previous, first.next.url, first.chapter) == (None, "/courses/clocks/part-2/", "Chapter 1")
    assert (second.previous.url, second.next, second.chapter) == ("/courses/clocks/part-1/", None, "Chapter 2")


def test_a_course_names_only_languages_that_all_its_lectures_speak() -> None:
    def spoken(slug: str, *codes: str) -> Any:
        return factories.lecture(slug, captions=tuple(factories.captions(language=code) for code in codes))

    lectures = (spoken("one", "en", "de"), spoken("two", "en"), factories.lecture("to-read", video="", seconds=0))
    view = planned(site_of(factories.course("clocks", *lectures)))["/courses/clocks/"]
    assert view.captions == ("English",)


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (100, "usd", "$1"),
        (101, "usd", "$1.01"),
        (5, "usd", "$0.05"),
        (123_456_700, "eur", "€1,234,567"),
        (1200, "jpy", "¥1,200"),
        (12_345, "kwd", "12.345 KWD"),
        (4900, "chf", "49 CHF"),
    ],
)
def test_a_price_is_written_as_people_write_it(amount: int, currency: str, text: str) -> None:
    assert money.price(amount, currency) == text


def test_the_catalog_is_the_same_bytes_for_the_same_site() -> None:
    site = site_of(factories.course(prices={"usd": 2, "eur": 1}), bundles=(bundle("crs_clocks"),))
    assert catalog.render(catalog.plan(site)) == catalog.render(catalog.plan(site))
    assert list(json.loads(catalog.render(catalog.plan(site)))["courses"][0]["prices"]) == ["usd", "eur"]
