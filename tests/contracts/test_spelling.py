"""Money and days are spelled alike by the generator's pages, the service's mails and pages, and the account's script."""

import datetime as dt
import json
import subprocess
from urllib.parse import quote
from zoneinfo import ZoneInfo

from api import spelling
from generator.currencies import CURRENCIES
from generator.render import cards, money
from tests.command import ROOT

SCRIPT = ROOT / "theme/static/js/account/spelling.js"
AMOUNTS = (0, 1, 99, 100, 1225, 4900, 4950, 120_000, 123_456_789)
SUMS = [(amount, currency) for currency in sorted(CURRENCIES) for amount in AMOUNTS]
DAYS = [dt.datetime(2026, month, 28, 23, 59, tzinfo=dt.UTC) for month in range(1, 13)]
ASK = """
const { money, day, minute } = await import(process.argv[1]);
const asked = JSON.parse(process.argv[2]);
console.log(JSON.stringify({ sums: asked.sums.map(([cents, code]) => money(cents, code)), days: asked.days.map(day),
  minutes: asked.days.map(minute) }));
"""


def in_script() -> dict[str, list[str]]:
    asked = json.dumps({"sums": [*SUMS, (-1225, "usd")], "days": [day.isoformat() for day in DAYS]})
    line = ("node", "--input-type=module", "--eval", ASK, f"data:text/javascript,{_quoted()}", asked)
    told: dict[str, list[str]] = json.loads(subprocess.run(line, capture_output=True, check=True, text=True).stdout)
    return told


def _quoted() -> str:
    """As an address: a file that ends in .js would need a package.json to be a module."""
    return quote(SCRIPT.read_text())


def test_money_is_spelled_alike() -> None:
    on_pages = [money.price(*each) for each in SUMS]
    assert [spelling.money(*each) for each in SUMS] == on_pages
    assert in_script()["sums"] == [*on_pages, spelling.money(-1225, "usd")]


def test_days_are_spelled_alike() -> None:
    on_pages = [cards.date(day, ZoneInfo("UTC")).text for day in DAYS]
    assert [spelling.day(day) for day in DAYS] == on_pages
    assert in_script()["days"] == on_pages
    assert in_script()["minutes"] == [spelling.minute(day) for day in DAYS]
