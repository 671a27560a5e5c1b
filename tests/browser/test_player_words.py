"""The words beside the video, its captions, its keys: in the language, at the pace and by the keys that a learner likes."""

import pytest

from tests.browser.person import at, press, reads, text
from tests.browser.store import Store
from tests.browser.visits import Visitor
from tests.browser.watching import NEXT, PREVIEW, SAID, VIDEO, WORDS, opened, second, seek, until


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
    opened(learner, store.url + NEXT)
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
    at(learner, NEXT)
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
