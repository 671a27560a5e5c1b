"""One browser for all tests; which site it visits is theirs to say."""

from collections.abc import Iterator

import pytest

from tests.browser.devtools import chromium
from tests.browser.visits import Visitor


@pytest.fixture(scope="session")
def visitor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitor]:
    with chromium(tmp_path_factory.mktemp("chromium") / "profile") as browser:
        yield Visitor(browser)
