"""The guide for apps says what is so: its requests are sent in their order and answered as it says, `"…"` standing for anything."""

import re
from typing import Any

import msgspec
import pytest
from starlette.applications import Starlette

from api.app import ENDPOINTS
from api.settings import Settings
from api.store.database import Database
from api.usecases import incoming
from tests.api.syncing import Phone, signed_in, write_show
from tests.command import ROOT

GUIDE = (ROOT / "api/GUIDE.md").read_text()
EXAMPLES = re.findall(r"```http\n(\w+) (\S+)\n(?:\n(.*?))?```\n.*?```json\n(.*?)```", GUIDE, re.S)
ANYTHING = "…"


def fits(said: Any, found: Any) -> bool:
    if said == ANYTHING:
        return True
    if isinstance(said, dict) and isinstance(found, dict):
        return said.keys() == found.keys() and all(fits(said[name], found[name]) for name in said)
    if isinstance(said, list) and isinstance(found, list):
        return len(said) == len(found) and all(map(fits, said, found))
    return bool(said == found)


@pytest.mark.usefixtures("catalog")
def test_every_example_is_answered_as_it_says(app: Starlette, database: Database, settings: Settings) -> None:
    write_show(settings, 7, 8)
    phone, cursor = Phone(signed_in(app, database)), ""
    assert len(EXAMPLES) == GUIDE.count("```http") >= 6
    for method, path, body, said in EXAMPLES:
        answer = phone.http.request(method, path.replace("CURSOR", cursor), content=body)
        assert answer.status_code == 200, (path, answer.text)
        found = answer.json()
        assert fits(msgspec.json.decode(said), found), (path, found)
        cursor = found.get("cursor", "")


def test_an_example_that_says_otherwise_would_be_noticed() -> None:
    assert not fits({"a": [1, {"b": None}]}, {"a": [1, {"b": 2}]})
    assert not fits({"a": 1}, {"a": 1, "b": 2})
    assert fits({"a": [ANYTHING]}, {"a": [{"b": 2}]})


def test_every_address_that_the_guide_names_is_there() -> None:
    served = {re.sub(r"\{\w+\}", "{id}", endpoint.path) for endpoint in ENDPOINTS}
    named = set(re.findall(r"(?:GET|POST) (/api/[\w/{}-]+)", GUIDE))
    assert {re.sub(r"(?:crs|lec)_\w+", "{id}", path) for path in named} - served == set()


def test_every_address_for_apps_stands_in_the_guide() -> None:
    own = {e.path for e in ENDPOINTS if e.path.startswith("/api/v1/")}
    named = re.sub(r"(?:crs|lec)_\w+", "{id}", GUIDE)
    missing = {path for path in own if re.sub(r"\{\w+\}", "{id}", path) not in named}
    assert missing == set()


def test_the_guide_has_every_kind_of_change_and_its_limits() -> None:
    kinds = {str(kind.__struct_config__.tag) for kind in incoming.AnyChange.__args__}
    assert {f"| `{kind}` |" in GUIDE for kind in kinds} == {True}
    assert f"up to {incoming.CHANGES_MAX:,} and 1 MiB" in GUIDE
    assert (incoming.BYTES_MAX, incoming.KEPT.days) == (1024 * 1024, 180)
