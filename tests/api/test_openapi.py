"""The OpenAPI document says what the service does: every route is in it, and whatever it allows is answered as it says."""

import base64
import hashlib
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import hypothesis
import pytest
import schemathesis
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import CHECKS, load_all_checks
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from api.app import ENDPOINTS
from api.routes.access import BY_SESSION, Access
from api.routes.contract import Endpoint
from api.routes.cookies import SESSION
from api.store.database import Database
from tests.api.conftest import FROM_OUR_PAGES, FakeClock

load_all_checks()


def no_internal_error(_context: Any, response: Any, _case: Any) -> None:
    """A declared 503 or 507 is an honest answer; a 500 is a mistake of ours."""
    assert response.status_code != 500


CHECKED = [
    no_internal_error,
    *(
        CHECKS.get_one(name)
        for name in (
            "status_code_conformance",
            "content_type_conformance",
            "response_schema_conformance",
            "response_headers_conformance",
        )
    ),
]
NOW, LATER = "2026-01-05T06:00:00.000Z", "2027-01-05T06:00:00.000Z"


@pytest.fixture
def document(client: TestClient) -> dict[str, Any]:
    answer = client.get("/api/openapi.json")
    assert answer.headers["Content-Type"] == "application/json"
    found: dict[str, Any] = answer.json()
    return found


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method.upper(), operation


def test_every_route_is_declared(app: Starlette, document: dict[str, Any]) -> None:
    served = {
        (route.path, method)
        for route in app.routes
        if isinstance(route, Route)
        for method in (route.methods or set()) - {"HEAD"}
    }
    assert served == {(path, method) for path, method, _ in operations(document)}
    assert len(served) == sum(len(route.methods - {"HEAD"}) for route in app.routes)  # type: ignore[attr-defined]


def test_the_document_is_openapi(document: dict[str, Any]) -> None:
    assert document["openapi"] == "3.1.0"
    schema = schemathesis.openapi.from_dict(document)
    schema.validate()


def test_every_operation_has_a_name_of_its_own_and_says_what_it_does(document: dict[str, Any]) -> None:
    found = [operation for _, _, operation in operations(document)]
    assert len({operation["operationId"] for operation in found}) == len(found)
    assert [operation["operationId"] for operation in found if not operation.get("summary")] == []


BY_SECRET = (
    "/api/device-code",
    "/api/token",
    "/api/token/revoke",
    "/index.php/login/v2",
    "/index.php/login/v2/poll",
)  # what they take is a secret in the body; no cookie is looked at


def test_what_changes_something_can_refuse_and_is_guarded(document: dict[str, Any]) -> None:
    for path, method, operation in operations(document):
        if method == "GET":
            continue
        assert {"413", "503", "507"} <= set(operation["responses"]), path
        without_cookie = path in BY_SECRET or (
            operation["security"] and {"stripe", "device"} & set(operation["security"][0])
        )
        assert "403" in operation["responses"] or without_cookie, path


@pytest.mark.usefixtures("catalog")
@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: f"{endpoint.method} {endpoint.path}")
def test_every_request_it_allows_is_answered_as_it_says(
    endpoint: Endpoint, client: TestClient, database: Database, clock: FakeClock, prove: bool
) -> None:
    """schemathesis sends what the document allows and what it forbids; nothing may break or be answered otherwise."""
    schema = schemathesis.openapi.from_asgi("/api/openapi.json", client.app)
    operation = schema[endpoint.path][endpoint.method]
    session = {"Cookie": f"{SESSION}={sign_in(database)}"}
    shown, user = session if endpoint.access in BY_SESSION else {}, ""
    if endpoint.access is Access.SYNC:
        shown, user = app_password(client, session)
    for mode in (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE):
        with suppress(Unsatisfiable):  # nothing can be wrong where nothing is sent
            cases = operation.as_strategy(generation_mode=mode)
            ask(cases, user, headers={**FROM_OUR_PAGES, **shown}, clock=clock, examples=200 if prove else 3)


def ask(cases: Any, user: str, *, headers: dict[str, str], clock: FakeClock, examples: int) -> None:
    """`user` stands in the path of whoever may enter by it."""

    @hypothesis.settings(
        max_examples=examples, deadline=None, database=None, suppress_health_check=list(hypothesis.HealthCheck)
    )
    @hypothesis.given(case=cases)
    def answered_as_said(case: Any) -> None:
        clock.advance(hours=1)  # so that no limit stands before what is asked
        if user and "user" in case.path_parameters:
            case.path_parameters["user"] = user
        case.call_and_validate(headers=headers, checks=CHECKED)

    answered_as_said()


@pytest.mark.parametrize(
    "endpoint",
    [endpoint for endpoint in ENDPOINTS if endpoint.access in BY_SESSION],
    ids=lambda endpoint: f"{endpoint.method} {endpoint.path}",
)
def test_nobody_gets_in_without_a_session(endpoint: Endpoint, client: TestClient) -> None:
    path = re.sub(r"{\w+}", "any_0123456789abcdefghjkmnpqrs", endpoint.path)
    for cookie in ({}, {"Cookie": f"{SESSION}=invented"}):
        answer = client.request(endpoint.method, path, headers={**FROM_OUR_PAGES, **cookie})
        assert (answer.status_code, answer.json()["code"]) == (401, "signed_out")


def app_password(client: TestClient, session: dict[str, str]) -> tuple[dict[str, str], str]:
    """The header by which a podcast app of the signed-in person comes in, and its user name."""
    made = client.post("/api/app-passwords", json={"name": "App"}, headers={**FROM_OUR_PAGES, **session}).json()
    word = base64.b64encode(f"{made['user_name']}:{made['password']}".encode()).decode()
    return {"Authorization": f"Basic {word}"}, made["user_name"]


def sign_in(database: Database) -> str:
    """The token of a browser that is signed in until 2027."""
    with database.transaction() as db:
        db.execute(
            "INSERT INTO accounts (id, email, email_canonical, created_at, confirmed_at) VALUES (?, ?, ?, ?, ?)",
            ("acc_one", "one@one.example", "one@one.example", NOW, NOW),
        )
        db.execute(
            "INSERT INTO sessions (id, id_hash, account_id, created_at, seen_at, expires_at, fresh_until)"
            " VALUES ('ses_one', ?, 'acc_one', ?, ?, ?, ?)",
            (hashlib.sha256(b"token").hexdigest(), NOW, NOW, LATER, LATER),
        )
    return "token"
