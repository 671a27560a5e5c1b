"""Who buys what in a campaign, what they do on the payment page, and what is to go back; every purchase is of a person of its own.

Half of the buyers are signed in, which is written into the shop's books here. Nobody buys anything yet.
"""

import random
import sqlite3
from pathlib import Path

from msgspec import Struct

from api import ids
from api.store import migrations
from api.store.database import connect, transaction
from api.times import now_utc, text
from api.usecases.secret_words import token_hash
from tests.api import campaign_refunds
from tests.api.campaign_refunds import Meant
from tests.api.shop import EVERYTHING, THURSDAY, WATER

LATER = "2099-01-01T00:00:00.000Z"
BASKETS = ((THURSDAY,), (WATER,), (THURSDAY, WATER), (EVERYTHING,))
CURRENCIES = ("usd", "eur", "gbp")
# What a buyer does on the payment page, and how often.
ACTIONS = {"pay": 80, "delayed": 12, "decline": 3, "leave": 5}
# A quarter off, everything off, or no code; and how often.
CODES = {"": 70, "WELCOME25": 25, "FREEPASS": 5}


class Purchase(Struct, kw_only=True):
    """What one buyer wanted and did; `order` is what the shop called it at last."""

    number: int
    email: str
    basket: tuple[str, ...]
    currency: str
    action: str
    token: str | None
    code: str = ""
    refund: Meant = ""
    order: str = ""
    refused: str = ""


def planned(shop: Path, count: int, *, chance: random.Random, refunds_every: int) -> list[Purchase]:
    """Each kind of refund comes once among `refunds_every` purchases."""
    migrations.migrate(shop, now=now_utc())
    db = connect(shop)
    try:
        with transaction(db):
            return [_planned(db, number, chance=chance, refunds_every=refunds_every) for number in range(count)]
    finally:
        db.close()


def _planned(db: sqlite3.Connection, number: int, *, chance: random.Random, refunds_every: int) -> Purchase:
    email = f"buyer{number}@campaign.example"
    token = _signed_in(db, email) if number % 2 else None
    basket, currency = chance.choice(BASKETS), chance.choice(CURRENCIES)
    action, code = _drawn(chance, ACTIONS), _drawn(chance, CODES)
    refund = campaign_refunds.MEANT.get(number % refunds_every, "")
    if refund:  # there has to be something to give back
        basket = campaign_refunds.BASKET
        action = "delayed" if refund == "dashboard_failed" else "pay"
    if code == "FREEPASS" and (refund or action not in ("pay", "leave")):
        code = ""
    return Purchase(
        **{"number": number, "email": email, "basket": basket, "currency": currency, "action": action},
        **{"token": token, "code": code, "refund": refund},
    )


def _signed_in(db: sqlite3.Connection, email: str) -> str:
    token, account, now = ids.new("tok"), ids.new("acc"), text(now_utc())
    db.execute(
        "INSERT INTO accounts (id, email, email_canonical, created_at, confirmed_at) VALUES (?, ?, ?, ?, ?)",
        (account, email, email, now, now),
    )
    db.execute(
        "INSERT INTO sessions (id, id_hash, account_id, created_at, seen_at, expires_at, fresh_until)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (ids.new("ses"), token_hash(token), account, now, now, LATER, LATER),
    )
    return token


def _drawn(chance: random.Random, weights: dict[str, int]) -> str:
    return chance.choices(list(weights), list(weights.values()))[0]
