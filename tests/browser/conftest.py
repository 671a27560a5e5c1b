"""One browser for all tests that only look; a store, and people at browsers of their own, for those in which something happens."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.devtools import chromium
from tests.browser.store import Cookies, Store, at_a_browser, cookies_of, running
from tests.browser.visits import Visitor


@pytest.fixture(scope="session")
def visitor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitor]:
    """Which site it visits is for the tests to say."""
    with chromium(tmp_path_factory.mktemp("chromium") / "profile") as browser:
        yield Visitor(browser)


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with running(tmp_path_factory.mktemp("store")) as opened:
        yield opened


@pytest.fixture(scope="session")
def owner(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Cookies:
    """Of somebody who has bought the course."""
    return cookies_of(store, tmp_path_factory.mktemp("owner"), "owner@example.com", buys=True)


@pytest.fixture(scope="session")
def newcomer(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Cookies:
    """Of somebody who has an account and nothing in it."""
    return cookies_of(store, tmp_path_factory.mktemp("newcomer"), "newcomer@example.com", buys=False)


@pytest.fixture
def person(tmp_path: Path) -> Iterator[Visitor]:
    """At a browser of their own, that remembers nothing."""
    yield from at_a_browser(tmp_path / "first")


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Visitor]:
    """The same person at another browser, that shares nothing with the first."""
    yield from at_a_browser(tmp_path / "second")


@pytest.fixture
def learner(owner: Cookies, person: Visitor) -> Visitor:
    """Signed in, and owner of the course."""
    person.take_cookies(owner)
    return person
