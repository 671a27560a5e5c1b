"""Answers have the shape that the `stripe` package declares: no field too many, none missing, none of another type."""

import importlib
import inspect
import sys
import types
import typing
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Literal

import pytest
import stripe
import typing_extensions
from stripe._list_object import ListObject
from stripe._stripe_object import StripeObject, UntypedStripeObject

from tests.api.sandbox.calls import Object, Sandbox

CLASSES: dict[str, type] = {
    "balance": stripe.Balance,
    "balance_transaction": stripe.BalanceTransaction,
    "charge": stripe.Charge,
    "checkout.session": stripe.checkout.Session,
    "coupon": stripe.Coupon,
    "customer": stripe.Customer,
    "event": stripe.Event,
    "invoice": stripe.Invoice,
    "item": stripe.LineItem,
    "payment_intent": stripe.PaymentIntent,
    "price": stripe.Price,
    "product": stripe.Product,
    "promotion_code": stripe.PromotionCode,
    "refund": stripe.Refund,
    "tax_id": stripe.TaxId,
    "webhook_endpoint": stripe.WebhookEndpoint,
}
PATHS = {
    "balance_transaction": "balance_transactions",
    "charge": "charges",
    "checkout.session": "checkout/sessions",
    "coupon": "coupons",
    "customer": "customers",
    "event": "events",
    "invoice": "invoices",
    "payment_intent": "payment_intents",
    "price": "prices",
    "product": "products",
    "promotion_code": "promotion_codes",
    "refund": "refunds",
    "webhook_endpoint": "webhook_endpoints",
}
# Fields that Stripe leaves out where they do not apply, though the package declares them for every object.
LEFT_OUT = {"deleted"}


@pytest.fixture
def lived(sandbox: Sandbox) -> Sandbox:
    """A stand-in in which everything has happened once."""
    sandbox.call("webhook_endpoints", url="http://127.0.0.1:9/", **{"enabled_events[0]": "*"})
    sandbox.call("prices", currency="usd", unit_amount="900", **{"product_data[name]": "Kept"})
    sandbox.session(**{"after_expiration[recovery][enabled]": "true", "automatic_tax[enabled]": "true"})
    session = sandbox.session(
        allow_promotion_codes="true",
        **{
            "invoice_creation[enabled]": "true",
            "tax_id_collection[enabled]": "true",
            "consent_collection[terms_of_service]": "required",
            "custom_text[terms_of_service_acceptance][message]": "I agree.",
        },
    )
    sandbox.act(session, "code", promotion_code="WELCOME25")
    sandbox.act(session, "decline", terms="accepted")
    sandbox.act(session, "pay", terms="accepted", tax_id="DE123456789", business_name="Ada GmbH")
    sandbox.call("refunds", payment_intent=sandbox.again(session)["payment_intent"], amount="100")
    delayed = sandbox.paid(action="delayed")
    sandbox.client.post(f"/operate/sessions/{delayed['id']}/fail")
    expired = sandbox.session(**{"after_expiration[recovery][enabled]": "true"})
    sandbox.call(f"checkout/sessions/{expired['id']}/expire")
    return sandbox


@pytest.mark.parametrize("kind", PATHS)
def test_objects_have_the_declared_shape(lived: Sandbox, kind: str) -> None:
    found = lived.get(PATHS[kind], limit="100").json()["data"]
    assert found
    assert sorted({fault for one in found for fault in faults(one, CLASSES[kind], kind)}) == []


def test_expanded_objects_have_it_too(lived: Sandbox) -> None:
    expand = {
        f"expand[{n}]": f"data.{path}"
        for n, path in enumerate(
            ("payment_intent.latest_charge", "line_items.data.price.product", "invoice", "customer")
        )
    }
    found = lived.get("checkout/sessions", limit="100", **expand).json()["data"]
    assert sorted({fault for one in found for fault in faults(one, stripe.checkout.Session, "session")}) == []
    items = [item for one in found for item in one["line_items"]["data"]]
    assert sorted({fault for item in items for fault in faults(item, stripe.LineItem, "item")}) == []


def test_tax_numbers_and_the_balance_have_it(lived: Sandbox) -> None:
    customers = lived.get("customers", limit="100").json()["data"]
    tax_ids = [one for who in customers for one in lived.get(f"customers/{who['id']}/tax_ids").json()["data"]]
    assert tax_ids
    assert [fault for one in tax_ids for fault in faults(one, stripe.TaxId, "tax_id")] == []
    assert list(faults(lived.get("balance").json(), stripe.Balance, "balance")) == []


def test_a_wrong_shape_is_noticed() -> None:
    refund = {"id": 3, "object": "refund", "colour": "red"}
    found = set(faults(refund, stripe.Refund, "refund"))
    assert {"refund.id: int is not declared", "refund.colour: not declared", "refund.amount: missing"} <= found


def faults(value: Any, hint: Any, path: str) -> Iterator[str]:
    """What of a value is not as declared."""
    if hint is UntypedStripeObject:
        return  # metadata
    if typing.get_origin(hint) is ListObject:
        (part,) = typing.get_args(hint)
        for item in value["data"]:
            yield from faults(item, part, f"{path}.data[]")
        return
    if isinstance(hint, type) and issubclass(hint, StripeObject):
        yield from _object_faults(value, hint, path) if isinstance(value, dict) else [_not_declared(value, path)]
    elif not _fits(value, hint):
        yield _not_declared(value, path)
    elif isinstance(value, list):
        (part,) = typing.get_args(_chosen(hint, list)) or (Any,)
        for item in value:
            yield from faults(item, part, f"{path}[]")
    elif isinstance(value, dict) and (chosen := _chosen(hint, dict)) is not None:
        yield from faults(value, chosen, path)


def _object_faults(value: Object, declared: type, path: str) -> Iterator[str]:
    hints = _hints(declared)
    for name in value:
        if name not in hints:
            yield f"{path}.{name}: not declared"
    for name, hint in hints.items():
        if name in value:
            yield from faults(value[name], hint, f"{path}.{name}")
        elif not _may_be_none(hint) and name not in LEFT_OUT:
            yield f"{path}.{name}: missing"


def _fits(value: Any, hint: Any) -> bool:
    origin = typing.get_origin(hint)
    if hint is Any or isinstance(hint, typing.TypeVar):
        return True
    if origin in (typing.Union, types.UnionType):
        return any(_fits(value, one) for one in typing.get_args(hint))
    if origin is Literal:
        return value in typing.get_args(hint)
    plain = origin or hint
    if isinstance(plain, type) and issubclass(plain, StripeObject):
        return isinstance(value, dict)
    if plain in (float, Decimal):
        return isinstance(value, int | float | str)
    return type(value) is plain or (isinstance(plain, type) and plain in (dict, list) and isinstance(value, plain))


def _chosen(hint: Any, kind: type) -> Any:
    """Of several alternatives the one for a list, or for an object."""
    alternatives = typing.get_args(hint) if typing.get_origin(hint) in (typing.Union, types.UnionType) else (hint,)
    for one in alternatives:
        plain = typing.get_origin(one) or one
        if kind is list and plain is list:
            return one
        if kind is dict and isinstance(plain, type) and issubclass(plain, StripeObject):
            return one if plain is ListObject else plain
    return None


def _hints(declared: type) -> dict[str, Any]:
    """The fields of a class of the package; of names it imports for type checkers only, those of objects we know are found."""
    names = _Names({**vars(sys.modules[declared.__module__]), **vars(typing_extensions)})
    own = inspect.get_annotations(declared)
    return {name: _evaluated(hint, names, declared) for name, hint in own.items() if not _is_class_variable(hint)}


def _is_class_variable(hint: Any) -> bool:
    return typing.get_origin(hint) is typing.ClassVar


def _evaluated(hint: Any, names: "_Names", declared: type) -> Any:
    holder = types.new_class("Holder")
    holder.__annotations__ = {"field": hint}
    local = _Names({**names, **{name: value for name, value in vars(declared).items() if isinstance(value, type)}})
    return typing.get_type_hints(holder, globalns=dict(names), localns=local)["field"]


class _Names(dict[str, Any]):
    def __missing__(self, name: str) -> Any:
        module = f"stripe._{''.join('_' + c.lower() if c.isupper() else c for c in name).lstrip('_')}"
        try:
            return getattr(importlib.import_module(module), name)
        except (ImportError, AttributeError):
            return Any


def _may_be_none(hint: Any) -> bool:
    return hint is Any or type(None) in typing.get_args(hint)


def _not_declared(value: Any, path: str) -> str:
    shown = repr(value) if isinstance(value, str) and len(value) < 40 else type(value).__name__
    return f"{path}: {shown} is not declared"
