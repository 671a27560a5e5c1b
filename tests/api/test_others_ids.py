"""A second account tries every id of the first on every address that takes one: nothing is shown, nothing changes."""

import re
from typing import Any

import pytest
from starlette.applications import Starlette

from api.app import ENDPOINTS
from api.routes.access import Access
from api.routes.contract import path_names
from api.store.database import Database
from tests.api.authenticator import Authenticator
from tests.api.conftest import ORIGIN
from tests.api.people import Browser
from tests.api.test_apps import App
from tests.api.test_deletion import buy
from tests.api.test_passkeys import add

WITH_IDS = [each for each in ENDPOINTS if path_names(each.path) and each.access not in (Access.STRIPE, Access.SYNC)]
ID = re.compile(r"\b(?:acc|ses|pky|dev|ord|aud|out|code|gra|pay|ref|lin)_[0-9a-z]+\b")
BODIES: dict[str, Any] = {"name": "Stolen", "email": "eve@example.com", "reason": "x"}


@pytest.fixture
def ids(app: Starlette, database: Database, catalog: None) -> list[str]:
    """Every id that the first account has anywhere."""
    ada = Browser(app, email="ada@example.com").sign_in(database)
    add(ada, Authenticator(ORIGIN))
    App(ada).tokens()
    buy(database, ada.account_id)
    found = sorted(set(ID.findall("\n".join(database.reader.iterdump()))))
    assert {name.partition("_")[0] for name in found} >= {"acc", "ses", "pky", "dev", "ord"}
    return found


def test_there_are_addresses_to_try() -> None:
    assert len(WITH_IDS) >= 4


@pytest.mark.usefixtures("catalog")
@pytest.mark.parametrize("endpoint", WITH_IDS, ids=lambda each: f"{each.method} {each.path}")
def test_a_second_account_gets_nothing(app: Starlette, database: Database, ids: list[str], endpoint: Any) -> None:
    eve = Browser(app, email="eve@example.com", host="198.51.100.9").sign_in(database)
    before = state(database)
    [name] = path_names(endpoint.path)
    missing = eve.request(endpoint.method, endpoint.path.replace(f"{{{name}}}", "ord_" + "0" * 26), json=BODIES)
    for id in ids:
        answer = eve.request(endpoint.method, endpoint.path.replace(f"{{{name}}}", id), json=BODIES)
        assert (answer.status_code, comparable(answer)) == (missing.status_code, comparable(missing)), id
    assert missing.status_code in (404, 422)
    assert state(database) == before


def comparable(answer: Any) -> dict[str, Any]:
    return {**answer.json(), "request_id": ""}


def state(database: Database) -> list[str]:
    """Everything but the counts of attempts."""
    return [line for line in database.reader.iterdump() if '"attempts"' not in line]
