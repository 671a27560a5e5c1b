"""A person at a real browser lets podcast apps in, with script and without, sees what they did, and undoes it."""

from collections.abc import Iterator

import httpx2
import pytest

from tests.browser import test_account
from tests.browser.test_account import TOO_WIDE, UNLABELLED, Shop, at, press, reads, sign_in, type_in
from tests.browser.visits import Visitor

person, shop = test_account.person, test_account.shop
AUDIO = "https://cdn.example.com/one.mp3"
TYPED = "[...document.querySelectorAll('{place} code')].map(one => one.textContent)"


@pytest.fixture
def elsewhere() -> Iterator[httpx2.Client]:
    """A podcast app on another device."""
    with httpx2.Client(headers={"User-Agent": "AntennaPod/3.4.0"}) as client:
        yield client


def push(app: httpx2.Client, shop: Shop, pair: tuple[str, str], position: int, at: str) -> None:
    action = {
        **{"podcast": "https://feeds.example.com/talks", "episode": AUDIO, "action": "play"},
        **{"timestamp": at, "started": 0, "position": position, "total": 3600},
    }
    answer = app.post(f"{shop.url}/api/2/episodes/{pair[0]}.json", json=[action], auth=pair)
    assert answer.status_code == 200, answer.text


def position(app: httpx2.Client, shop: Shop, pair: tuple[str, str]) -> int:
    actions = app.get(f"{shop.url}/api/2/episodes/{pair[0]}.json", auth=pair).json()["actions"]
    return int(actions[-1]["position"])


def test_a_person_makes_a_password_sees_what_the_app_did_and_undoes_it(
    shop: Shop, person: Visitor, elsewhere: httpx2.Client
) -> None:
    sign_in(person, shop, "listener@example.com")
    person.open(f"{shop.url}/account/sync/")
    reads(person, "No podcast app is let in yet.")
    type_in(person, "name", "AntennaPod on my phone")
    press(person, "Make a password")
    reads(person, "Type this into AntennaPod on my phone now.")
    server, user, password = person.evaluate(TYPED.format(place="[data-made]"))
    assert server == shop.url
    push(elsewhere, shop, (user, password), 2700, "2026-01-05T05:00:00")
    push(elsewhere, shop, (user, password), 5, "2026-01-05T05:30:00")
    person.open(f"{shop.url}/account/sync/")
    reads(person, "AntennaPod on my phone: played to 0:05 of 1:00:00, 5 January 2026, 05:30 UTC")
    assert password not in str(person.evaluate("document.documentElement.outerHTML"))
    press(person, "Back to 45:00")
    reads(person, "You, on this site: played to 45:00 of 1:00:00")
    assert position(elsewhere, shop, (user, password)) == 2700
    assert (person.evaluate(UNLABELLED), person.evaluate(TOO_WIDE)) == (0, False)


@pytest.mark.parametrize("scripts", [True, False], ids=["with script", "without"])
def test_an_app_opens_a_browser_and_its_owner_says_yes(
    shop: Shop, person: Visitor, elsewhere: httpx2.Client, scripts: bool
) -> None:
    person.allow_scripts(scripts)
    email = f"flow-{scripts}@example.com".lower()
    sign_in(person, shop, email)
    begun = elsewhere.post(f"{shop.url}/index.php/login/v2").json()
    assert elsewhere.post(begun["poll"]["endpoint"], data={"token": begun["poll"]["token"]}).status_code == 404
    person.open(begun["login"])
    at(person, "/account/connect/")
    if scripts:
        reads(person, "AntennaPod")
    press(person, "Let the app in")
    reads(person, "The app is let in.")
    got = elsewhere.post(begun["poll"]["endpoint"], data={"token": begun["poll"]["token"]}).json()
    assert got["server"] == shop.url
    push(elsewhere, shop, (got["loginName"], got["appPassword"]), 60, "2026-01-05T05:00:00")


def test_without_script_a_password_is_made_shown_once_and_ended(
    shop: Shop, person: Visitor, elsewhere: httpx2.Client
) -> None:
    person.allow_scripts(False)
    sign_in(person, shop, "plain-listener@example.com")
    person.open(f"{shop.url}/account/sync/")
    type_in(person, "name", "Kasts")
    press(person, "Make a password")
    reads(person, "It is not shown again.")
    _, user, password = person.evaluate(TYPED.format(place=".typed"))
    push(elsewhere, shop, (user, password), 60, "2026-01-05T05:00:00")
    person.open(f"{shop.url}/api/sync/page")
    reads(person, "Kasts: played to 1:00 of 1:00:00")
    press(person, "Remove it all")
    at(person, "/api/sync/page#removed")
    reads(person, "No podcast app is let in yet.")
    refused = elsewhere.get(f"{shop.url}/api/2/episodes/{user}.json", auth=(user, password))
    assert refused.status_code == 401


def test_the_page_can_be_read_on_a_phone(shop: Shop, person: Visitor) -> None:
    person.screen(360, 740)
    sign_in(person, shop, "narrow@example.com")
    for page in ("sync", "connect"):
        person.open(f"{shop.url}/account/{page}/")
        assert (person.evaluate(UNLABELLED), person.evaluate(TOO_WIDE)) == (0, False)
