"""Whatever the endpoint, what cannot be meant is refused in words by a problem document, and nothing is changed."""

import re
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from api.app import ENDPOINTS
from api.routes.access import Access
from api.routes.contract import Endpoint, path_names
from api.store.database import Database
from tests.api.people import Browser
from tests.api.podcast_apps import PodcastApp, made
from tests.api.test_apps import App

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
TAKES_A_BODY = [each for each in ENDPOINTS if each.body is not None]
NONSENSE = {"no text": b"\xff\xfe\x00{", "half": b'{"changes": [{"id"', "another type": b"7", "endless": b"[" * 30_000}
NAME = re.compile(r"{\w+}")
REFUSED = (400, 404, 422)
LARGEST_BYTES = 4 * 1024 * 1024


@pytest.fixture
def ada(app: Starlette, database: Database, catalog: None) -> Browser:
    return Browser(app, email="ada@example.com").sign_in(database)


@pytest.fixture
def state(app: Starlette, database: Database) -> Any:
    """All that is stored, but for counts of attempts and when somebody was last here."""

    def stored() -> list[str]:
        lines = [*database.reader.iterdump(), *app.state.service.sync.reader.iterdump()]
        return [line for line in lines if not line.startswith(('INSERT INTO "attempts"', 'INSERT INTO "devices"'))]

    return stored


@pytest.fixture
def phone(app: Starlette, ada: Browser) -> PodcastApp:
    return PodcastApp(app, made(ada))


@pytest.fixture
def token(ada: Browser) -> str:
    return str(App(ada).tokens()["access_token"])


@pytest.fixture
def asked(ada: Browser, phone: PodcastApp, token: str) -> Any:
    """Asks an endpoint as somebody who may, about something that is nobody's."""

    def ask(endpoint: Endpoint, body: bytes) -> Any:
        names = dict.fromkeys(path_names(endpoint.path), "nothing_0123456789abcdefghjkmnpq")
        headers = {"Accept": "application/json"}
        person: TestClient = ada
        if endpoint.access is Access.SYNC:
            person, names["user"] = phone, phone.user_name
            headers |= phone.basic()
        elif endpoint.access is Access.DEVICE:
            headers["Authorization"] = f"Bearer {token}"
        return person.request(endpoint.method, endpoint.path.format_map(names), content=body, headers=headers)

    return ask


def refused(answer: Any, *statuses: int) -> None:
    assert answer.status_code in statuses, (answer.request.method, answer.request.url, answer.text)
    assert answer.headers["Content-Type"] == "application/problem+json"
    told = answer.json()
    assert told["status"] == answer.status_code and told["code"] and told["detail"] and told["request_id"]


def test_a_wrong_method_is_told_the_right_ones(ada: Browser, state: Any) -> None:
    before = state()
    for address in {NAME.sub("nothing", each.path) for each in ENDPOINTS}:
        right = {each.method for each in ENDPOINTS if re.fullmatch(NAME.sub("[^/]+", each.path), address)}
        for method in set(METHODS) - right:
            answer = ada.request(method, address)
            refused(answer, 405)
            assert set(answer.headers["Allow"].split(", ")) - {"HEAD"} <= right
    assert state() == before


@pytest.mark.parametrize("body", NONSENSE.values(), ids=NONSENSE)
def test_a_body_that_is_none_changes_nothing(asked: Any, state: Any, body: bytes) -> None:
    before = state()
    for endpoint in TAKES_A_BODY:
        refused(asked(endpoint, body), *REFUSED)
        assert state() == before, endpoint.path


def test_too_large_a_body_is_refused_unread(asked: Any, state: Any) -> None:
    before = state()
    for endpoint in TAKES_A_BODY:
        refused(asked(endpoint, b"[" + b" " * LARGEST_BYTES), 413)
    assert state() == before
