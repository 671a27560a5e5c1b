"""What a route declares is what a client gets: bodies by content, refusals by code, pages for forms, changes from our pages."""

import json
from collections.abc import Iterator

import pytest
from msgspec import Struct
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.testclient import TestClient

from api.errors import AppError, Code
from api.routes import routing
from api.routes.access import Access
from api.routes.contract import Answer, endpoint
from tests.api.conftest import FORM, FROM_OUR_PAGES, ORIGIN


class Wish(Struct, frozen=True):
    email: str
    count: int = 1
    gifts: list[str] = []


class Filter(Struct, frozen=True):
    limit: int = 10


@endpoint("POST", "/wishes", answers={201: Wish}, access=Access.PUBLIC, page="/wish/")
async def wish(request: Request, body: Wish) -> Answer:
    if body.email == "taken":
        raise AppError(Code.CONFLICT, "That one is taken.")
    return Answer(body=body, status=201, page="/wish/#heard")


@endpoint("GET", "/wishes/{name}", answers={200: dict}, access=Access.PUBLIC)
async def read(request: Request, name: str, query: Filter) -> Answer:
    return Answer(body={"name": name, "limit": query.limit})


@endpoint("GET", "/mine", answers={200: dict})
async def mine(request: Request) -> Answer:
    return Answer(body={})


@endpoint("POST", "/hooks", answers={200: dict}, access=Access.STRIPE)
async def hook(request: Request, body: bytes) -> Answer:
    return Answer(body={"bytes": len(body)})


@pytest.fixture
def asked(app: Starlette) -> Iterator[TestClient]:
    """A client of the endpoints above, in an application with the real service behind it."""
    own = Starlette(routes=routing.routes((wish, read, mine, hook)))
    own.state.service = app.state.service
    with TestClient(app), TestClient(own, base_url=ORIGIN, follow_redirects=False) as client:
        yield client


@pytest.mark.parametrize("label", ["application/json", "application/json; charset=utf-8", "text/plain", ""])
@pytest.mark.parametrize("body", ['{"email": "a", "count": 2, "gifts": ["x", "y"]}', "email=a&count=2&gifts=x&gifts=y"])
def test_a_body_is_read_by_what_it_is_and_not_by_its_label(asked: TestClient, label: str, body: str) -> None:
    headers = {**FROM_OUR_PAGES, "Content-Type": label, "Accept": "application/json"}
    answer = asked.post("/wishes", content=body, headers=headers)
    assert (answer.status_code, answer.json()) == (201, {"email": "a", "count": 2, "gifts": ["x", "y"]})


@pytest.mark.parametrize(
    ("body", "status", "fields"),
    [
        (b"", 422, {"email": "Object missing required field `email`"}),
        (b'{"email": 5}', 422, {"email": "Expected `str`, got `int`"}),
        (b'{"email": "a", "count": "2"}', 422, {"count": "Expected `int`, got `str`"}),
        (b'{"email": "a", "gifts": [1]}', 422, {"gifts[0]": "Expected `str`, got `int`"}),
        (b'{"email": "a\\u0000b"}', 422, None),
        (b"email=a%00b", 422, {"email": "A NUL character"}),
        (b"email=a&count=two", 422, {"count": "Expected `int`, got `str`"}),
        (b"email=", 422, {"email": "Object missing required field `email`"}),
        (b'{"email": "a"', 400, None),
        (b'["email"]', 400, None),
        (b'{"email": "\xff"}', 400, None),
        (b'{"email": "\\ud800"}', 400, None),
        (b"email=%ff", 400, None),
        (b'{"a":' * 3000, 400, None),
        (b"&".join(b"gifts=%d" % n for n in range(200)), 400, None),
    ],
)
def test_a_wrong_body_is_a_problem_that_names_its_field(
    asked: TestClient, body: bytes, status: int, fields: dict[str, str] | None
) -> None:
    answer = asked.post("/wishes", content=body, headers={**FROM_OUR_PAGES, "Accept": "application/json"})
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert (answer.status_code, answer.json().get("fields")) == (status, fields)


def test_a_body_that_is_too_large_is_refused(asked: TestClient) -> None:
    body = json.dumps({"email": "a" * 65_536})
    answer = asked.post("/wishes", content=body, headers=FROM_OUR_PAGES)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert asked.post("/hooks", content=b"x" * 65_537).json() == {"bytes": 65_537}
    assert asked.post("/hooks", content=b"x" * 262_145).status_code == 413


def test_a_form_without_script_is_sent_to_a_page_and_a_program_gets_json(asked: TestClient) -> None:
    heard = asked.post("/wishes", content="email=a", headers=FORM)
    assert (heard.status_code, heard.headers["Location"]) == (303, "/wish/#heard")
    refused = asked.post("/wishes", content="email=taken", headers=FORM)
    assert (refused.status_code, refused.headers["Location"]) == (303, "/wish/#conflict")
    told = asked.post("/wishes", json={"email": "taken"}, headers=FROM_OUR_PAGES)
    assert (told.status_code, told.json()["detail"]) == (409, "That one is taken.")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://localhost:8001"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site", "Origin": ORIGIN}, 403),
        ({"Sec-Fetch-Site": "none"}, 403),
        ({"Origin": ORIGIN}, 201),
        ({"Sec-Fetch-Site": "same-origin"}, 201),
    ],
)
def test_a_change_is_taken_from_our_own_pages_only(asked: TestClient, headers: dict[str, str], status: int) -> None:
    answer = asked.post("/wishes", json={"email": "a"}, headers=headers)
    assert answer.status_code == status


def test_what_stripe_signs_needs_no_origin(asked: TestClient) -> None:
    assert asked.post("/hooks", content=b"x").status_code == 200


def test_a_route_that_says_nothing_asks_for_a_sign_in(asked: TestClient) -> None:
    answer = asked.get("/mine")
    assert (answer.status_code, answer.json()["code"]) == (401, "signed_out")
    assert asked.get("/mine", headers={"Cookie": "__Host-session=invented"}).status_code == 401


def test_path_and_query_reach_the_handler_with_their_types(asked: TestClient) -> None:
    assert asked.get("/wishes/socks?limit=3").json() == {"name": "socks", "limit": 3}
    assert asked.get("/wishes/socks?limit=three").status_code == 422


def test_no_answer_may_be_kept_by_a_cache(asked: TestClient) -> None:
    answers = (asked.get("/wishes/socks"), asked.get("/mine"), asked.post("/wishes", content="email=a", headers=FORM))
    assert {answer.headers["Cache-Control"] for answer in answers} == {"no-store"}


def test_a_path_and_its_handler_must_name_the_same_things() -> None:
    with pytest.raises(TypeError, match="takes \\['name'\\] from the path /wishes"):
        endpoint("GET", "/wishes", answers={})(read.handler)
