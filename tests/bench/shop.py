"""A shop of many years: accounts, orders and what they opened, in the service's own tables. Measures nothing."""

import datetime as dt
import hashlib
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from api import times
from api.store import migrations
from api.store.database import Database

ACCOUNTS, ORDERS = 10_000, 50_000
BEGINNING = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
COURSES = tuple(f"crs_{number:03}" for number in range(40))
Rows = dict[str, list[tuple[Any, ...]]]


def catalog() -> dict[str, Any]:
    """Forty courses of ten lectures."""
    return {"version": 1, "site": "https://shop.example", "courses": [_course(id) for id in COURSES]}


def fill(path: Path, *, accounts: int = ACCOUNTS, orders: int = ORDERS) -> list[str]:
    """Makes the file, and returns the tokens of some browsers that are signed in."""
    migrations.migrate(path, now=BEGINNING)
    database = Database(path)
    database.open()
    tokens = [f"token-{number}" for number in range(200)]
    with database.transaction() as db:
        for table, rows in _rows(accounts, orders, tokens).items():
            columns, marks = COLUMNS[table], ", ".join("?" for _ in COLUMNS[table].split(","))
            db.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", rows)  # noqa: S608 (names of ours)
    database.close()
    return tokens


COLUMNS = {
    "accounts": "id, email, email_canonical, created_at, confirmed_at",
    "sessions": "id, id_hash, account_id, created_at, seen_at, expires_at, fresh_until",
    "orders": "id, account_id, email, state, currency, total_cents, stripe_session, created_at, paid_at, livemode, cart_key",
    "order_lines": "id, order_id, product_id, kind, title, contents, price_cents",
    "payments": "id, order_id, stripe_id, amount_cents, currency, state, created_at",
    "grants": "id, account_id, product_id, source_line, source, valid_from, created_at",
}


def _rows(accounts: int, orders: int, tokens: list[str]) -> Rows:
    rows: Rows = {table: [] for table in COLUMNS}
    rows["accounts"] = [_account(number) for number in range(accounts)]
    rows["sessions"] = [_session(token, number % accounts) for number, token in enumerate(tokens)]
    for number, account in enumerate(_buyers(accounts, orders)):
        _add_order(rows, number, account)
    return rows


def _account(number: int) -> tuple[Any, ...]:
    email, at = f"person{number}@mail.example", times.text(BEGINNING)
    return (_id("acc", number), email, email, at, at)


def _session(token: str, account: int) -> tuple[Any, ...]:
    now = dt.datetime.now(dt.UTC)
    later = times.text(now + dt.timedelta(days=30))
    digest = hashlib.sha256(token.encode()).hexdigest()
    return (_id("ses", account), digest, _id("acc", account), times.text(now), times.text(now), later, later)


def _buyers(accounts: int, orders: int) -> Iterator[int]:
    chance = random.Random(1)
    for _ in range(orders):
        yield chance.randrange(accounts)


def _add_order(rows: Rows, number: int, account: int) -> None:
    order, line, course = _id("ord", number), _id("lin", number), COURSES[(number * 7 + account) % len(COURSES)]
    at = times.text(BEGINNING + dt.timedelta(minutes=number))
    buyer = (_id("acc", account), f"person{account}@mail.example")
    rows["orders"].append((order, *buyer, "paid", "usd", 4900, f"cs_{number}", at, at, 0, None))
    rows["order_lines"].append((line, order, course, "course", f"Course {course}", f'["{course}"]', 4900))
    rows["payments"].append((_id("pay", number), order, f"pi_{number}", 4900, "usd", "succeeded", at))
    rows["grants"].append((_id("gra", number), buyer[0], course, line, "purchase", at, at))


def _id(prefix: str, number: int) -> str:
    return f"{prefix}_{number:026}"


def _course(id: str) -> dict[str, Any]:
    lectures = [{"id": f"{id}_{n}", "slug": f"lecture-{n}", "title": f"Lecture {n}", "seconds": 300} for n in range(10)]
    return {"id": id, "slug": id, "title": f"Course {id}", "prices": {"usd": 4900}, "lectures": lectures}
