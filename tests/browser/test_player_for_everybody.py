"""The player fits small screens, can be read in light and dark, and is whole for keyboards and screen readers."""

import pytest

from tests.browser.person import press, reads
from tests.browser.store import Store
from tests.browser.visits import Visitor
from tests.browser.watching import CONTRASTS, FILES, PAID, PREVIEW, VIDEO, opened, unnamed

SMALL = 320
CONTRAST_MIN = 4.5  # WCAG 2.2, 1.4.3


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
    assert unnamed(learner) == []
    learner.key("?")
    reads(learner, "Keys of the player")
    assert unnamed(learner) == []


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
