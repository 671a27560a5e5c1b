"""A log line tells what happened by ids and names of events; no person, address or secret can be read in it."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.routing import Route
from starlette.testclient import TestClient

from api import logs
from api.metrics import Metrics
from api.requests import Requests


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What the service would print."""
    stream = io.StringIO()
    handlers, level = logging.root.handlers[:], logging.root.level
    monkeypatch.setattr(logs._Said, "stream", None)
    logs.configure(stream)
    yield stream
    structlog.reset_defaults()
    monkeypatch.undo()
    logging.basicConfig(handlers=handlers, level=level, force=True)


def lines(said: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in said.getvalue().splitlines()]


def test_a_line_is_one_json_object_with_time_level_and_event(said: io.StringIO) -> None:
    structlog.get_logger().info("order_paid", order="ord_1", cents=4900)
    (line,) = lines(said)
    assert (line["event"], line["level"], line["order"], line["cents"]) == ("order_paid", "info", "ord_1", 4900)
    assert line["timestamp"].endswith("Z")


@pytest.mark.parametrize(
    ("value", "secret"),
    [
        ("UNIQUE failed for ada.lovelace+x@mail.example today", "ada.lovelace"),
        ("Bearer " + "x7_-" * 11, "x7_-x7_-"),
        ("key sk_live_51abcDEF0123 refused", "51abcDEF"),
        ("signed with whsec_abcdef123456", "abcdef123456"),
        ("refused 203.0.113.77:443", "203.0.113.77"),
        ("refused 2001:db8:12:34::5", "db8:12"),
        ({"inner": ["to bob@mail.example"]}, "bob"),
    ],
)
def test_what_is_personal_or_secret_is_masked_wherever_it_stands(said: io.StringIO, value: object, secret: str) -> None:
    structlog.get_logger().info("noted", detail=value)
    structlog.get_logger().info(str(value))
    logging.getLogger("library").warning("it said %s", value)
    assert len(lines(said)) == 3
    assert secret not in said.getvalue()


def test_a_name_that_means_a_secret_is_masked_whatever_it_holds(said: io.StringIO) -> None:
    structlog.get_logger().info("noted", code="ABCD2345", email="short", cookie="x", token="y")
    assert not {"ABCD2345", "short", "x", "y"} & set(lines(said)[0].values())


def test_our_own_ids_stay_readable(said: io.StringIO) -> None:
    structlog.get_logger().info("noted", order="ord_0123456789abcdefghjkmnpqrs")
    assert lines(said)[0]["order"] == "ord_0123456789abcdefghjkmnpqrs"


def test_what_breaks_is_logged_and_the_client_learns_only_an_id(said: io.StringIO) -> None:
    async def broken(_request: Request) -> None:
        raise ValueError("no room for eve@mail.example")

    routes = [Route("/broken/{token}", broken)]  # type: ignore[arg-type]
    app = Starlette(routes=routes, middleware=[Middleware(Requests, metrics=Metrics())])
    answer = TestClient(app).get("/broken/s3cr3t")
    broke, request = lines(said)
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert answer.json()["request_id"] == broke["request_id"] == request["request_id"]
    assert "room" not in answer.text
    assert "ValueError: no room for (mail)" in broke["exception"]
    assert "s3cr3t" not in said.getvalue()


def test_a_request_is_logged_by_its_template(said: io.StringIO, client: TestClient) -> None:
    client.get("/healthz?token=s3cr3t")
    client.get("/api/nowhere/s3cr3t")
    known, unknown = lines(said)
    assert (known["event"], known["method"], known["path"], known["status"]) == ("request", "GET", "/healthz", 200)
    assert known["milliseconds"] >= 0
    assert (unknown["path"], unknown["status"]) == ("(none)", 404)
    assert "s3cr3t" not in said.getvalue()
