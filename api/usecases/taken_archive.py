"""What a person takes away as one archive: all of it as JSON, a table of each kind for a spreadsheet, the feeds for another app."""

import csv
import io
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

FORMULA = (
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
)  # a spreadsheet would reckon with it: https://owasp.org/www-community/attacks/CSV_Injection


def write(taken: Mapping[str, Any], opml: bytes) -> bytes:
    """A ZIP; `taken` is what `taking_away` tells: by kind, a list of rows."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("account.json", msgspec.json.format(msgspec.json.encode(taken), indent=2))
        archive.writestr("podcasts.opml", opml)
        for kind, rows in taken.items():
            if isinstance(rows, list) and rows:
                archive.writestr(f"{kind}.csv", table(rows))
    return written.getvalue()


def table(rows: Sequence[Mapping[str, Any]]) -> str:
    """
    >>> table([{"name": "=1+1", "cents": -5, "at": None}, {"name": "Ada", "tags": ["a"]}]).splitlines()
    ['name,cents,at,tags', "'=1+1,-5,,", 'Ada,,,"[""a""]"']
    """
    columns = list(dict.fromkeys(name for row in rows for name in row))
    written = io.StringIO()
    lines = csv.writer(written)
    lines.writerow(columns)
    lines.writerows([_cell(row.get(name)) for name in columns] for row in rows)
    return written.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, str):
        return f"'{value}" if value.startswith(FORMULA) else value
    return "" if value is None else value if isinstance(value, int | float) else msgspec.json.encode(value).decode()
