"""The forms of the golden pages, sent as a browser without script sends them, are orders to the service."""

import re
from html.parser import HTMLParser
from urllib.parse import urlencode

import pytest

from api.routes.bodies import decoded, is_form
from api.routes.orders import OrderRequest, begin
from tests.command import ROOT

PAGES = ROOT / "tests/golden/expected"


class Fields(HTMLParser):
    """What a browser would send of a page's first form: of radio buttons the chosen one, of text fields what was typed."""

    def __init__(self, html: str, typed: dict[str, str]) -> None:
        super().__init__()
        self.typed, self.pairs = typed, list[tuple[str, str]]()
        form = re.search(r"<form .*?</form>", html, re.S)
        self.found = form is not None
        self.feed(form[0] if form else "")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        field = dict(attrs)
        chosen = field.get("type") != "radio" or "checked" in field
        if tag == "input" and chosen:
            name = field["name"] or ""
            self.pairs.append((name, self.typed.get(name, field.get("value") or "")))


def sent(page: str, **typed: str) -> OrderRequest:
    raw = urlencode(Fields((PAGES / page / "index.html").read_text(), typed).pairs).encode()
    assert is_form(raw)
    return decoded(raw, OrderRequest)


def test_a_guest_with_a_coupon_buys_a_course() -> None:
    order = sent("courses/knots", email="ada@example.org", code="SPRING")
    assert order == OrderRequest(products=("crs_knots",), currency="eur", code="SPRING", email="ada@example.org")


def test_who_is_signed_in_leaves_all_fields_empty() -> None:
    assert sent("bundles/all-hands") == OrderRequest(products=("bdl_all_hands",), currency="eur")


def test_a_free_course_is_ordered_without_a_currency() -> None:
    assert sent("courses/signals") == OrderRequest(products=("crs_signals",))


@pytest.mark.parametrize("page", ["courses/charts", "bundles/old-offer"])
def test_what_is_not_on_sale_has_no_form(page: str) -> None:
    assert not Fields((PAGES / page / "index.html").read_text(), {}).found


def test_the_form_goes_where_orders_begin() -> None:
    html = (PAGES / "courses/knots/index.html").read_text()
    assert f'<form method="{begin.method.lower()}" action="{begin.path}">' in html
