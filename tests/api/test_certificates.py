"""Certificates: for completed courses only, in the name that was chosen, open to questions, withdrawn with the course."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from starlette.testclient import TestClient

from api.usecases import administration, claims, deletion
from api.usecases.fulfilment import By
from tests.api.conftest import FORM
from tests.api.shop import EVERYTHING, FREE, OWNER, STRANGER, THURSDAY, WATER, Shop
from tests.api.syncing import progress
from tests.api.test_refunds import refund

NAME = "Ada Lovelace"
PERSON = {"Accept": "text/html,application/xhtml+xml"}


def complete(shop: Shop, person: TestClient, course: str, *, but: int = 0) -> None:
    found = shop.service.catalog.current().course(course)
    assert found
    lectures = found.lectures[: len(found.lectures) - but]
    changes = [progress(lecture.seconds, lecture=lecture.id, completed=True) for lecture in lectures]
    answer = person.post("/api/v1/changes", json={"changes": changes})
    assert answer.status_code == 200, answer.text


def ask(person: TestClient, course: str = THURSDAY, name: str = NAME) -> Any:
    return person.post("/api/certificates", json={"course": course, "name": name})


@pytest.fixture
def order(shop: Shop) -> str:
    """The owner has bought and completed a course."""
    bought = shop.buy(shop.owner(), THURSDAY)
    complete(shop, shop.owner(), THURSDAY)
    return bought


@pytest.fixture
def certificate(shop: Shop, order: str) -> str:
    return str(ask(shop.owner()).json()["certificate"]["id"])


def verified(shop: Shop, certificate: str) -> Any:
    return shop.browser().get(f"/api/certificates/{certificate}")


@pytest.mark.usefixtures("order")
def test_who_completed_a_course_gets_a_certificate_in_the_name_they_choose(shop: Shop) -> None:
    answer = ask(shop.owner(), name="  Ada   Lovelace ")
    assert answer.status_code == 201
    made = answer.json()
    assert (made["certificate"]["name"], made["certificate"]["title"]) == (NAME, "The First Thursday")
    assert (made["certificate"]["lectures"], made["certificate"]["seconds"], made["good"]) == (10, 312, True)
    assert made["certificate"]["url"] == f"http://localhost:8000/certificates/{made['certificate']['id']}"


def test_one_lecture_that_is_left_is_one_too_many(shop: Shop) -> None:
    shop.buy(shop.owner(), THURSDAY)
    complete(shop, shop.owner(), THURSDAY, but=1)
    answer = ask(shop.owner())
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    assert "1 of its lectures" in answer.json()["detail"]
    assert shop.owner().get("/api/certificates").json() == {"certificates": [], "earned": []}


def test_a_course_that_was_watched_and_not_bought_gives_none(shop: Shop) -> None:
    complete(shop, shop.owner(), THURSDAY)
    assert ask(shop.owner()).status_code == 404
    assert ask(shop.owner(), course="crs_nothing").status_code == 404


def test_a_free_course_gives_one_too(shop: Shop) -> None:
    shop.order(shop.owner(), FREE)
    complete(shop, shop.owner(), FREE)
    assert ask(shop.owner(), course=FREE).status_code == 201


@pytest.mark.usefixtures("order")
@pytest.mark.parametrize("name", ["", "   ", "x" * 81, "Ada\x00", "Ada\u202eecalevoL"])
def test_a_certificate_needs_a_name_that_can_be_printed(shop: Shop, name: str) -> None:
    answer = ask(shop.owner(), name=name)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert shop.rows("SELECT * FROM certificates") == []


def test_asked_for_twice_it_is_the_same_in_the_newer_name(shop: Shop, certificate: str) -> None:
    assert ask(shop.owner(), name="Augusta Ada King").json()["certificate"]["id"] == certificate
    assert verified(shop, certificate).json()["name"] == "Augusta Ada King"
    assert len(shop.rows("SELECT id FROM certificates")) == 1


def test_nobody_signed_in_gets_none(shop: Shop) -> None:
    assert ask(shop.browser()).status_code == 401
    assert shop.browser().get("/api/certificates").status_code == 401


def test_everybody_may_ask_whether_it_is_good(shop: Shop, certificate: str) -> None:
    answer = verified(shop, certificate)
    assert (answer.status_code, answer.json()["name"]) == (200, NAME)
    account = shop.account()
    assert account and account.id not in answer.text
    assert OWNER not in answer.text


def test_an_id_that_was_made_up_is_not_found(shop: Shop, certificate: str) -> None:
    assert verified(shop, certificate[:-1] + ("0" if certificate[-1] != "0" else "1")).status_code == 404


def test_its_page_says_the_same(shop: Shop, certificate: str) -> None:
    answer = shop.browser().get(f"/certificates/{certificate}", headers=PERSON)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    for said in (NAME, "The First Thursday", "10 lectures, 5 minutes", "5 January 2026", certificate):
        assert said in answer.text


def test_a_name_is_text_and_nothing_else_on_the_page(shop: Shop, order: str) -> None:
    made = ask(shop.owner(), name="<script>alert(1)</script>").json()["certificate"]["id"]
    page = shop.browser().get(f"/certificates/{made}", headers=PERSON).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_a_page_of_none_says_so_in_words(shop: Shop) -> None:
    answer = shop.browser().get("/certificates/crt_nothing", headers=PERSON)
    assert (answer.status_code, "There is no such certificate" in answer.text) == (404, True)


def test_a_refund_withdraws_it(shop: Shop, order: str, certificate: str) -> None:
    refund(shop, order, 4900)
    shop.tell()
    assert (verified(shop, certificate).status_code, verified(shop, certificate).json()["code"]) == (410, "gone")
    page = shop.browser().get(f"/certificates/{certificate}", headers=PERSON)
    assert (page.status_code, NAME in page.text) == (410, False)
    (listed,) = shop.owner().get("/api/certificates").json()["certificates"]
    assert listed["good"] is False
    assert ask(shop.owner()).status_code == 404


def test_a_part_that_is_paid_back_leaves_it(shop: Shop, order: str, certificate: str) -> None:
    refund(shop, order, 1000)
    shop.tell()
    assert verified(shop, certificate).status_code == 200


def test_buying_the_course_again_makes_the_same_one_good(shop: Shop, order: str, certificate: str) -> None:
    refund(shop, order, 4900)
    shop.tell()
    shop.buy(shop.owner(), THURSDAY)
    assert verified(shop, certificate).status_code == 200


def test_a_right_that_was_revoked_by_hand_withdraws_it(shop: Shop, certificate: str) -> None:
    with shop.service.database.transaction() as db:
        administration.revoke(db, OWNER, THURSDAY, reason="mistake", now=shop.clock())
    assert verified(shop, certificate).status_code == 410


def test_a_right_that_ran_out_leaves_it(shop: Shop, clock: Any) -> None:
    shop.owner()
    catalog, now = shop.service.catalog.current(), shop.clock()
    with shop.service.database.transaction() as db:
        administration.grant(db, OWNER, WATER, catalog, until=now.replace(year=2027), reason="term", now=now)
    complete(shop, shop.owner(), WATER)
    made = ask(shop.owner(), course=WATER).json()["certificate"]["id"]
    clock.advance(days=400)
    assert shop.owner().get("/api/library").json() == []
    assert verified(shop, made).status_code == 200


def test_another_right_to_the_course_keeps_it(shop: Shop, order: str, certificate: str) -> None:
    shop.buy(shop.owner(), EVERYTHING)
    refund(shop, order, 4900)
    shop.tell()
    assert verified(shop, certificate).status_code == 200


def test_what_could_be_had_is_listed_with_the_accounts_name(shop: Shop, order: str) -> None:
    shop.owner().patch("/api/account", json={"name": NAME})
    listed = shop.owner().get("/api/certificates").json()
    assert listed == {"certificates": [], "earned": [{"course": THURSDAY, "title": "The First Thursday", "name": NAME}]}


def test_linkedins_form_is_filled_in(shop: Shop, certificate: str) -> None:
    (listed,) = shop.owner().get("/api/certificates").json()["certificates"]
    address = urlsplit(listed["linkedin_url"])
    assert (address.netloc, address.path) == ("www.linkedin.com", "/profile/add")
    assert parse_qs(address.query) == {
        "startTask": ["CERTIFICATION_NAME"], "name": ["The First Thursday"], "organizationName": ["Longwave"],
        "issueYear": ["2026"], "issueMonth": ["1"], "certId": [certificate],
        "certUrl": [f"http://localhost:8000/certificates/{certificate}"],
    }  # fmt: skip


def test_without_script_the_library_has_a_form_and_then_the_certificate(shop: Shop, order: str) -> None:
    assert 'action="/api/certificates"' in shop.owner().get("/api/library/page", headers=PERSON).text
    posted = shop.owner().post("/api/certificates", content=f"course={THURSDAY}&name=Ada", headers=FORM)
    assert (posted.status_code, posted.headers["location"]) == (303, "/api/library/page#certified")
    page = shop.owner().get("/api/library/page", headers=PERSON).text
    assert "/certificates/crt_" in page
    assert "linkedin.com" in page


def test_a_refused_form_is_told_on_the_librarys_page(shop: Shop) -> None:
    posted = shop.owner().post("/api/certificates", content=f"course={THURSDAY}&name=Ada", headers=FORM)
    assert posted.headers["location"] == "/account/library/#not_found"


def test_it_is_taken_away_with_everything_else(shop: Shop, certificate: str) -> None:
    (taken,) = shop.owner().get("/api/account/export").json()["certificates"]
    assert (taken["id"], taken["name"]) == (certificate, NAME)
    assert shop.person(STRANGER).get("/api/account/export").json()["certificates"] == []


def test_an_erased_account_leaves_none(shop: Shop, certificate: str) -> None:
    account = shop.account()
    assert account
    with shop.service.database.transaction() as db:
        deletion.erase(db, account, tell=False, now=shop.clock())
    assert verified(shop, certificate).status_code == 404
    assert NAME not in "\n".join(shop.service.database.reader.iterdump())


def test_a_merged_account_brings_its_own(shop: Shop, certificate: str) -> None:
    shop.person(STRANGER)
    with shop.service.database.transaction() as db:
        administration.merge(db, OWNER, STRANGER, now=shop.clock())
    assert verified(shop, certificate).json()["name"] == NAME
    (listed,) = shop.person(STRANGER).get("/api/certificates").json()["certificates"]
    assert listed["certificate"]["id"] == certificate


def test_a_claimed_purchase_brings_it_along(shop: Shop, certificate: str) -> None:
    shop.person(STRANGER)
    source, target = shop.account(OWNER), shop.account(STRANGER)
    assert source and target
    with shop.service.database.transaction() as db:
        claims.move(db, source, target, By(actor=target.id, now=shop.clock()))
    assert verified(shop, certificate).status_code == 200
