"""Rows as values: a column for every field, texts of times and JSON read back. Knows no table."""

import json
from collections.abc import Iterable
from sqlite3 import Row
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")


def as_struct(row: Row, kind: type[T], *, json_columns: Iterable[str] = ()) -> T:
    """`row` as a struct of the model; `json_columns` hold JSON text."""
    values: dict[str, Any] = dict(row)
    for name in json_columns:
        values[name] = json.loads(values[name])
    return msgspec.convert(values, type=kind, strict=False)
