"""An episode goes on where its listener was: in this browser for strangers, everywhere for who is signed in; never by itself."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.person import press, reads, text
from tests.browser.store import Store, at_a_browser, running, sign_in
from tests.browser.visits import Visitor

EPISODE, OTHER_EPISODE = "/episodes/4/tide-tables/", "/episodes/5/fifty-hertz/"
AUDIO = "document.querySelector('audio')"
PLACE = f"{AUDIO}.currentTime"
MOVED_SECONDS = 1.5


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with running(tmp_path_factory.mktemp("listening")) as opened:
        yield opened


@pytest.fixture(scope="module")
def signed_in(store: Store, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """The cookies of somebody who has signed in."""
    cookies = []
    for browser in at_a_browser(tmp_path_factory.mktemp("first") / "browser"):
        sign_in(browser, store, "listener@example.com")
        cookies = browser.cookies()
    return cookies


@pytest.fixture
def person(tmp_path: Path) -> Iterator[Visitor]:
    yield from at_a_browser(tmp_path / "first")


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Visitor]:
    yield from at_a_browser(tmp_path / "second")


def listen(person: Visitor, *, at: int) -> None:
    """Plays for a moment from there, and pauses."""
    person.evaluate(f"{AUDIO}.play()")
    person.evaluate(f"{PLACE} = {at}")
    until(person, f"{PLACE} > {at + 0.5} && !{AUDIO}.seeking")
    person.evaluate(f"{AUDIO}.pause()")
    until(person, f"{AUDIO}.paused")


def until(person: Visitor, holds: str) -> None:
    end = time.monotonic() + 15
    while not person.evaluate(holds):
        assert time.monotonic() < end, f"not: {holds}\n{text(person)}"
        time.sleep(0.1)


def kept(person: Visitor) -> bool:
    """Whether the service has confirmed all there was to tell."""
    return not person.evaluate("Object.keys(localStorage).some(name => name.startsWith('longwave.unsent.'))")


def until_kept(person: Visitor) -> None:
    end = time.monotonic() + 15
    while not kept(person):
        assert time.monotonic() < end
        time.sleep(0.1)


def test_a_stranger_goes_on_where_they_were_and_the_service_is_never_asked(store: Store, person: Visitor) -> None:
    person.open(store.url + EPISODE)
    listen(person, at=12)
    person.open(store.url + EPISODE)
    reads(person, "Goes on at 0:12.")
    assert person.evaluate(f"{AUDIO}.paused") is True
    person.evaluate(f"{AUDIO}.play()")
    until(person, f"{PLACE} > 12")
    assert person.evaluate(PLACE) < 12 + 2 * MOVED_SECONDS
    assert person.asked("/api/") == []


def test_who_would_rather_begin_at_the_start_says_so(store: Store, person: Visitor) -> None:
    person.open(store.url + EPISODE)
    listen(person, at=12)
    person.open(store.url + EPISODE)
    press(person, "From the start")
    person.evaluate(f"{AUDIO}.play()")
    until(person, f"{PLACE} > 0.2")
    assert person.evaluate(PLACE) < MOVED_SECONDS


def test_a_link_to_a_moment_is_stronger_than_where_one_was(store: Store, person: Visitor) -> None:
    person.open(store.url + EPISODE)
    listen(person, at=12)
    person.open("about:blank")
    person.open(store.url + EPISODE + "#t=3")
    person.evaluate(f"{AUDIO}.play()")
    until(person, f"{PLACE} > 3")
    assert person.evaluate(PLACE) < 3 + 2 * MOVED_SECONDS


def test_who_is_signed_in_goes_on_in_another_browser(
    store: Store, signed_in: list[dict[str, Any]], person: Visitor, elsewhere: Visitor
) -> None:
    person.take_cookies(signed_in)
    person.open(store.url + EPISODE)
    listen(person, at=15)
    until_kept(person)
    elsewhere.take_cookies(signed_in)
    elsewhere.open(store.url + EPISODE)
    reads(elsewhere, "Goes on at 0:15.")
    assert elsewhere.evaluate(f"{AUDIO}.paused") is True


def test_what_was_heard_before_signing_in_is_the_accounts_afterwards(
    store: Store, signed_in: list[dict[str, Any]], person: Visitor, elsewhere: Visitor
) -> None:
    person.open(store.url + OTHER_EPISODE)
    listen(person, at=9)
    person.take_cookies(signed_in)
    person.open(store.url + EPISODE)  # any page with a player
    until_kept(person)
    elsewhere.take_cookies(signed_in)
    elsewhere.open(store.url + OTHER_EPISODE)
    reads(elsewhere, "Goes on at 0:09.")


def test_what_is_heard_without_a_network_is_told_later(
    store: Store, signed_in: list[dict[str, Any]], person: Visitor
) -> None:
    person.take_cookies(signed_in)
    person.open(store.url + EPISODE)
    person.evaluate(f"{AUDIO}.play()")
    until(person, f"{AUDIO}.buffered.length > 0")
    person.unplug()
    listen(person, at=6)
    assert not kept(person)
    person.unplug(False)
    until_kept(person)


def test_a_page_that_only_lies_open_tells_nothing(
    store: Store, signed_in: list[dict[str, Any]], person: Visitor
) -> None:
    person.take_cookies(signed_in)
    person.open(store.url + EPISODE)
    person.evaluate("document.dispatchEvent(new Event('visibilitychange')), dispatchEvent(new Event('pagehide'))")
    assert kept(person)
    assert person.asked("/api/v1/changes") == []


def test_the_next_one_at_this_browser_finds_nothing_of_it(
    store: Store, signed_in: list[dict[str, Any]], person: Visitor
) -> None:
    person.take_cookies(signed_in)
    person.open(store.url + EPISODE)
    listen(person, at=12)
    until_kept(person)
    person.evaluate("document.cookie = '__Host-signed-in=; Max-Age=0; Path=/; Secure'")
    visit = person.open(store.url + EPISODE)
    assert "Goes on" not in visit.text
    assert person.evaluate("localStorage.length") == 0
