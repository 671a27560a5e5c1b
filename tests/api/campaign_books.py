"""Reads both sides' books of a campaign, whoever else is writing in them. Judges nothing."""

import sqlite3
from pathlib import Path
from typing import Any

SHOP, STRIPE = "data/shop.sqlite", "stripe/sandbox.sqlite"


def rows(folder: Path, file: str, query: str) -> list[tuple[Any, ...]]:
    db = sqlite3.connect(f"file:{folder / file}?mode=ro", uri=True, timeout=10)
    try:
        return db.execute(query).fetchall()
    finally:
        db.close()
