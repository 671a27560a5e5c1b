"""A person at a real browser signs in, adds a passkey and uses it, looks at everything and leaves; the same without script."""

import re
import time
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from deploy.preview import Preview
from tests.api import process
from tests.browser.devtools import chromium
from tests.browser.visits import Visitor
from tests.command import ROOT, longwave
from tests.deploy.servers import Site, free_port, previewed_by_embedded_server

CODE = re.compile(r"[0-9A-Z]{4}-[0-9A-Z]{4}")
MARK = re.compile("__Host-signed-in=[0-9a-f]{12}")  # all that scripts see
PAGES = ("", "sign-in", "code", "library", "orders", "claim", "claim/code", "sessions", "devices", "passkeys", "address",
         "export", "delete", "authorize", "sync", "connect", "device")  # fmt: skip
UNLABELLED = """[...document.querySelectorAll("main input:not([type=hidden])")].filter(i => !i.labels.length).length"""
TOO_WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
WAIT_SECONDS = 15


class Shop(Site, frozen=True):
    """Site and service on one port; `mails` is where the service lays its mails."""

    mails: Path

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def newest_code(self, email: str, *, after: float) -> str:
        """Waits for the mail."""
        return until(lambda: next(self._codes(email, after), ""))

    def _codes(self, email: str, after: float) -> Iterator[str]:
        files = sorted(self.mails.glob("*.eml"), key=lambda file: -file.stat().st_mtime)
        for file in files:
            message = message_from_bytes(file.read_bytes(), policy=policy.default)
            if message["To"] == email and file.stat().st_mtime >= after and (found := CODE.search(message["Subject"])):
                yield found[0]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("shop")
    port = free_port()
    url, output = f"http://localhost:{port}", folder / "site"
    done = longwave("build", "--output", output, "--url", url)
    assert done.returncode == 0, done.stderr
    with process.running(folder, URL=url, THEME=str(ROOT / "theme")) as service:
        preview = Preview(
            content=ROOT / "content",
            output=output,
            state=folder / "state",
            port=port,
            url=url,
            service=f"127.0.0.1:{service.port}",
        )
        with previewed_by_embedded_server(preview):
            yield Shop(port, folder / "data/mail")


@pytest.fixture
def person(tmp_path: Path) -> Iterator[Visitor]:
    """At a browser of their own, that remembers nothing."""
    with chromium(tmp_path / "profile") as browser:
        yield Visitor(browser)


def until(found: Callable[[], str]) -> str:
    end = time.monotonic() + WAIT_SECONDS
    while not (value := found()):
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.1)
    return value


def reads(person: Visitor, text: str) -> None:
    """Waits until the page shows `text`."""
    until(lambda: "yes" if text in str(person.evaluate("document.body.innerText")) else "")


def at(person: Visitor, path: str) -> None:
    until(lambda: "yes" if str(person.evaluate("location.pathname + location.hash")) == path else "")


def type_in(person: Visitor, name: str, value: str) -> None:
    person.evaluate(f"document.querySelector('main [name={name}]').value = {value!r}")


def press(person: Visitor, text: str) -> None:
    found = f"[...document.querySelectorAll('main button')].find(b => b.textContent.trim() === {text!r})"
    person.evaluate(f"{found}.click()")


def sign_in(person: Visitor, shop: Shop, email: str) -> None:
    began = time.time()
    person.open(f"{shop.url}/account/sign-in/")
    type_in(person, "email", email)
    press(person, "Send me a code")
    at(person, "/account/code/")
    type_in(person, "code", shop.newest_code(email, after=began))
    press(person, "Sign in")
    at(person, "/account/")


def test_a_person_signs_in_with_a_code_and_sees_the_account(shop: Shop, person: Visitor) -> None:
    sign_in(person, shop, "ada@example.com")
    reads(person, "Signed in as ada@example.com")
    assert MARK.fullmatch(str(person.evaluate("document.cookie")))
    press(person, "Sign out")
    at(person, "/account/sign-in/#signed_out")
    reads(person, "You are signed out.")
    assert person.evaluate("document.cookie") == ""


def test_everything_works_without_script(shop: Shop, person: Visitor) -> None:
    person.allow_scripts(False)
    sign_in(person, shop, "plain@example.com")
    person.open(f"{shop.url}/api/library/page")
    reads(person, "Nothing here yet.")
    began = time.time()
    person.open(f"{shop.url}/account/address/")
    type_in(person, "email", "plain@new.example")
    press(person, "Send a code there")
    at(person, "/account/address/#code_sent")
    reads(person, "a code is on its way")
    type_in(person, "code", "00000000")
    press(person, "Change my address")
    at(person, "/account/address/#wrong_code")
    reads(person, "That is not the code")
    type_in(person, "code", shop.newest_code("plain@new.example", after=began))
    press(person, "Change my address")
    at(person, "/account/address/#changed")
    person.open(f"{shop.url}/account/delete/")
    press(person, "Delete my account in two weeks")
    at(person, "/account/sign-in/#deletion_scheduled")


def test_the_mails_link_fills_the_code_in_and_waits_for_the_person(shop: Shop, person: Visitor) -> None:
    began = time.time()
    person.open(f"{shop.url}/account/sign-in/")
    type_in(person, "email", "link@example.com")
    press(person, "Send me a code")
    at(person, "/account/code/")
    code = shop.newest_code("link@example.com", after=began)
    person.open(f"{shop.url}/account/sign-in/")
    person.open(f"{shop.url}/account/code/#{code}")
    until(lambda: str(person.evaluate("document.querySelector('[name=code]').value")))
    assert person.evaluate("document.querySelector('[name=code]').value") == code
    press(person, "Sign in")
    at(person, "/account/")


def test_in_another_browser_the_mails_link_shows_the_code(shop: Shop, person: Visitor) -> None:
    person.open(f"{shop.url}/account/code/#K7QM-2XRD")
    reads(person, "You asked for the code in another browser. Type it there:")
    reads(person, "K7QM-2XRD")


def test_a_passkey_is_added_and_signs_in(shop: Shop, person: Visitor) -> None:
    person.add_authenticator()
    sign_in(person, shop, "key@example.com")
    person.open(f"{shop.url}/account/passkeys/")
    reads(person, "You have no passkey yet.")
    type_in(person, "name", "My laptop")
    press(person, "Add a passkey")
    reads(person, "The passkey My laptop is added.")
    person.open(f"{shop.url}/account/")
    press(person, "Sign out")
    at(person, "/account/sign-in/#signed_out")
    reads(person, "Or with a passkey")
    press(person, "Sign in with a passkey")
    at(person, "/account/")
    reads(person, "Signed in as key@example.com")
    person.open(f"{shop.url}/account/passkeys/")
    reads(person, "last used")
    press(person, "Remove")
    reads(person, "You have no passkey yet.")


def test_a_free_course_is_taken_and_stands_in_library_and_orders(shop: Shop, person: Visitor) -> None:
    sign_in(person, shop, "free@example.com")
    person.open(f"{shop.url}/courses/first-week-of-nights/")
    press(person, "Take this course")
    at(person, "/account/#added")
    reads(person, "The course is in your library now.")
    reads(person, "yours since")
    person.open(f"{shop.url}/account/orders/")
    reads(person, "$0, ")
    person.open(f"{shop.url}/account/export/")
    person.evaluate("document.querySelector('[data-export]').click()")
    reads(person, "Your data is downloaded.")
    person.allow_scripts(False)
    person.open(f"{shop.url}/api/library/page")
    reads(person, "yours since")


def test_another_browser_can_be_signed_out(shop: Shop, person: Visitor, tmp_path: Path) -> None:
    with chromium(tmp_path / "other") as browser:
        other = Visitor(browser)
        sign_in(other, shop, "two@example.com")
        sign_in(person, shop, "two@example.com")
        person.open(f"{shop.url}/account/sessions/")
        reads(person, "This browser")
        press(person, "Sign out")
        reads(person, "is signed out.")
        other.open(f"{shop.url}/account/")
        reads(other, "Nobody is signed in in this browser.")


def test_an_app_is_let_in_from_this_machine(shop: Shop, person: Visitor) -> None:
    sign_in(person, shop, "app@example.com")
    query = "response_type=code&client_id=longwave&redirect_uri=http%3A%2F%2F127.0.0.1%3A9%2Fcallback"
    challenge = "code_challenge=" + "a" * 43 + "&code_challenge_method=S256&scope=sync&state=s"
    person.open(f"{shop.url}/api/authorize?{query}&{challenge}")
    at(person, "/account/authorize/")
    reads(person, "Keep your podcasts and your place in them in step")
    person.evaluate("document.querySelector('[value=deny]').click()")
    until(lambda: "yes" if "127.0.0.1:9/callback" in person.last_navigation() else "")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_fit_a_small_screen_and_every_field_has_a_label(shop: Shop, person: Visitor, scheme: str) -> None:
    sign_in(person, shop, f"{scheme}@example.com")
    person.screen(320, 700, scheme=scheme)
    for name in PAGES:
        visit = person.open(f"{shop.url}/account/{name}{'/' if name else ''}")
        expected = [fault for fault in visit.faults if "404" not in fault]
        assert expected == [], name
        assert person.evaluate(TOO_WIDE) is False, name
        assert person.evaluate(UNLABELLED) == 0, name
