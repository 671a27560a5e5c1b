"""Decodes what a client sent by what it is and not by what its label says: a JSON object or a form, into the same typed value."""

import asyncio
import json
import re
from collections.abc import Iterable
from typing import Any, TypeVar
from urllib.parse import parse_qsl

import msgspec
from starlette.requests import Request

from api.errors import AppError, Code

T = TypeVar("T")
FORM_FIELDS_MAX = 100
SECONDS_MAX = 15
FAULT = re.compile(r"(?P<message>.*?)(?: - at `\$(?P<path>[^`]*)`)?", re.DOTALL)
NAMED_FIELD = re.compile(r"`(\w+)`$")


async def read(request: Request, *, bytes_max: int) -> bytes:
    """The whole body. Raises TOO_LARGE as soon as it is, TOO_SLOW when it does not come."""
    body = bytearray()
    try:
        async with asyncio.timeout(SECONDS_MAX):
            async for chunk in request.stream():
                body += chunk
                if len(body) > bytes_max:
                    raise AppError(Code.TOO_LARGE, f"At most {bytes_max} bytes can be sent here.")
    except TimeoutError as error:
        raise AppError(Code.TOO_SLOW, f"The body must be here within {SECONDS_MAX} seconds.") from error
    return bytes(body)


def is_form(raw: bytes) -> bool:
    """True for what a page's form without script sends; JSON objects begin with a brace."""
    return bool(raw.strip()) and not raw.lstrip().startswith(b"{")


def decoded(raw: bytes, kind: type[T]) -> T:
    """Raises MALFORMED for what is neither object nor form, INVALID with a message for each field at fault."""
    if is_form(raw):
        return converted(_form_pairs(raw), kind)
    try:
        value = msgspec.json.decode(raw.strip() or b"{}", type=kind)
    except msgspec.ValidationError as error:
        raise _invalid(str(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise AppError(Code.MALFORMED, "The body is neither a JSON object nor a form.") from error
    if b"\\u0000" in raw:  # no database's text can hold it
        raise AppError(Code.INVALID, "The body has a NUL character in it.")
    return value


def loose_json(raw: bytes) -> Any:
    """What old apps call JSON: also with halves of characters, NaN or a mark of byte order. Raises MALFORMED."""
    try:
        return msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass
    try:
        return json.loads(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise AppError(Code.MALFORMED, "The body is no JSON.") from error


def converted(pairs: Iterable[tuple[str, str]], kind: type[T]) -> T:
    """`kind` from names and texts, as forms and queries have them. An empty field of a form counts as left out."""
    lists = _list_fields(kind)
    found: dict[str, Any] = {}
    for name, value in pairs:
        if "\0" in value:
            raise _invalid(f"A NUL character - at `$.{name}`")
        if name in lists:
            found.setdefault(name, []).append(value)
        elif value:
            found[name] = value
    try:
        return msgspec.convert(found, type=kind, strict=False)
    except msgspec.ValidationError as error:
        raise _invalid(str(error)) from error


def _form_pairs(raw: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(
            raw.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=True,
            errors="strict",
            max_num_fields=FORM_FIELDS_MAX,
        )
    except ValueError as error:  # UnicodeDecodeError is one
        raise AppError(Code.MALFORMED, "The body is neither a JSON object nor a form.") from error


def _list_fields(kind: Any) -> set[str]:
    fields = getattr(msgspec.inspect.type_info(kind), "fields", ())
    lists = (msgspec.inspect.ListType, msgspec.inspect.VarTupleType)
    return {field.encode_name for field in fields if isinstance(field.type, lists)}


def _invalid(message: str) -> AppError:
    """msgspec names the place in its message: 'Expected `str`, got `int` - at `$.email`'."""
    match = FAULT.fullmatch(message)
    text, path = (match["message"], match["path"] or "") if match else (message, "")
    named = NAMED_FIELD.search(text)
    field = path.lstrip(".") or (named[1] if named else "")
    return AppError(Code.INVALID, f"{text}.", fields={field: text} if field else None)
