"""The stand-in's pages in a browser, with script switched off: a person buys, is refused, pays later, and reads a mail."""

from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from api.gateways.payments import CheckoutOptions, CheckoutSession
from tests.browser.visits import Visitor
from tests.contracts.test_stripe import order, run
from tests.stand_in import StandIn, served, stand_in

WIDE = "document.documentElement.scrollWidth > innerWidth"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sandbox")


@pytest.fixture(scope="module")
def sandbox(data: Path) -> Iterator[StandIn]:
    with stand_in(data) as running:
        yield running


@pytest.fixture(scope="module")
def shop() -> Iterator[str]:
    """Where a buyer comes back to."""
    with served(Starlette(routes=[Route("/{path:path}", back_in_the_shop)])) as address:
        yield address


@pytest.fixture
def without_script(visitor: Visitor) -> Iterator[Visitor]:
    """Pages may run nothing; `evaluate` still may."""
    visitor.allow_scripts(False)
    yield visitor
    visitor.allow_scripts(True)


async def back_in_the_shop(request: Request) -> Response:
    return PlainTextResponse(f"back at {request.url.path}")


def checkout(sandbox: StandIn, shop: str) -> CheckoutSession:
    options = CheckoutOptions(tax_ids=True, terms=True, terms_text="I agree.")
    request = order(4900, options=options, success_url=f"{shop}/done", cancel_url=f"{shop}/cancelled")
    return run(sandbox.service.create_session(request))


def press(visitor: Visitor, action: str) -> None:
    visitor.press(f"button[value={action}]")


def write(visitor: Visitor, name: str, value: str) -> None:
    visitor.evaluate(f"document.querySelector('[name={name}]').value = {value!r}")


def text(visitor: Visitor) -> str:
    return str(visitor.evaluate("document.body.innerText"))


def test_a_person_buys_without_script(sandbox: StandIn, shop: str, without_script: Visitor) -> None:
    session = checkout(sandbox, shop)
    assert session.url
    assert without_script.open(session.url).faults == ()
    write(without_script, "promotion_code", "WELCOME25")
    press(without_script, "code")
    assert "Pay $36.75" in text(without_script)
    write(without_script, "email", "ada@example.com")
    press(without_script, "decline")
    assert "The terms must be accepted." in text(without_script)
    without_script.evaluate("document.querySelector('[name=terms]').click()")
    press(without_script, "decline")
    assert "Your card was declined." in text(without_script)
    press(without_script, "pay")
    assert text(without_script) == "back at /done"
    assert run(sandbox.service.retrieve_session(session.id)).total_cents == 3675


def test_a_person_goes_back_to_the_shop(sandbox: StandIn, shop: str, without_script: Visitor) -> None:
    session = checkout(sandbox, shop)
    assert session.url
    without_script.open(session.url)
    press(without_script, "back")
    assert text(without_script) == "back at /cancelled"


def test_no_page_has_a_fault_and_all_fit_a_phone(sandbox: StandIn, shop: str, data: Path, visitor: Visitor) -> None:
    lay_mail(data)
    session = checkout(sandbox, shop)
    sandbox.act(session.id, "pay", terms="accepted")
    paid = run(sandbox.service.retrieve_session(session.id))
    assert paid.invoice
    open_one = checkout(sandbox, shop)
    urls = [
        open_one.url,
        paid.invoice.page_url,
        *(f"{sandbox.url}{path}" for path in ("/", "/desk", "/mails", "/mails/m1")),
    ]
    visitor.resize(390)
    faults = {url: (visitor.open(str(url)).faults, visitor.evaluate(WIDE)) for url in urls}
    visitor.resize()
    assert faults == dict.fromkeys(urls, ((), False))


def lay_mail(data: Path) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "hello@longwave.example", "ada@example.com", "Your code"
    mail.set_content(f"Open http://localhost:8000/{'long/' * 40}")
    (data / "mail").mkdir(exist_ok=True)
    (data / "mail" / "m1.eml").write_bytes(mail.as_bytes())
