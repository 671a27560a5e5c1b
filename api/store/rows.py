"""Rows as values: a column for every field, texts of times and JSON read back. Knows no table."""

import datetime as dt
import json
from collections.abc import Iterable
from sqlite3 import Row
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from api import times

T = TypeVar("T")


def as_struct(row: Row, kind: type[T], *, json_columns: Iterable[str] = ()) -> T:
    """`row` as a struct of the model; `json_columns` hold JSON text."""
    values: dict[str, Any] = dict(row)
    for name in json_columns:
        values[name] = json.loads(values[name])
    return msgspec.convert(values, type=kind, strict=False)


def as_columns(value: Struct) -> dict[str, Any]:
    """The fields of `value` as SQLite keeps them, for a statement with `:name` in it: times as text, lists as JSON."""
    return {name: _column(getattr(value, name)) for name in value.__struct_fields__}


def _column(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return times.text(value)
    return json.dumps(value) if isinstance(value, tuple | list | dict) else value
