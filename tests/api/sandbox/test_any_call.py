"""Whatever the package's types allow, and much that they do not, is answered or refused; nothing breaks the stand-in."""

import random
import types
import typing
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
import typing_extensions
from stripe.params.checkout import SessionCreateParams

from api.sandbox import parameters
from api.sandbox.operations import OPERATIONS
from api.sandbox.settings import FULL_KEY
from tests.api.sandbox.calls import Sandbox, order

CALLS_SHORT, CALLS_LONG = 12, 300
TEXTS = ("", "usd", "x", "ada@example.com", "https://shop.example/", "0", "-1", "ü" * 600, "true", "\x00", "[]", "a[b]")
INTEGERS = ("0", "1", "-1", "50", "4900", "99999999", "100000000", "1767600000", "9" * 30, "1.5", "x", "")
METADATA = ({"order": "ord_1"}, {"k" * 50: "v"}, {"k": "v" * 600}, {str(n): "v" for n in range(60)})


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: f"{one.method} {one.address.pattern}")
def test_no_call_breaks_the_stand_in(sandbox: Sandbox, operation: Any, prove: bool) -> None:
    chance = random.Random(operation.address.pattern + operation.method)
    known = ids_of(sandbox)
    for _ in range(CALLS_LONG if prove else CALLS_SHORT):
        form = dict(fields(operation.params, "", chance=chance, known=known, depth=0))
        path = operation.address.pattern
        while "([^/]+)" in path:
            path = path.replace("([^/]+)", chance.choice(known), 1)
        sent = {"params": form} if operation.method in ("GET", "DELETE") else {"data": form}
        headers = {"Authorization": f"Bearer {FULL_KEY}"}
        answer = sandbox.client.request(operation.method, path, headers=headers, **sent)
        assert answer.status_code in (200, 400, 404), (form, answer.text)
    assert sandbox.client.get("/desk").status_code == 200


def test_no_extra_of_a_good_order_breaks_the_stand_in(sandbox: Sandbox, prove: bool) -> None:
    """One or two fields are put beside an order that would be taken; whatever is taken can be paid."""
    chance = random.Random(1)
    known = ids_of(sandbox)
    opened = 0
    for _ in range(2000 if prove else 150):
        extra = list(fields(SessionCreateParams, "", chance=chance, known=known, depth=0))
        name = chance.choice(extra)[0].partition("[")[0] if extra else ""
        form = {**order(), **{key: value for key, value in extra if key.partition("[")[0] == name}}
        answer = sandbox.call("checkout/sessions", **form)
        assert answer.status_code in (200, 400), (form, answer.text)
        if answer.status_code == 200:
            opened += 1
            assert sandbox.act(answer.json(), "pay", terms="accepted").status_code in (303, 422), form
    assert opened > 20


def ids_of(sandbox: Sandbox) -> list[str]:
    """Of objects of many kinds, among them one that nobody has."""
    session = sandbox.paid(**{"invoice_creation[enabled]": "true"})
    sandbox.call("refunds", payment_intent=session["payment_intent"], amount="100")
    open_one = sandbox.session()
    events = sandbox.get("events", limit="100").json()["data"]
    return [*sorted({event["data"]["object"]["id"] for event in events}), open_one["id"], "nobody"]


def fields(
    declared: Any, name: str, *, chance: random.Random, known: list[str], depth: int
) -> Iterator[tuple[str, str]]:
    """Form fields for a TypedDict: those it requires mostly, of the others some."""
    names = parameters._names(declared)
    hints = typing_extensions.get_type_hints(declared, globalns=names, include_extras=True)
    for field, hint in hints.items():
        optional = typing.get_origin(hint) is typing_extensions.NotRequired
        if field in parameters.OPTIONS or chance.random() > (0.3 if optional else 0.95):
            continue
        inner = typing.get_args(hint)[0] if optional else hint
        yield from values(inner, f"{name}[{field}]" if name else field, chance=chance, known=known, depth=depth)


def values(hint: Any, name: str, *, chance: random.Random, known: list[str], depth: int) -> Iterator[tuple[str, str]]:
    """Form fields for one value; now and then of another type than is asked for."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if chance.random() < 0.05:
        yield name, chance.choice((*TEXTS, *INTEGERS))
    elif origin in (typing.Union, types.UnionType):
        yield from values(chance.choice(arguments), name, chance=chance, known=known, depth=depth)
    elif origin is typing.Literal:
        yield name, str(chance.choice(arguments))
    elif origin is list:
        for n in range(chance.choice((0, 1, 2)) if depth < 3 else 0):
            yield from values(arguments[0], f"{name}[{n}]", chance=chance, known=known, depth=depth + 1)
    elif origin is dict or parameters._is_untyped(hint):
        yield from ((f"{name}[{key}]", value) for key, value in chance.choice(METADATA).items())
    elif typing_extensions.is_typeddict(hint):
        yield from fields(hint, name, chance=chance, known=known, depth=depth + 1)
    elif hint is bool:
        yield name, chance.choice(("true", "false"))
    elif hint in (int, float, Decimal):
        yield name, chance.choice(INTEGERS)
    else:
        yield name, chance.choice((*TEXTS, *known))
