"""A learner watches at a real browser, goes on elsewhere, loses link, network or service; strangers see what is theirs."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser import watching
from tests.browser.person import at, press, reads, text, type_in
from tests.browser.store import Store, at_a_browser, buy_as_guest, running, sign_in
from tests.browser.visits import Visitor
from tests.browser.watching import CONTRASTS, SAID, UNSENT, VIDEO, WORDS, is_ready, is_told, play, second, seek, until

Cookies = list[dict[str, Any]]
COURSE = "/courses/first-thursday/"
PREVIEW, PAID, AFTER, LAST = (
    f"{COURSE}{slug}/" for slug in ("a-backup-is-a-rumour", "three-two-one", "a-key-in-a-drawer", "soup")
)
FILES, FREE = f"{COURSE}an-empty-machine/", "/courses/first-week-of-nights/light/"
CLOSE_SECONDS = 0.6
SMALL = 320
CONTRAST_MIN = 4.5  # WCAG 2.2, 1.4.3


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with running(tmp_path_factory.mktemp("watching")) as opened:
        yield opened


@pytest.fixture(scope="module")
def owner(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Cookies:
    """The cookies of somebody who has bought the course."""
    return signed_in(store, tmp_path_factory, "owner@example.com", buys=True)


@pytest.fixture(scope="module")
def visitor_without(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Cookies:
    """The cookies of somebody who has an account and nothing in it."""
    return signed_in(store, tmp_path_factory, "empty@example.com", buys=False)


def signed_in(store: Store, folders: pytest.TempPathFactory, email: str, *, buys: bool) -> Cookies:
    cookies: Cookies = []
    for browser in at_a_browser(folders.mktemp("account") / "browser"):
        if buys:
            buy_as_guest(browser, store, email)
        sign_in(browser, store, email)
        cookies = browser.cookies()
    return cookies


@pytest.fixture
def person(tmp_path: Path) -> Iterator[Visitor]:
    yield from at_a_browser(tmp_path / "first")


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Visitor]:
    """The same person at another browser, that shares nothing with the first."""
    yield from at_a_browser(tmp_path / "second")


@pytest.fixture
def learner(store: Store, owner: Cookies, person: Visitor) -> Visitor:
    person.take_cookies(owner)
    return person


def opened(person: Visitor, url: str) -> None:
    person.open(url)
    is_ready(person)


# Watching


def test_a_lecture_goes_on_in_another_browser_at_the_same_second(
    store: Store, owner: Cookies, learner: Visitor, elsewhere: Visitor
) -> None:
    opened(learner, store.url + PAID)
    seek(learner, 11)
    play(learner, to=12)
    left = second(learner)
    is_told(learner)
    elsewhere.take_cookies(owner)
    opened(elsewhere, store.url + PAID)
    reads(elsewhere, "Goes on at 0:12, where you were.")
    assert second(elsewhere) == pytest.approx(left, abs=CLOSE_SECONDS)
    assert elsewhere.evaluate(f"{VIDEO}.paused") is True


def test_whoever_closes_the_page_while_it_plays_loses_nothing(
    store: Store, owner: Cookies, learner: Visitor, elsewhere: Visitor
) -> None:
    opened(learner, store.url + AFTER)
    seek(learner, 5)
    learner.evaluate(f"{VIDEO}.play()")
    until(learner, f"{VIDEO}.currentTime > 6", "it plays")
    learner.open("about:blank")
    elsewhere.take_cookies(owner)
    opened(elsewhere, store.url + AFTER)
    assert second(elsewhere) == pytest.approx(6, abs=2 * CLOSE_SECONDS)


def test_the_end_ticks_the_lecture_and_the_next_begins_by_itself(store: Store, learner: Visitor) -> None:
    opened(learner, store.url + PREVIEW)
    seek(learner, 43)
    learner.evaluate(f"{VIDEO}.play()")
    reads(learner, "The next lecture begins in 5 seconds: Why copying the file is not enough.")
    assert learner.evaluate("document.querySelector('[data-row=lec_rumour]').innerText.includes('done')")
    reads(learner, "10\u202f% done")
    at(learner, f"{COURSE}why-cp-is-not-enough/")
    until(learner, f"{VIDEO} && {VIDEO}.currentTime > 0.5 && !{VIDEO}.paused", "the next one plays")


def test_going_on_by_itself_can_be_stopped_and_switched_off_for_good(store: Store, learner: Visitor) -> None:
    opened(learner, store.url + PREVIEW)
    seek(learner, 43)
    learner.evaluate(f"{VIDEO}.play()")
    press(learner, "Stay here")
    assert learner.evaluate("document.querySelector('[data-next]').hidden") is True
    learner.evaluate("document.querySelector('[data-onward]').click()")
    opened(learner, store.url + PREVIEW)
    assert learner.evaluate("document.querySelector('[data-onward]').checked") is False
    seek(learner, 43)
    learner.evaluate(f"{VIDEO}.play()")
    until(learner, f"{VIDEO}.ended", "it is at its end")
    assert learner.evaluate("document.querySelector('[data-next]').hidden") is True


def test_a_lecture_is_marked_by_hand_and_taken_back(store: Store, learner: Visitor) -> None:
    for url, label in ((LAST, "Watched"), (f"{COURSE}the-log-and-the-file/", "Watched")):
        opened(learner, store.url + url)
        press(learner, label)
        is_told(learner)
        opened(learner, store.url + url)
        assert learner.evaluate("document.querySelector('[data-done]').ariaPressed") == "true"
        press(learner, label)
        is_told(learner)
        opened(learner, store.url + url)
        assert learner.evaluate("document.querySelector('[data-done]').ariaPressed") == "false"


def test_the_course_and_the_library_say_how_far_one_is_and_lead_on(store: Store, learner: Visitor) -> None:
    opened(learner, store.url + PREVIEW)
    if learner.evaluate("document.querySelector('[data-done]').ariaPressed") == "false":
        press(learner, "Watched")
    is_told(learner)
    learner.open(store.url + COURSE)
    reads(learner, "% done")
    reads(learner, "Go on with ")
    learner.open(f"{store.url}/account/library/")
    reads(learner, "% done")
    press(learner, "Go on")
    until(learner, "document.querySelector('video') !== null", "that is a lecture")


# Words and captions


def test_the_words_follow_the_video_until_they_are_scrolled_and_lead_to_each_moment(
    store: Store, learner: Visitor
) -> None:
    learner.screen(1280, 600)
    opened(learner, store.url + PREVIEW)
    seek(learner, 6)
    until(learner, f"({SAID}).includes('Green')", "the words of the sixth second are marked")
    seek(learner, 36)
    until(learner, f"{WORDS}.scrollTop > 0", "the words have followed")
    learner.evaluate(f"{WORDS}.scrollTop = 0")
    until(learner, "!document.querySelector('[data-follow]').hidden", "they have stopped to follow")
    seek(learner, 40)
    assert learner.evaluate(f"{WORDS}.scrollTop") == 0
    press(learner, "Follow the video again")
    until(learner, f"{WORDS}.scrollTop > 0", "they follow again")
    press(learner, "0:13")
    until(learner, f"{VIDEO}.currentTime >= 13 && {VIDEO}.currentTime < 16", "it plays from there")
    assert learner.evaluate("scrollY") == 0


def test_captions_and_words_come_in_the_chosen_language_and_stay_so(store: Store, learner: Visitor) -> None:
    opened(learner, store.url + PREVIEW)
    learner.evaluate(
        "(s => { s.value = 'de'; s.dispatchEvent(new Event('change')) })(document.querySelector('[data-captions]'))"
    )
    seek(learner, 8)
    until(
        learner,
        f"[...{VIDEO}.textTracks].find(t => t.language === 'de').activeCues?.[0]?.text.includes('Grün')",
        "captions",
    )
    reads(learner, "Grün heißt, dass ein Programm gelaufen ist.")
    assert "Green says that a program ran." not in text(learner)
    opened(learner, store.url + f"{COURSE}why-cp-is-not-enough/")
    until(
        learner,
        f"[...{VIDEO}.textTracks].some(t => t.language === 'de' && t.mode === 'showing')",
        "the language is kept",
    )


def test_the_captions_chosen_in_the_videos_own_menu_count_too(store: Store, learner: Visitor) -> None:
    opened(learner, store.url + PREVIEW)
    learner.evaluate(f"[...{VIDEO}.textTracks].find(t => t.language === 'de').mode = 'showing'")
    until(learner, "document.querySelector('[data-captions]').value === 'de'", "the choice beside the video follows")
    reads(learner, "Grün heißt")


# Keys


def test_the_player_obeys_its_keys(store: Store, learner: Visitor) -> None:
    opened(learner, store.url + PREVIEW)
    learner.key("2")
    until(learner, f"Math.abs({VIDEO}.currentTime - {VIDEO}.duration / 5) < 0.5", "a fifth of it")
    there = second(learner)
    for key, by in (("ArrowRight", 30), ("ArrowLeft", -10), ("l", 30), ("j", -10)):
        before = second(learner)
        learner.key(key)
        until(learner, f"!{VIDEO}.seeking", "it has got there")
        assert second(learner) == pytest.approx(min(before + by, learner.evaluate(f"{VIDEO}.duration")), abs=0.5)
    assert there < second(learner)
    learner.key("0")
    learner.key(" ")
    until(learner, f"!{VIDEO}.paused", "it plays")
    learner.key("k")
    until(learner, f"{VIDEO}.paused", "it is paused")
    learner.key(">")
    assert learner.evaluate(f"{VIDEO}.playbackRate") == 1.25
    learner.key("m")
    assert learner.evaluate(f"{VIDEO}.muted") is True
    learner.key("c")
    reads(learner, "Captions: English.")
    learner.key("n")
    at(learner, f"{COURSE}why-cp-is-not-enough/")
    until(learner, f"{VIDEO}.playbackRate === 1.25", "the speed is kept")


def test_a_sheet_explains_the_keys_and_switches_them_off(store: Store, learner: Visitor) -> None:
    opened(learner, store.url + PREVIEW)
    learner.key("?")
    reads(learner, "Keys of the player")
    learner.evaluate("document.querySelector('[data-use-keys]').click()")
    learner.key("Escape")
    until(learner, "!document.querySelector('dialog').open", "the sheet is closed")
    seek(learner, 20)
    learner.key("j")
    assert second(learner) == pytest.approx(20, abs=0.1)
    learner.evaluate("document.querySelector('[data-help]').click()")
    reads(learner, "Keys of the player")


def test_keys_type_where_one_types(store: Store, learner: Visitor) -> None:
    opened(learner, store.url + PREVIEW)
    seek(learner, 20)
    learner.evaluate("document.querySelector('[name=text]').focus()")
    for key in "jk2":
        learner.key(key)
    assert learner.evaluate("document.querySelector('[name=text]').value") == "jk2"
    assert (second(learner), learner.evaluate(f"{VIDEO}.paused")) == (pytest.approx(20, abs=0.1), True)


# Notes and files


def test_a_note_is_kept_with_its_moment_on_every_device(
    store: Store, owner: Cookies, learner: Visitor, elsewhere: Visitor
) -> None:
    opened(learner, store.url + PAID)
    seek(learner, 8)
    type_in(learner, "text", "Ask <Mara> about the third copy")
    press(learner, "Keep it")
    reads(learner, "0:08 Ask <Mara> about the third copy")
    is_told(learner)
    elsewhere.take_cookies(owner)
    opened(elsewhere, store.url + PAID)
    reads(elsewhere, "0:08 Ask <Mara> about the third copy")
    press(elsewhere, "0:08", within="[data-notes]")
    until(elsewhere, f"{VIDEO}.currentTime >= 8", "it plays from the note's moment")
    press(elsewhere, "Remove")
    is_told(elsewhere)
    opened(learner, store.url + PAID)
    until(learner, "document.querySelector('[data-note-list]').innerText === ''", "it is gone everywhere")


def test_a_note_without_a_network_is_kept_and_sent_later(store: Store, learner: Visitor) -> None:
    opened(learner, store.url + AFTER)
    learner.unplug()
    type_in(learner, "text", "In the tunnel")
    press(learner, "Keep it")
    reads(learner, "It is kept in this browser and sent later.")
    learner.unplug(False)
    is_told(learner)
    opened(learner, store.url + AFTER)
    reads(learner, "In the tunnel")


def test_the_files_of_a_lecture_can_be_had_by_its_owner(store: Store, learner: Visitor) -> None:
    opened(learner, store.url + FILES)
    read = "fetch(document.querySelector('.files a').href).then(answer => answer.status)"
    assert learner.evaluate(read) == 200


# Who may watch


def test_a_stranger_watches_a_preview_and_nothing_is_asked_before(store: Store, person: Visitor) -> None:
    person.open(store.url + PREVIEW)
    assert person.asked("/api/") == []
    press(person, "Play")
    until(person, f"{VIDEO}.currentTime > 0.5", "it plays")
    person.evaluate(f"{VIDEO}.pause()")
    assert person.evaluate("document.querySelector('[data-notes]').hidden") is True


def test_what_a_stranger_watched_is_the_accounts_after_signing_in(
    store: Store, visitor_without: Cookies, person: Visitor, elsewhere: Visitor
) -> None:
    person.open(store.url + PREVIEW)
    press(person, "Play")
    until(person, f"{VIDEO}.currentTime > 0.5", "it plays")
    seek(person, 21)
    play(person, to=22)
    person.take_cookies(visitor_without)
    opened(person, store.url + PREVIEW)
    is_told(person)
    elsewhere.take_cookies(visitor_without)
    opened(elsewhere, store.url + PREVIEW)
    assert second(elsewhere) == pytest.approx(22, abs=2 * CLOSE_SECONDS)


def test_a_paid_lecture_tells_a_stranger_how_to_get_it(store: Store, person: Visitor) -> None:
    person.open(store.url + PAID)
    reads(person, "For those who have the course")
    assert person.evaluate("document.querySelector('[data-case=stranger] a.button').hash") == "#site:buy"
    assert person.asked("/api/") == []


def test_a_paid_lecture_tells_who_has_not_bought_it_so(store: Store, visitor_without: Cookies, person: Visitor) -> None:
    person.take_cookies(visitor_without)
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


# Bad luck


def test_a_link_that_has_ended_is_renewed_at_the_same_second(store: Store, learner: Visitor) -> None:
    opened(learner, store.url + PAID)
    seek(learner, 14)
    play(learner, to=15)
    there, old = second(learner), learner.evaluate(f"{VIDEO}.src")
    learner.evaluate(f"{VIDEO}.src = {VIDEO}.src.replace(/expires=\\d+/, 'expires=1700000000')")
    until(
        learner, f"{VIDEO}.src !== {old!r} && {VIDEO}.src.includes('expires=1') && {VIDEO}.readyState > 1", "a new link"
    )
    until(learner, f"Math.abs({VIDEO}.currentTime - {there}) < {CLOSE_SECONDS}", "the same second")


def test_without_a_network_it_says_so_and_goes_on_by_itself(store: Store, learner: Visitor) -> None:
    opened(learner, store.url + PAID)
    seek(learner, 9)
    play(learner, to=10)
    learner.unplug()
    learner.evaluate(f"{VIDEO}.src = {VIDEO}.src + '&again'")
    reads(learner, "There is no connection.")
    learner.unplug(False)
    until(learner, f"{VIDEO}.readyState > 1 && Math.abs({VIDEO}.currentTime - 10) < 1", "it is back where it was")


def test_what_is_watched_without_a_network_is_told_later(
    store: Store, owner: Cookies, learner: Visitor, elsewhere: Visitor
) -> None:
    opened(learner, store.url + AFTER)
    learner.unplug()
    seek(learner, 3)
    play(learner, to=4)
    assert learner.evaluate(UNSENT) == 1
    learner.unplug(False)
    is_told(learner)
    elsewhere.take_cookies(owner)
    opened(elsewhere, store.url + AFTER)
    assert second(elsewhere) == pytest.approx(4, abs=CLOSE_SECONDS)


# For everybody


@pytest.mark.parametrize("url", [PREVIEW, PAID, FILES])
def test_the_player_fits_a_small_screen(store: Store, learner: Visitor, url: str) -> None:
    learner.resize(SMALL)
    opened(learner, store.url + url)
    assert learner.evaluate("document.documentElement.scrollWidth") <= SMALL
    assert learner.evaluate(f"{VIDEO}.getBoundingClientRect().width") > SMALL / 2


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_that_is_written_can_be_told_from_its_ground(store: Store, learner: Visitor, scheme: str) -> None:
    learner.screen(1280, 900, scheme=scheme)
    opened(learner, store.url + PREVIEW)
    press(learner, "Watched")
    measured = learner.evaluate(CONTRASTS)
    assert len(measured) > 30
    assert [found for found in measured if found[1] < CONTRAST_MIN] == []


def test_a_screen_reader_has_a_name_for_everything_one_can_act_on(store: Store, learner: Visitor) -> None:
    opened(learner, store.url + FILES)
    assert watching.unnamed(learner) == []
    learner.key("?")
    reads(learner, "Keys of the player")
    assert watching.unnamed(learner) == []


def test_the_order_of_focus_is_that_of_the_page(store: Store, learner: Visitor) -> None:
    learner.screen(1280, 900)
    opened(learner, store.url + PREVIEW)
    learner.evaluate(f"{VIDEO}.focus()")
    places = (
        "document.activeElement.closest('.screen, .controls, .onward, .transcript, .own-notes, .contents')?.className"
    )
    order: list[str] = []
    for _ in range(60):
        place = learner.evaluate(places)
        if place and place not in order:
            order.append(place)
        learner.key("Tab")
    assert order == ["screen", "controls", "onward", "transcript", "own-notes", "contents"]
