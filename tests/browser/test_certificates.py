"""Somebody completes a course, gets a certificate in a name of their choice, and a stranger finds it good."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.person import press, reads, type_in
from tests.browser.store import Store, at_a_browser, running, sign_in
from tests.browser.visits import Visitor
from tests.browser.watching import CONTRASTS, unnamed

COURSE, TITLE = "crs_first_week", "Your first week of nights"
LECTURES = ("lec_light", "lec_tin", "lec_walk")
NAME = "Ada Lovelace"
CONTRAST_MIN = 4.5  # WCAG 2.2, 1.4.3


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with running(tmp_path_factory.mktemp("certificates")) as opened:
        yield opened


@pytest.fixture
def learner(tmp_path: Path) -> Iterator[Visitor]:
    yield from at_a_browser(tmp_path / "learner")


@pytest.fixture
def stranger(tmp_path: Path) -> Iterator[Visitor]:
    yield from at_a_browser(tmp_path / "stranger")


def tell(person: Visitor, path: str, body: object) -> int:
    """What a page of ours sends; the status of the answer."""
    options = {"method": "POST", "headers": {"Content-Type": "application/json"}, "body": json.dumps(body)}
    return int(person.evaluate(f"fetch({path!r}, {json.dumps(options)}).then(answer => answer.status)"))


def complete(person: Visitor) -> None:
    assert tell(person, "/api/orders", {"products": [COURSE]}) in (200, 201)
    changes = [
        {
            "id": f"018f0000-0000-7000-8000-{number:012x}",
            "kind": "progress",
            "entity": lecture,
            "data": {"completed": True},
        }
        for number, lecture in enumerate(LECTURES)
    ]
    assert tell(person, "/api/v1/changes", {"changes": changes}) == 200


def test_a_certificate_is_made_in_the_library_and_found_good_by_a_stranger(
    store: Store, learner: Visitor, stranger: Visitor
) -> None:
    sign_in(learner, store, "ada@example.com")
    complete(learner)
    learner.open(f"{store.url}/account/library/")
    reads(learner, "Your certificate bears the name that you write here")
    assert unnamed(learner) == []
    type_in(learner, "name", NAME)
    press(learner, "Get the certificate")
    reads(learner, f"Certificate of {NAME}")
    address = str(learner.evaluate("document.querySelector('a[href^=\"/certificates/\"]').href"))
    assert "linkedin.com/profile/add" in str(learner.evaluate("document.body.innerHTML"))
    stranger.open(address)
    reads(stranger, "This certificate is good")
    for said in (NAME, TITLE, address):
        reads(stranger, said)
    assert [(words, found) for words, found in stranger.evaluate(CONTRASTS) if found < CONTRAST_MIN] == []
    assert stranger.evaluate("document.documentElement.scrollWidth <= innerWidth")
