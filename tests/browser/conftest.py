"""One browser for all tests, and any web root served by the real nginx."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.devtools import chromium
from tests.browser.visits import Visitor


@pytest.fixture(scope="session")
def visitor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitor]:
    with chromium(tmp_path_factory.mktemp("chromium") / "profile") as browser:
        yield Visitor(browser)
