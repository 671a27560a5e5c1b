"""When we last compared our books with the provider's, and what came of it."""

import datetime as dt
import json
from sqlite3 import Connection
from typing import Any, Literal

from msgspec import Struct

from api import ids, times
from api.store.rows import as_struct

Kind = Literal["hourly", "daily"]


class Reconciliation(Struct, frozen=True, kw_only=True):
    id: str
    kind: Kind
    started_at: dt.datetime
    finished_at: dt.datetime | None = None
    report: dict[str, Any] = {}


def add(
    db: Connection, kind: Kind, *, started_at: dt.datetime, finished_at: dt.datetime, report: dict[str, Any]
) -> None:
    db.execute(
        "INSERT INTO reconciliations (id, kind, started_at, finished_at, report) VALUES (?, ?, ?, ?, ?)",
        (ids.new("rec"), kind, times.text(started_at), times.text(finished_at), json.dumps(report)),
    )


def last(db: Connection, kind: Kind) -> Reconciliation | None:
    """The last one that came to its end."""
    row = db.execute(
        "SELECT * FROM reconciliations WHERE kind = ? AND finished_at IS NOT NULL ORDER BY started_at DESC LIMIT 1",
        (kind,),
    ).fetchone()
    return as_struct(row, Reconciliation, json_columns=["report"]) if row else None
