"""The service sends forms to pages with a message's name behind '#': the site has each page, and each page each message."""

import re
from pathlib import Path

import pytest

from api.app import ENDPOINTS
from api.routes.contract import Endpoint
from api.routes.openapi import problem_codes
from generator.build import build
from tests.command import ROOT

WITH_PAGES = [endpoint for endpoint in ENDPOINTS if endpoint.page]
PLACES = re.compile(r'"(/(?:account|checkout)/[a-z/-]*)(?:#([a-z_]+))?"')
NAMED = re.compile(r'\}#([a-z_]+)"')
IDS = re.compile(r"\{\{ ([a-z]+)(?:\.|_)id \}\}")
FORM = re.compile(r'<form method="post" action="([^"]+)"')


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("site")
    build(ROOT / "content", output, theme=ROOT / "theme", url="http://localhost:8000")
    return output


def page(site: Path, path: str) -> str:
    return (site / path.strip("/") / "index.html").read_text()


@pytest.mark.parametrize("endpoint", WITH_PAGES, ids=lambda each: f"{each.method} {each.path}")
def test_a_page_has_words_for_every_refusal(site: Path, endpoint: Endpoint) -> None:
    shown = set(re.findall(r'id="([a-z_]+)"', page(site, endpoint.page or "")))
    assert {str(code) for code in problem_codes(endpoint)} - shown == set()


def test_every_place_that_the_routes_name_is_there(site: Path) -> None:
    for file in (ROOT / "api/routes").glob("*.py"):
        for path, name in PLACES.findall(file.read_text()):
            text = page(site, path)
            assert not name or f'id="{name}"' in text, f"{file.name}: {path}#{name}"


def test_every_message_that_the_routes_name_stands_on_a_page(site: Path) -> None:
    shown = {id for file in site.rglob("index.html") for id in re.findall(r'id="([a-z_]+)"', file.read_text())}
    named = {name for file in (ROOT / "api/routes").glob("*.py") for name in NAMED.findall(file.read_text())}
    assert "signed_out" in named
    assert named - shown == set()


def test_every_form_of_the_site_is_taken(site: Path) -> None:
    taken = {endpoint.path for endpoint in ENDPOINTS if endpoint.method == "POST"}
    pages = [*(site / "account").rglob("index.html"), *(site / "checkout").rglob("index.html")]
    asked = {action for file in pages for action in FORM.findall(file.read_text())}
    printed = [*(ROOT / "theme/templates/service").glob("*.html"), *(ROOT / "theme/templates/parts").rglob("*.html")]
    asked |= {IDS.sub("{\\1_id}", action) for file in printed for action in FORM.findall(file.read_text())}
    assert "/api/sign-in" in asked
    assert asked - taken == set()
