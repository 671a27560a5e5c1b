"""What a site says of its courses, and when: pages, prices, forms, flags that come and go with the calendar."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from generator.commands import catalog as checking
from tests.generator.project import Project, times
from tests.generator.shows import write, write_bundle, write_course, write_lecture, write_site

FIRST, SOON, LATE = "2024-01-10T00:00:00Z", "2024-01-20T00:00:00Z", "2024-06-01T00:00:00Z"


@pytest.fixture
def school(project: Project) -> Project:
    """A paid course, a free one, an announced one, and a bundle of them all; nothing is built yet."""
    write_course(project.content, "clocks", lectures=3, topics=["time"])
    write_course(project.content, "sundials", free=True)
    write_course(project.content, "watches", notify=True, lectures=0)
    write_bundle(project.content, "everything", include_future=True)
    return project


def page(project: Project, path: str) -> str:
    return (project.output / path.strip("/") / "index.html").read_text()


def catalog(project: Project) -> Any:
    return json.loads((project.output / "catalog.json").read_text())


class Form(HTMLParser):
    """The first form of a page: where it goes, its fields with their values, and the words on its button."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.goes: tuple[str, str] | None = None
        self.fields: dict[str, list[str]] = {}
        self.buttons = 0
        self._within = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form" and self.goes is None:
            self.goes, self._within = (given["method"], given["action"]), True
        if self._within and tag == "input":
            self.fields.setdefault(given["name"], []).append(given.get("value", ""))
        self.buttons += self._within and tag == "button"

    def handle_endtag(self, tag: str) -> None:
        self._within = self._within and tag != "form"


def test_a_course_is_bought_by_a_plain_form(school: Project) -> None:
    school.build("--at", LATE)
    form = Form(page(school, "/courses/clocks/"))
    assert form.goes == ("post", "/api/orders")
    assert form.fields == {"products": ["crs_clocks"], "currency": ["usd", "eur"], "email": [""], "code": [""]}
    assert form.buttons == 1


def test_a_price_in_one_currency_leaves_no_choice(school: Project) -> None:
    school.build("--at", LATE)
    form = Form(page(school, "/bundles/everything/"))
    assert (form.goes, form.fields["products"], form.fields["currency"]) == (
        ("post", "/api/orders"),
        ["bdl_everything"],
        ["usd"],
    )


def test_a_free_course_is_taken_with_one_button_and_no_price(school: Project) -> None:
    school.build("--at", LATE)
    form = Form(page(school, "/courses/sundials/"))
    assert (form.goes, form.buttons) == (("post", "/api/orders"), 1)
    assert form.fields == {"products": ["crs_sundials"], "email": [""]}


def test_an_announced_course_has_no_form_and_says_how_to_be_told(school: Project) -> None:
    school.build("--at", LATE)
    html = page(school, "/courses/watches/")
    assert Form(html).goes is None
    assert "not yet on sale" in html
    assert "mailto:ada@signalpath.example?subject=Tell%20me" in html


def test_the_catalogue_shelves_courses_by_topic_each_once(school: Project) -> None:
    school.build("--at", LATE)
    html = page(school, "/courses/")
    titles = re.findall(r'<h[23]>(?:<a href="/(?:courses|topics|bundles)/[^"]*">)?([^<]+)', html)
    assert titles[:6] == ["All in one", "Bundle everything", "Time", "Course clocks", "More courses", "Course watches"]
    assert html.count('href="/courses/clocks/"') == 1


def test_the_store_s_own_currency_is_named_first(school: Project) -> None:
    write_site(school.content, store={"currency": "eur"})
    write_bundle(school.content, "everything", price={"usd": 6900, "eur": 6400})
    school.build("--at", LATE)
    assert Form(page(school, "/courses/clocks/")).fields["currency"] == ["eur", "usd"]
    assert catalog(school)["currency"] == "eur"


def test_a_lecture_says_who_may_watch_it(school: Project) -> None:
    school.build("--at", LATE)
    free, paid = (page(school, f"/courses/clocks/part-{n}/") for n in (1, 2))
    assert "Free to watch" in free
    assert "For those who have the course" in paid
    assert "Get the course, $49" in paid
    assert "Free to watch" in page(school, "/courses/sundials/part-2/")


def test_the_first_free_lecture_is_one_step_from_the_course(school: Project) -> None:
    school.build("--at", LATE)
    assert re.search(r'href="/courses/clocks/part-1/">Watch one lecture free', page(school, "/courses/clocks/"))


def test_what_is_said_in_a_lecture_can_be_read_by_all_in_every_language(school: Project) -> None:
    path = write_lecture(school.content, "clocks", 2, captions="WEBVTT\n\n00:01.000 --> 00:02.000\nTick.\n")
    write(path.with_suffix(".de.vtt"), "WEBVTT\n\n00:01.000 --> 00:02.000\nTack.\n")
    write(path.with_suffix(".de.srt"), "1\n00:00:01,000 --> 00:00:02,000\nNicht dies.\n")
    school.build("--at", LATE)
    html = page(school, "/courses/clocks/part-2/")
    tack = html.index("Tack.")
    assert html.index("Tick.") < html.rindex('lang="de"', 0, tack) < tack
    assert "Nicht dies." not in html
    assert "Tack." in (school.output / "courses/clocks/part-2.de.vtt").read_text()
    (lecture,) = (one for one in catalog(school)["courses"][0]["lectures"] if one["captions"])
    assert [one["url"] for one in lecture["captions"]] == [
        f"/courses/clocks/part-2.{code}.vtt" for code in ("en", "de")
    ]


def test_the_length_of_a_video_comes_from_media_lock(school: Project) -> None:
    entry = '["clocks/02.mp4"]\nbytes = 9\nseconds = 754.4\ntype = "video/mp4"\n'
    write(school.content / "media.lock", f'{entry}sha256 = "{"ab" * 32}"\n')
    write_lecture(school.content, "clocks", 2, seconds=None)
    school.build("--at", LATE)
    assert "12:34" in page(school, "/courses/clocks/")
    assert [one["seconds"] for one in catalog(school)["courses"][0]["lectures"]] == [60, 754, 180]


def test_a_file_of_a_paid_lecture_is_named_and_not_published(school: Project) -> None:
    write_lecture(school.content, "clocks", 2, downloads=["sheet.txt"])
    write(school.content / "courses/clocks/01-basics/sheet.txt", "Paid for.")
    school.build("--at", LATE)
    assert "sheet.txt" in page(school, "/courses/clocks/part-2/")
    (kept,) = school.output.rglob("*sheet*")
    (named,) = catalog(school)["courses"][0]["lectures"][1]["downloads"]
    assert kept == school.output / ".longwave/downloads" / named["path"]
    assert kept.read_text() == "Paid for."
    assert (named["name"], named["file"], named["bytes"]) == ("sheet.txt", "courses/clocks/01-basics/sheet.txt", 9)
    assert named["path"] == f"clocks/sheet.{named['sha256'][:8]}.txt"


def test_what_media_lock_knows_of_a_video_is_in_the_catalog(school: Project) -> None:
    entry = '["clocks/02.mp4"]\nbytes = 9\nseconds = 754.4\ntype = "video/mp4"\nposter = "clocks/02.jpg"\n'
    write(school.content / "media.lock", f'{entry}sha256 = "{"ab" * 32}"\n')
    write_lecture(school.content, "clocks", 2)
    school.build("--at", LATE)
    known, unknown = (catalog(school)["courses"][0]["lectures"][n] for n in (1, 0))
    assert (known["video_bytes"], known["video_type"], known["poster"]) == (9, "video/mp4", "clocks/02.jpg")
    assert known["video_sha256"] == "ab" * 32
    assert (known["seconds"], unknown["video_bytes"], unknown["poster"]) == (120, 0, "")


def test_a_course_is_new_for_thirty_days_and_a_build_without_edits_notices_the_last(school: Project) -> None:
    write_course(school.content, "clocks", date="2024-01-01T00:00:00Z")
    flag = '<li class="flag">New</li>'
    for at, shown in (("2024-01-01T00:00:00Z", True), ("2024-01-30T23:59:59Z", True), ("2024-01-31T00:00:00Z", False)):
        school.build("--at", at)
        assert (flag in page(school, "/courses/clocks/")) is shown, at


def test_between_two_turns_of_the_calendar_nothing_is_rendered(school: Project) -> None:
    school.build("--at", FIRST)
    before = times(school.output)
    assert school.build("--at", SOON).rendered == 0
    assert times(school.output) == before


def test_an_offer_ends_without_an_edit_and_its_day_belongs_to_it(school: Project) -> None:
    write_bundle(school.content, "everything", until="2024-01-19")
    school.build("--at", "2024-01-19T23:59:59Z")
    assert "Until <time" in page(school, "/bundles/everything/")
    assert "19 January 2024" in page(school, "/bundles/everything/")
    assert "/bundles/everything/" in page(school, "/courses/")
    school.build("--at", SOON)
    html = page(school, "/bundles/everything/")
    assert "This offer has ended" in html
    assert Form(html).goes is None
    assert "/bundles/everything/" not in page(school, "/courses/") + (school.output / "sitemap.xml").read_text()
    assert catalog(school)["bundles"][0]["until"] == "2024-01-20T00:00:00.000Z"


def test_a_bundle_of_all_takes_in_a_course_on_the_day_it_comes_out(school: Project) -> None:
    write_course(school.content, "pendulums", date=SOON)
    ids = []
    for at in (FIRST, SOON):
        school.build("--at", at)
        ids.append(catalog(school)["bundles"][0]["courses"])
    assert ids == [
        ["crs_clocks", "crs_sundials", "crs_watches"],
        ["crs_clocks", "crs_sundials", "crs_watches", "crs_pendulums"],
    ]


def test_a_bundle_says_what_its_courses_cost_alone_only_when_that_is_more(school: Project) -> None:
    write_course(school.content, "pendulums", price={"usd": 3000})
    school.build("--at", LATE)
    assert "instead of <s>$79</s>" in page(school, "/bundles/everything/")
    write_bundle(school.content, "everything", price={"usd": 7900})
    school.build("--at", LATE)
    assert "instead of" not in page(school, "/bundles/everything/")


def test_a_bundle_of_courses_that_are_not_out_is_not_out(school: Project) -> None:
    write_course(school.content, "pendulums", date=LATE)
    write_bundle(school.content, "swinging", courses=["crs_pendulums"])
    school.build("--at", FIRST)
    assert "swinging" not in (school.output / "catalog.json").read_text()
    assert not (school.output / "bundles/swinging").exists()


def test_authors_topics_and_the_front_page_show_the_course(school: Project) -> None:
    school.build("--at", LATE)
    for path in ("/", "/people/ada-example/", "/topics/time/"):
        assert 'href="/courses/clocks/"' in page(school, path), path


def test_a_site_without_courses_says_nothing_of_any(project: Project) -> None:
    project.build()
    assert not (project.output / "courses").exists()
    assert '"/courses/' not in page(project, "/")
    assert catalog(project)["courses"] == []


def test_a_text_links_to_a_lecture_by_its_file(school: Project) -> None:
    write_lecture(school.content, "clocks", 1, text="Go on with [the next](02-part-2.md), of [this](../course.md).")
    school.build("--at", LATE)
    html = page(school, "/courses/clocks/part-1/")
    assert '<a href="/courses/clocks/part-2/">the next</a>, of <a href="/courses/clocks/">this</a>' in html


def test_a_renamed_course_leads_on_from_its_old_address(school: Project) -> None:
    write_course(school.content, "clocks", aliases=["/courses/timepieces"])
    school.build("--at", LATE)
    redirects = (school.output / ".longwave/redirects.map").read_text()
    assert '"/courses/timepieces/" "301 /courses/clocks/";' in redirects
    assert '"/bundles/" "302 /courses/";' in redirects


def test_a_price_changes_only_what_prints_it(school: Project) -> None:
    school.build("--at", LATE)
    before = times(school.output)
    write_course(school.content, "clocks", lectures=3, topics=["time"], price={"usd": 5100, "eur": 4500})
    school.build("--at", LATE)
    after = times(school.output)
    changed = {name for name in after if before[name] != after[name] and not name.endswith((".gz", ".br"))}
    assert {name for name in changed if "$51" not in (school.output / name).read_text()} == {"catalog.json"}
    assert not any(name.startswith(("episodes/", "courses/sundials/", "posts/")) for name in changed)


def test_what_the_catalog_names_and_no_build_made_is_a_problem_of_a_publish(school: Project) -> None:
    school.build("--at", LATE)
    built = {str(path.relative_to(school.output)) for path in school.output.rglob("*") if path.is_file()}
    assert checking.problems_of(school.output, built) == []
    (problem,) = checking.problems_of(school.output, built - {"courses/clocks/part-2/index.html"})
    assert "/courses/clocks/part-2/" in problem.problem


def test_a_published_course_keeps_its_ids(school: Project) -> None:
    school.publish()
    lock = (school.content / "ids.lock").read_text()
    assert 'crs_clocks = "/courses/clocks/"' in lock
    assert 'lec_clocks_2 = "/courses/clocks/part-2/"' in lock
    write_course(school.content, "clocks", lectures=3, topics=["time"], id="crs_dials")
    done = school.run("check")
    assert done.returncode == 1
    assert "content/courses/clocks/course.md:2: /courses/clocks/ was published with the id crs_clocks" in done.stderr


def test_a_course_may_move_with_all_its_ids(school: Project) -> None:
    school.publish()
    (school.content / "courses/clocks").rename(school.content / "courses/dials")
    school.publish()
    assert 'crs_clocks = "/courses/dials/"' in (school.content / "ids.lock").read_text()


def test_the_id_of_a_lecture_that_was_removed_is_not_given_to_another_course_s(school: Project) -> None:
    school.publish()
    (school.content / "courses/clocks/01-basics/03-part-3.md").unlink()
    write_lecture(school.content, "sundials", 4, id="lec_clocks_3")
    done = school.run("check")
    assert "lec_clocks_3 was published as a lecture of crs_clocks" in done.stderr


def test_no_id_leaves_the_lock(school: Project) -> None:
    school.publish()
    Path(school.content / "courses/clocks/01-basics/03-part-3.md").unlink()
    school.publish()
    assert "lec_clocks_3" in (school.content / "ids.lock").read_text()
