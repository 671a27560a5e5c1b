"""Holds a request's parameters to the types that the `stripe` package declares for the call, and turns their text into values.

Refuses what Stripe refuses: unknown and missing names at any depth, wrong numbers, words outside a list of words.
"""

import sys
import types
import typing
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any, Literal

import typing_extensions
from stripe._request_options import RequestOptions
from stripe._stripe_object import UntypedStripeObject

from api.sandbox.errors import StripeFault

Check = Callable[[Any, str], Any]  # (text or nested dict, name of the parameter) -> value

OPTIONS = frozenset(RequestOptions.__annotations__)  # of the client, never sent


def checked(values: dict[str, Any], declared: type) -> dict[str, Any]:
    """The values of a request in their types. Raises StripeFault as Stripe would answer."""
    result: dict[str, Any] = _hash(declared)(values, "")
    return result


@cache
def _hash(declared: type) -> Check:
    """The check of a TypedDict. Its fields are looked up when first used: the types of some calls are very large."""
    hints = typing_extensions.get_type_hints(declared, globalns=_names(declared), include_extras=True)
    fields = {name: hint for name, hint in hints.items() if name not in OPTIONS}
    required = [name for name, hint in fields.items() if typing.get_origin(hint) is not typing_extensions.NotRequired]

    def check(given: Any, param: str) -> dict[str, Any]:
        if not isinstance(given, dict):
            raise StripeFault(f"Invalid {param or 'request'}: must be a hash", param=param or None)
        for name in given:
            if name not in fields:
                raise _unknown(_inside(param, name))
        for name in required:
            if name not in given:
                raise _missing(_inside(param, name))
        return {name: _check(fields[name])(value, _inside(param, name)) for name, value in given.items()}

    return check


@cache
def _check(hint: Any) -> Check:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing_extensions.NotRequired:
        return _check(arguments[0])
    if origin in (typing.Union, types.UnionType):
        return _either(arguments)
    if origin is Literal:
        return _words(arguments)
    if origin in (list, dict):
        return _list(_check(arguments[0])) if origin is list else _dict(_check(arguments[1]))
    if typing_extensions.is_typeddict(hint):
        return _later(hint)
    return PLAIN.get(hint, _text)


def _later(declared: type) -> Check:
    """Looks its fields up at the first use."""

    def check(given: Any, param: str) -> Any:
        return _hash(declared)(given, param)

    return check


def _either(alternatives: tuple[Any, ...]) -> Check:
    """'' takes a value away where it is listed; a list of words is closed though the package types it `Literal[...]|str`."""
    words = tuple(word for one in alternatives if typing.get_origin(one) is Literal for word in typing.get_args(one))
    named = tuple(word for word in words if word != "")
    plain = [one for one in alternatives if typing.get_origin(one) is not Literal and not _is_untyped(one)]
    hashes = [one for one in plain if typing_extensions.is_typeddict(one) or typing.get_origin(one) in (dict, list)]
    texts = [one for one in plain if one not in hashes and not (named and one is str)]

    def check(given: Any, param: str) -> Any:
        if isinstance(given, dict):
            return _check(hashes[0])(given, param) if hashes else _text(given, param)
        if given in words:
            return given
        if texts:
            return _check(texts[0])(given, param)
        return _words(named)(given, param) if named else _check(hashes[0])(given, param)

    return check


def _words(words: tuple[str, ...]) -> Check:
    def check(given: Any, param: str) -> str:
        if given in words:
            return str(given)
        *others, last = words
        listed = f"{', '.join(others)}{',' if len(others) > 1 else ''} or {last}" if others else last
        raise StripeFault(f"Invalid {param}: must be {'one of ' if others else ''}{listed}", param=param)

    return check


def _list(item: Check) -> Check:
    def check(given: Any, param: str) -> list[Any]:
        if given == "":
            return []
        if not isinstance(given, dict) or not all(position.isdigit() for position in given):
            raise StripeFault("Invalid array", param=param)
        return [item(given[position], f"{param}[{position}]") for position in sorted(given, key=int)]

    return check


def _dict(item: Check) -> Check:
    def check(given: Any, param: str) -> dict[str, Any]:
        if given == "":
            return {}
        if not isinstance(given, dict):
            raise StripeFault(f"Invalid {param}: must be a hash", param=param)
        return {name: item(value, f"{param}[{name}]") for name, value in given.items()}

    return check


def _text(given: Any, param: str) -> str:
    if not isinstance(given, str):
        raise StripeFault("Invalid string: {...}", param=param)
    return given


def _integer(given: Any, param: str) -> int:
    text = _text(given, param)
    if not (text.lstrip("-").isdigit() and text.isascii() and len(text) < 16):
        raise StripeFault(f"Invalid integer: {text}", code="parameter_invalid_integer", param=param)
    return int(text)


def _boolean(given: Any, param: str) -> bool:
    if given not in ("true", "false"):
        raise StripeFault(f"Invalid boolean: {_text(given, param)}", param=param)
    return bool(given == "true")


def _decimal(given: Any, param: str) -> Decimal:
    try:
        value = Decimal(_text(given, param))
    except InvalidOperation:
        raise StripeFault(f"Invalid decimal: {given}", param=param) from None
    if not value.is_finite():
        raise StripeFault(f"Invalid decimal: {given}", param=param)
    return value


PLAIN: dict[Any, Check] = {str: _text, int: _integer, bool: _boolean, float: _decimal, Decimal: _decimal}


def _unknown(param: str) -> StripeFault:
    return StripeFault(f"Received unknown parameter: {param}", code="parameter_unknown", param=param)


def _missing(param: str) -> StripeFault:
    return StripeFault(f"Missing required param: {param}.", code="parameter_missing", param=param)


def _inside(param: str, name: str) -> str:
    return f"{param}[{name}]" if param else name


def _is_untyped(hint: Any) -> bool:
    return (typing.get_origin(hint) or hint) is UntypedStripeObject


def _names(declared: type) -> dict[str, Any]:
    """What the annotations of a module speak of; the package imports StripeContext for type checkers only."""
    modules = (sys.modules[RequestOptions.__module__], sys.modules[declared.__module__])
    return {"StripeContext": str, **{name: value for module in modules for name, value in vars(module).items()}}
