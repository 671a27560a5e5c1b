"""Previews and free courses are for everybody; the rest says, to each as it is, who may watch it and how to become one of them."""

import pytest

from tests.browser.person import press, reads
from tests.browser.store import Cookies, Store
from tests.browser.visits import Visitor
from tests.browser.watching import CLOSE_SECONDS, FREE, PAID, PREVIEW, VIDEO, is_told, opened, play, second, seek, until


def test_a_stranger_watches_a_preview_and_nothing_is_asked_before(store: Store, person: Visitor) -> None:
    person.open(store.url + PREVIEW)
    assert person.asked("/api/") == []
    press(person, "Play")
    until(person, f"{VIDEO}.currentTime > 0.5", "it plays")
    person.evaluate(f"{VIDEO}.pause()")
    assert person.evaluate("document.querySelector('[data-notes]').hidden") is True


def test_what_a_stranger_watched_is_the_accounts_after_signing_in(
    store: Store, newcomer: Cookies, person: Visitor, elsewhere: Visitor
) -> None:
    person.open(store.url + PREVIEW)
    press(person, "Play")
    until(person, f"{VIDEO}.currentTime > 0.5", "it plays")
    seek(person, 21)
    play(person, to=22)
    person.take_cookies(newcomer)
    opened(person, store.url + PREVIEW)
    is_told(person)
    elsewhere.take_cookies(newcomer)
    opened(elsewhere, store.url + PREVIEW)
    assert second(elsewhere) == pytest.approx(22, abs=2 * CLOSE_SECONDS)


def test_a_paid_lecture_tells_a_stranger_how_to_get_it(store: Store, person: Visitor) -> None:
    person.open(store.url + PAID)
    reads(person, "For those who have the course")
    assert person.evaluate("document.querySelector('[data-case=stranger] a.button').hash") == "#site:buy"
    assert person.asked("/api/") == []


def test_a_paid_lecture_tells_who_has_not_bought_it_so(store: Store, newcomer: Cookies, person: Visitor) -> None:
    person.take_cookies(newcomer)
    person.open(store.url + PAID)
    reads(person, "Not in your library")
    reads(person, "Paid under another address?")
    assert person.evaluate(f"{VIDEO}.hasAttribute('src')") is False


def test_a_free_course_is_free_to_watch(store: Store, person: Visitor) -> None:
    person.open(store.url + FREE)
    press(person, "Play")
    until(person, f"{VIDEO}.currentTime > 0.5", "it plays")


def test_without_script_the_words_are_there_and_what_the_video_needs_is_said(store: Store, person: Visitor) -> None:
    person.allow_scripts(False)
    person.open(store.url + PREVIEW)
    reads(person, "To play the video, the browser must be allowed to run the scripts of this site.")
    reads(person, "Green says that a program ran.")
