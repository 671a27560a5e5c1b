"""A store as `make serve` starts it, and how a person becomes its customer: buys, reads mail, signs in. Checks nothing."""

import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from msgspec import Struct

from tests.browser.devtools import chromium
from tests.browser.person import at, opened_until, press, reads, text, type_in
from tests.browser.visits import Visitor
from tests.command import ROOT, command, environment
from tests.deploy.servers import free_port

Cookies = list[dict[str, Any]]
COURSE = "The First Thursday"
CODE = re.compile(r"[0-9A-Z]{4}-[0-9A-Z]{4}")
START_SECONDS = 90


class Store(Struct, frozen=True):
    """Where the site is, the stand-in for Stripe with its pages of mails and payments, and the folder all of it lies in."""

    url: str
    sandbox: str
    folder: Path


@contextmanager
def running(folder: Path) -> Iterator[Store]:
    """With a folder and ports of its own and no setting of this machine."""
    port = free_port()
    own = {name: value for name, value in environment().items() if not name.startswith("LONGWAVE_")}
    own["LONGWAVE_PRIVATE_MEDIA"] = str(ROOT / "content/videos")
    line = command("serve", "--port", str(port), "--content", ROOT / "content", "--theme", ROOT / "theme")
    with (folder / "said.txt").open("w") as said:
        process = subprocess.Popen(line, cwd=folder, env=own, stdout=said, stderr=said)
    try:
        yield Store(f"http://localhost:{port}", _sandbox_once_told(folder / "said.txt", process), folder)
    finally:
        process.terminate()
        process.wait()


def _sandbox_once_told(said: Path, process: subprocess.Popen[bytes]) -> str:
    end = time.monotonic() + START_SECONDS
    while not (told := re.search(r"(http://localhost:\d+)/ \(payments and mails\)", said.read_text())):
        assert process.poll() is None, said.read_text()
        assert time.monotonic() < end, said.read_text()
        time.sleep(0.1)
    return told[1]


def at_a_browser(folder: Path) -> Iterator[Visitor]:
    """No page may ask for what the policy forbids, nor throw, nor write to the console."""
    folder.mkdir()
    with chromium(folder / "profile") as browser:
        visitor = Visitor(browser)
        yield visitor
        assert visitor.complaints() == []


def begin_to_buy(person: Visitor, noun: str, *, email: str) -> None:
    type_in(person, "email", email)
    press(person, f"Buy this {noun}")
    reads(person, "Nothing here is real")


def buy_as_guest(person: Visitor, store: Store, email: str) -> None:
    person.open(f"{store.url}/courses/")
    press(person, COURSE, within="main")
    begin_to_buy(person, "course", email=email)
    press(person, "Pay $49")
    reads(person, "It is in your library")


def sign_in(person: Visitor, store: Store, email: str, *, codes: int = 1) -> None:
    """With the code from the mail, the newest of so many, read in a page of the same browser."""
    person.open(f"{store.url}/account/sign-in/")
    type_in(person, "email", email)
    press(person, "Send me a code")
    at(person, "/account/code/")
    code = CODE.search(mail(person, store, email, "Your sign-in code", count=codes))
    assert code
    person.open(f"{store.url}/account/code/")
    type_in(person, "code", code[0])
    press(person, "Sign in", within="main")
    at(person, "/account/")


def cookies_of(store: Store, folder: Path, email: str, *, buys: bool) -> Cookies:
    """Those of a browser in which somebody has signed in, after buying the course or without."""
    cookies: Cookies = []
    for browser in at_a_browser(folder / "browser"):
        if buys:
            buy_as_guest(browser, store, email)
        sign_in(browser, store, email)
        cookies = browser.cookies()
    return cookies


def mail(person: Visitor, store: Store, recipient: str, subject: str, *, count: int = 1) -> str:
    """What the newest such mail says, once the stand-in's page lists `count` of them."""
    listed = "[...document.querySelectorAll('.mails a')]"
    wanted = f"{listed}.filter(one => one.innerText.includes({recipient!r}) && one.innerText.includes({subject!r}))"
    opened_until(person, f"{store.sandbox}/mails", lambda: person.evaluate(f"{wanted}.length") >= count)
    person.evaluate(f"{wanted}[0].click()")
    reads(person, "All mails")
    return text(person)
