"""A learner watches, goes on elsewhere at the same second, loses link or network and nothing else, and finishes."""

import datetime as dt

import pytest

from api.gateways.media_links import VIDEOS, NginxSigner, Period
from api.secret_files import SANDBOX_LINKS
from tests.browser.person import at, press, reads
from tests.browser.store import Cookies, Store
from tests.browser.visits import Visitor
from tests.browser.watching import (
    AFTER,
    CLOSE_SECONDS,
    COURSE,
    LAST,
    NEXT,
    PAID,
    PREVIEW,
    UNSENT,
    VIDEO,
    is_told,
    opened,
    play,
    second,
    seek,
    until,
)

PAID_FILE = "first-thursday/02-01-three-two-one.mp4"
GONE = 410
LOADED_SECONDS = 5  # that a slow machine may have played before we look


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
    at(learner, NEXT)
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


def ended_link() -> str:
    """Signed as the store signs, an hour ago, for an hour less a minute."""
    now = dt.datetime.now(dt.UTC)
    period = Period(now - dt.timedelta(hours=1), now - dt.timedelta(minutes=1))
    return NginxSigner(VIDEOS, secret=SANDBOX_LINKS).link(PAID_FILE, account="acc_any", period=period)


def test_a_link_that_has_ended_is_renewed_and_the_video_plays_on_at_the_same_second(
    store: Store, learner: Visitor
) -> None:
    opened(learner, store.url + PAID)
    seek(learner, 14)
    learner.evaluate(f"{VIDEO}.play()")
    until(learner, f"{VIDEO}.currentTime > 15")
    there, ended = second(learner), ended_link()
    assert learner.evaluate(f"fetch({ended!r}).then(answer => answer.status)") == GONE
    learner.evaluate(f"{VIDEO}.src = {ended!r}, {VIDEO}.play().catch(() => 0)")
    until(learner, f"{VIDEO}.readyState > 1 && !{VIDEO}.src.includes('acc_any')", "there is a new link")
    until(learner, f"{VIDEO}.currentTime > {there + 0.5} && !{VIDEO}.paused", "it plays on")
    assert second(learner) < there + LOADED_SECONDS


def test_a_link_in_hand_outlives_a_service_that_is_away(store: Store, learner: Visitor) -> None:
    opened(learner, store.url + PAID)
    learner.cut_off("*/api/*")
    opened(learner, store.url + PAID)
    play(learner, to=second(learner) + 1)
    assert learner.evaluate(UNSENT) == 1
    learner.cut_off()
    opened(learner, store.url + PAID)
    is_told(learner)


def test_without_the_service_it_says_so_and_can_be_tried_again(store: Store, learner: Visitor) -> None:
    learner.cut_off("*/api/*")
    learner.open(store.url + PAID)
    reads(learner, "The server cannot be reached.")
    learner.cut_off()
    press(learner, "Try again")
    until(learner, f"{VIDEO}.currentTime > 0 && !{VIDEO}.paused", "it plays")
    learner.evaluate(f"{VIDEO}.pause()")


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
