"""What a learner does at a lecture's page: plays, seeks, waits for a second; and what can be seen of the page. Checks nothing."""

import time
from collections.abc import Callable
from typing import Any

from tests.browser.person import text
from tests.browser.visits import Visitor

COURSE = "/courses/first-thursday/"
PREVIEW, NEXT, PAID, AFTER, LAST, FILES = (
    f"{COURSE}{slug}/"
    for slug in (
        "a-backup-is-a-rumour",
        "why-cp-is-not-enough",
        "three-two-one",
        "a-key-in-a-drawer",
        "soup",
        "an-empty-machine",
    )
)
FREE = "/courses/first-week-of-nights/light/"
CLOSE_SECONDS = 0.6
VIDEO = "document.querySelector('video')"
WORDS = "document.querySelector('.transcript')"
SAID = f"{WORDS}.querySelector('[data-words] [aria-current]')?.innerText ?? ''"
UNSENT = "Object.keys(localStorage).filter(name => name.startsWith('longwave.unsent.')).length"
WAIT_SECONDS = 20
# Every text that can be seen, with the contrast to what it stands on; pictures and films are no ground to be measured.
CONTRASTS = """(() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const numbers = (colour) => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const ground = (element) => {
    for (let one = element; one; one = one.parentElement) {
      if (getComputedStyle(one).backgroundImage !== "none") return null;
      const colour = numbers(getComputedStyle(one).backgroundColor);
      if (colour[3] === 255) return colour;
    }
    return [255, 255, 255, 255];
  };
  const found = [];
  const texts = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || !element.checkVisibility() || element.closest(".hidden, .stage, noscript")) continue;
    const below = ground(element);
    if (!below) continue;
    const [one, other] = [light(numbers(getComputedStyle(element).color)), light(below)].sort((a, b) => b - a);
    found.push([texts.currentNode.data.trim().slice(0, 40), Math.round((one + 0.05) / (other + 0.05) * 100) / 100]);
  }
  return found;
})()"""


def opened(person: Visitor, url: str) -> None:
    person.open(url)
    is_ready(person)


def is_ready(person: Visitor) -> None:
    """The video is there, at the second where it is to begin."""
    until(person, f"{VIDEO}.readyState >= 2 && !{VIDEO}.seeking", "the video is ready")


def second(person: Visitor) -> float:
    return float(person.evaluate(f"{VIDEO}.currentTime"))


def play(person: Visitor, *, to: float) -> None:
    """Plays until a second has been passed, and pauses."""
    person.evaluate(f"{VIDEO}.play()")
    until(person, f"{VIDEO}.currentTime >= {to}", f"it plays to {to}")
    person.evaluate(f"{VIDEO}.pause()")
    until(person, f"{VIDEO}.paused", "it is paused")


def seek(person: Visitor, to: float) -> None:
    person.evaluate(f"{VIDEO}.currentTime = {to}")
    until(person, f"!{VIDEO}.seeking", "it has got there")


def until(person: Visitor, holds: str, wanted: str = "") -> None:
    """Waits until an expression of the page is true."""
    eventually(lambda: bool(person.evaluate(holds)), lambda: f"not so: {wanted or holds}\n{text(person)}")


def eventually(happened: Callable[[], bool], complaint: Callable[[], str] = lambda: "it did not happen") -> None:
    end = time.monotonic() + WAIT_SECONDS
    while not happened():
        assert time.monotonic() < end, complaint()
        time.sleep(0.1)


def is_told(person: Visitor) -> None:
    """The service has confirmed all that there was to tell."""
    until(person, f"{UNSENT} === 0", "the service knows all")


def unnamed(person: Visitor) -> list[Any]:
    """The things one can act on to which a screen reader gives no name."""
    acting = {"button", "link", "textbox", "combobox", "checkbox", "MenuListPopup"}
    found = [node for node in person.accessible() if node["role"]["value"] in acting - {"MenuListPopup"}]
    return [node for node in found if not node.get("name", {}).get("value")]
