"""axe-core finds nothing to complain of on any kind of page, in light and in dark, with an account and without."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from generator.render.account import SHELLS
from tests.browser.person import press, reads, type_in
from tests.browser.store import Store, begin_to_buy
from tests.browser.visits import Visitor
from tests.browser.watching import COURSE, FILES, PAID, PREVIEW, opened

SHOWN = (
    "/",
    "/episodes/",
    "/episodes/4/tide-tables/",
    "/courses/",
    COURSE,
    "/bundles/everything/",
    "/posts/",
    "/nowhere/",
)
OF_ACCOUNT = tuple(path for path, *_ in SHELLS.values())
WITHOUT_SCRIPT = tuple(f"/api/{what}/page" for what in ("library", "orders", "sessions", "devices", "passkeys", "sync"))
# Colours that are on their way to another scheme are nobody's to judge.
SETTLED = """new Promise(requestAnimationFrame).then(() =>
  Promise.allSettled(document.getAnimations().map(one => one.finished))).then(() => true)"""
FOUND = """axe.run(document, {resultTypes: ["violations"]}).then(told =>
  told.violations.map(one => [one.impact, one.id, one.nodes.map(node => node.html.slice(0, 160))]))"""


@pytest.fixture(scope="session")
def axe(node_modules: Path) -> str:
    return (node_modules / "axe-core/axe.min.js").read_text()


def faults(person: Visitor, axe: str) -> list[Any]:
    """What axe finds on the page as it is now, whatever its impact. https://github.com/dequelabs/axe-core/blob/develop/doc/API.md"""
    person.evaluate(f"{axe}; 0")
    found: list[Any] = []
    for scheme in ("light", "dark"):
        person.screen(1280, 900, scheme=scheme)
        person.evaluate(SETTLED)
        found += [[scheme, *each] for each in person.evaluate(FOUND)]
    return found


def faults_of(person: Visitor, store: Store, pages: Iterable[str], axe: str) -> dict[str, list[Any]]:
    found = {}
    for page in pages:
        person.open(store.url + page)
        found[page] = faults(person, axe)
    return {page: each for page, each in found.items() if each}


def test_it_does_find_what_is_wrong(store: Store, person: Visitor, axe: str) -> None:
    person.open(f"{store.url}{COURSE}")
    person.evaluate("document.querySelector('main img').removeAttribute('alt'), document.body.style.color = '#bbb'")
    assert {"image-alt", "color-contrast"} <= {each[2] for each in faults(person, axe)}


def test_nor_on_what_everybody_sees(store: Store, person: Visitor, axe: str) -> None:
    assert faults_of(person, store, (*SHOWN, *OF_ACCOUNT), axe) == {}


def test_nor_on_what_an_owner_sees(store: Store, learner: Visitor, axe: str) -> None:
    assert faults_of(learner, store, (COURSE, *OF_ACCOUNT, *WITHOUT_SCRIPT), axe) == {}


def test_nor_on_the_player(store: Store, learner: Visitor, axe: str) -> None:
    for page in (PREVIEW, PAID, FILES):
        opened(learner, store.url + page)
        assert faults(learner, axe) == [], page
    learner.key("?")
    reads(learner, "Keys of the player")
    assert faults(learner, axe) == []


def test_nor_on_the_way_through_the_checkout(store: Store, person: Visitor, axe: str) -> None:
    person.open(f"{store.url}{COURSE}")
    begin_to_buy(person, "course", email="axe@example.com")
    assert faults(person, axe) == []
    press(person, "Pay $49")
    reads(person, "It is in your library")
    assert faults(person, axe) == []


def test_nor_on_a_form_that_came_back(store: Store, person: Visitor, axe: str) -> None:
    person.allow_scripts(False)
    person.open(f"{store.url}{COURSE}")
    type_in(person, "code", "WELCOME52")
    type_in(person, "email", "axe@example.com")
    press(person, "Buy this course")
    reads(person, "The code WELCOME52 is unknown or no longer valid.")
    person.allow_scripts(True)  # it is axe that needs it
    assert faults(person, axe) == []
