"""An episode goes on where its listener was: in this browser for strangers, everywhere for who is signed in; never by itself."""

import pytest

from tests.browser.person import press, reads
from tests.browser.store import Cookies, Store, cookies_of
from tests.browser.visits import Visitor
from tests.browser.watching import UNSENT, is_told, until

EPISODE, OTHER_EPISODE = "/episodes/4/tide-tables/", "/episodes/5/fifty-hertz/"
AUDIO = "document.querySelector('audio')"
PLACE = f"{AUDIO}.currentTime"
MOVED_SECONDS = 1.5


@pytest.fixture(scope="module")
def listener(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Cookies:
    """Of somebody who has signed in."""
    return cookies_of(store, tmp_path_factory.mktemp("listener"), "listener@example.com", buys=False)


def listen(person: Visitor, *, at: int) -> None:
    """Plays for a moment from there, and pauses."""
    person.evaluate(f"{AUDIO}.play()")
    person.evaluate(f"{PLACE} = {at}")
    until(person, f"{PLACE} > {at + 0.5} && !{AUDIO}.seeking")
    person.evaluate(f"{AUDIO}.pause()")
    until(person, f"{AUDIO}.paused")


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
    assert person.evaluate(f"{AUDIO}.paused") is True
    person.evaluate(f"{AUDIO}.play()")
    until(person, f"{PLACE} > 3")
    assert person.evaluate(PLACE) < 3 + 2 * MOVED_SECONDS


def test_who_is_signed_in_goes_on_in_another_browser(
    store: Store, listener: Cookies, person: Visitor, elsewhere: Visitor
) -> None:
    person.take_cookies(listener)
    person.open(store.url + EPISODE)
    listen(person, at=15)
    is_told(person)
    elsewhere.take_cookies(listener)
    elsewhere.open(store.url + EPISODE)
    reads(elsewhere, "Goes on at 0:15.")
    assert elsewhere.evaluate(f"{AUDIO}.paused") is True


def test_what_was_heard_before_signing_in_is_the_accounts_afterwards(
    store: Store, listener: Cookies, person: Visitor, elsewhere: Visitor
) -> None:
    person.open(store.url + OTHER_EPISODE)
    listen(person, at=9)
    person.take_cookies(listener)
    person.open(store.url + EPISODE)  # any page with a player
    is_told(person)
    elsewhere.take_cookies(listener)
    elsewhere.open(store.url + OTHER_EPISODE)
    reads(elsewhere, "Goes on at 0:09.")


def test_what_is_heard_without_a_network_is_told_later(store: Store, listener: Cookies, person: Visitor) -> None:
    person.take_cookies(listener)
    person.open(store.url + EPISODE)
    person.evaluate(f"{AUDIO}.play()")
    until(person, f"{AUDIO}.buffered.length > 0")
    person.unplug()
    listen(person, at=6)
    assert person.evaluate(UNSENT) == 1
    person.unplug(False)
    is_told(person)


def test_a_page_that_only_lies_open_tells_nothing(store: Store, listener: Cookies, person: Visitor) -> None:
    person.take_cookies(listener)
    person.open(store.url + EPISODE)
    person.evaluate("document.dispatchEvent(new Event('visibilitychange')), dispatchEvent(new Event('pagehide'))")
    assert person.evaluate(UNSENT) == 0
    assert person.asked("/api/v1/changes") == []


def test_the_next_one_at_this_browser_finds_nothing_of_it(store: Store, listener: Cookies, person: Visitor) -> None:
    person.take_cookies(listener)
    person.open(store.url + EPISODE)
    listen(person, at=12)
    is_told(person)
    person.evaluate("document.cookie = '__Host-signed-in=; Max-Age=0; Path=/; Secure'")
    visit = person.open(store.url + EPISODE)
    assert "Goes on" not in visit.text
    assert person.evaluate("localStorage.length") == 0
