"""Requests are held to the types of the `stripe` package, and refused as Stripe refuses them."""

import typing
from typing import Any

import pytest
import typing_extensions
from hypothesis import given
from hypothesis import strategies as st
from stripe.params.checkout import SessionCreateParams, SessionListParams

from api.sandbox import parameters
from api.sandbox.errors import StripeFault
from api.sandbox.forms import decode
from api.sandbox.operations import OPERATIONS
from api.sandbox.parameters import checked
from tests.api.sandbox.calls import Sandbox, order


@pytest.mark.parametrize(
    ("form", "param", "code"),
    [
        ("colour=red", "colour", "parameter_unknown"),
        ("line_items[0][price_data][currncy]=usd", "line_items[0][price_data][currncy]", "parameter_unknown"),
        ("payment_intent_data[metadat][order]=1", "payment_intent_data[metadat]", "parameter_unknown"),
        ("api_key=sk_test_other", "api_key", "parameter_unknown"),
        ("line_items[0][price_data][unit_amount]=9", "line_items[0][price_data][currency]", "parameter_missing"),
        ("expires_at=tomorrow", "expires_at", "parameter_invalid_integer"),
        ("mode=gift", "mode", None),
        ("allow_promotion_codes=yes", "allow_promotion_codes", None),
        ("line_items=3", "line_items", None),
        ("metadata=3", "metadata", None),
        ("mode[payment]=1", "mode", None),
        ("success_url[a]=1", "success_url", None),
    ],
)
def test_what_the_package_does_not_declare_is_refused(form: str, param: str, code: str | None) -> None:
    with pytest.raises(StripeFault) as refused:
        checked(decode(form), SessionCreateParams)
    assert (refused.value.error["param"], refused.value.error.get("code")) == (param, code)
    assert refused.value.status == 400


def test_a_word_outside_its_list_is_answered_with_the_list() -> None:
    with pytest.raises(StripeFault, match="must be one of payment, setup, or subscription"):
        checked(decode("mode=gift"), SessionCreateParams)


def test_texts_become_values() -> None:
    form = "mode=payment&expires_at=1767600000&allow_promotion_codes=true&line_items[0][quantity]=2&metadata[a]=1&expand[]=customer"
    assert checked(decode(form), SessionCreateParams) == {
        "mode": "payment",
        "expires_at": 1767600000,
        "allow_promotion_codes": True,
        "line_items": [{"quantity": 2}],
        "metadata": {"a": "1"},
        "expand": ["customer"],
    }


def test_a_time_or_a_range_of_times_are_told_apart() -> None:
    assert checked(decode("created=3"), SessionListParams) == {"created": 3}
    assert checked(decode("created[gte]=3&created[lt]=9"), SessionListParams) == {"created": {"gte": 3, "lt": 9}}


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: f"{one.method} {one.address.pattern}")
def test_every_type_of_every_call_is_understood(operation: Any) -> None:
    """Nothing that the package declares, at any depth, is left unread or taken for plain text by mistake."""
    met: set[Any] = set()
    walk(operation.params, met)
    assert met


def test_a_nested_mistake_is_answered_by_the_api(sandbox: Sandbox) -> None:
    answer = sandbox.call("checkout/sessions", **order(), **{"line_items[0][colour]": "red"})
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "parameter_unknown"
    assert sandbox.get("checkout/sessions").json()["data"] == []


@given(st.text(max_size=60))
def test_no_form_breaks_the_reading(form: str) -> None:
    """Whatever is sent is either values or a refusal."""
    try:
        checked(decode(form), SessionCreateParams)
    except StripeFault as refused:
        assert refused.status == 400


def walk(hint: Any, met: set[Any]) -> None:
    """Makes the check of a type and of all types inside it; fails for a type that has none."""
    if hint in met:
        return
    met.add(hint)
    if typing_extensions.is_typeddict(hint):
        names = parameters._names(hint)
        for field in typing_extensions.get_type_hints(hint, globalns=names, include_extras=True).values():
            walk(field, met)
        return
    parts = typing.get_args(hint)
    assert parts or hint in (*parameters.PLAIN, type(None)), f"{hint} is not understood"
    if typing.get_origin(hint) is not typing.Literal:
        for part in parts:
            if not parameters._is_untyped(part):
                walk(part, met)
