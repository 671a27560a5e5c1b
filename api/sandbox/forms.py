"""Reads the form encoding that Stripe's clients send: `line_items[0][price_data][currency]=usd`; knows no parameter's meaning."""

import re
from typing import Any
from urllib.parse import parse_qsl

from api.sandbox.errors import StripeFault

NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
FIELDS_MAX = 2000


def decode(encoded: str) -> dict[str, Any]:
    """Nested dicts of strings; what is a list has its positions for keys.

    >>> decode("metadata[order]=ord_1&expand[0]=customer&expand[]=invoice")
    {'metadata': {'order': 'ord_1'}, 'expand': {'0': 'customer', '1': 'invoice'}}
    """
    values: dict[str, Any] = {}
    for name, value in parse_qsl(encoded, keep_blank_values=True, max_num_fields=FIELDS_MAX):
        _put(values, _path(name), value)
    return values


def _path(name: str) -> list[str]:
    found = NAME.fullmatch(name)
    if not found:
        raise StripeFault(f"Invalid parameter name: {name}", param=name)
    return [found[1], *re.findall(r"\[([^\[\]]*)\]", found[2])]


def _put(values: dict[str, Any], path: list[str], value: str) -> None:
    *above, last = path
    for part in above:
        values = values.setdefault(part or str(len(values)), {})
        if not isinstance(values, dict):
            raise StripeFault("Invalid parameters: a name is used for a value and for a hash", param=path[0])
    values[last or str(len(values))] = value
