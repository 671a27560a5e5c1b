"""What a person does at a page: presses what it says, types, and waits until something is shown. Knows no page of ours."""

import time
from collections.abc import Callable
from contextlib import suppress

from tests.browser.devtools import RefusedError
from tests.browser.visits import Visitor

WAIT_SECONDS = 30
LOOK_SECONDS = 0.1


def text(person: Visitor) -> str:
    return str(person.evaluate("document.body.innerText"))


def reads(person: Visitor, wanted: str) -> None:
    """Waits until the page shows it."""
    _until(person, lambda: wanted in text(person), f"shows {wanted!r}")


def at(person: Visitor, path: str) -> None:
    """Waits until the address has this path, with what stands behind '#'."""
    _until(person, lambda: person.evaluate("location.pathname + location.hash") == path, f"is {path}")


def type_in(person: Visitor, name: str, value: str) -> None:
    field = f"document.querySelector('main [name={name}]')"
    _until(person, lambda: bool(person.evaluate(f"{field} !== null")), f"has a field {name}")
    person.evaluate(f"{field}.value = {value!r}")


def press(person: Visitor, label: str, *, within: str = "body") -> None:
    """The first button, link or summary that says so, once there is one that can be seen; a link's page is waited for."""
    found = _seen(person, label, within=within)
    leaving = f"document.leaving = {found}.matches('a[href]') && {found}.pathname !== location.pathname"
    with suppress(RefusedError):  # the click may lead away before it is answered
        person.evaluate(f"{leaving}, {found}.click()")
    _until(person, lambda: not person.evaluate("document.leaving"), f"is where {label!r} leads to")


def link(person: Visitor, label: str) -> str:
    """Where it leads; empty when nowhere."""
    return str(person.evaluate(f"{_seen(person, label, within='main')}.href"))


def opened_until(person: Visitor, url: str, shown: Callable[[], bool]) -> None:
    """Opens a page again and again until it shows what comes in its own time."""

    def is_shown() -> bool:
        person.open(url)
        return shown()

    _until(person, is_shown, "shows what was waited for")


def _seen(person: Visitor, label: str, *, within: str) -> str:
    """Waits for it, and returns the expression that finds it."""
    seen = (
        f"[...document.querySelectorAll({within!r} + ' :is(a, button, summary)')].filter(one => one.checkVisibility())"
    )
    found = f"{seen}.find(one => one.innerText.trim() === {label!r})"
    _until(person, lambda: bool(person.evaluate(f"{found} !== undefined")), f"has {label!r} to press")
    return found


def _until(person: Visitor, happened: Callable[[], bool], wanted: str) -> None:
    end = time.monotonic() + WAIT_SECONDS
    while not _now(happened):
        assert time.monotonic() < end, f"No page {wanted}; {person.evaluate('location.href')} shows:\n{text(person)}"
        time.sleep(LOOK_SECONDS)


def _now(happened: Callable[[], bool]) -> bool:
    """Not while one page gives way to the next."""
    try:
        return happened()
    except RefusedError:
        return False
