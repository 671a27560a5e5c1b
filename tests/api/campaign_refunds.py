"""Money that goes back while everything goes wrong: by the operator's command, killed and said again, or in Stripe's dashboard.

Knows what is meant to go back; whether it did, once, is for the test to say.
"""

import random
import subprocess
import time
from pathlib import Path
from typing import Any, Literal

from tests.api.campaign_books import STRIPE, rows
from tests.api.shop import THURSDAY, WATER
from tests.command import command, environment

Meant = Literal["", "command", "command_part", "command_line", "dashboard", "dashboard_part", "dashboard_failed"]
# By the last digits of a purchase's number; odd ones are of people who are signed in.
MEANT: dict[int, Meant] = {
    1: "command",
    3: "command_part",
    5: "command_line",
    2: "dashboard",
    4: "dashboard_part",
    8: "dashboard_failed",
}
BASKET = (THURSDAY, WATER)
PART_CENTS = 1000
TRIES_MAX, TRY_AGAIN_SECONDS, COMMAND_SECONDS_MAX = 60, 1.0, 120
KILLED_WITHIN_SECONDS = 3.0
LOST = [
    {"path": "/v1/refunds", "status": 500, "times": 1, "after": True},
    {"path": "/v1/refunds", "status": 500, "times": 1},
]


def arguments(order: str, meant: Meant) -> list[str]:
    """What the operator types."""
    more = {"command_part": ["--cents", str(PART_CENTS)], "command_line": ["--line", WATER]}
    return ["admin", "refund", order, *more.get(meant, [])]


def by_command(order: str, meant: Meant, *, env: dict[str, str], chance: random.Random) -> str:
    """Says the command until it answers that the money went back before, so once too often; what went wrong for good."""
    said = ""
    for attempt in range(TRIES_MAX):
        child = subprocess.Popen(
            command(*arguments(order, meant)),
            env=environment(env), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        if attempt == 0:  # at any point of it, sometimes after all was done
            _kill_within(child, chance.uniform(0.3, KILLED_WITHIN_SECONDS))
        done, said = child.communicate(timeout=COMMAND_SECONDS_MAX)
        if "already" in said:
            return ""
        time.sleep(0 if "go back to" in done else TRY_AGAIN_SECONDS)
    return f"refund of {order}: {said}"


def in_dashboard(campaign: Any, order: str, meant: Meant) -> str:
    """As somebody clicks there; what went wrong."""
    intent = _intent(campaign.folder, order)
    form = {"amount_cents": str(PART_CENTS)} if meant == "dashboard_part" else {}
    status, answer = campaign.post_form(f"/operate/payments/{intent}/refund", form)
    if status == 303 and meant == "dashboard_failed":  # a debit's refund is under way for a while
        query = f"SELECT id FROM objects WHERE kind = 'refund' AND payment_intent = '{intent}'"  # noqa: S608
        refund = rows(campaign.folder, STRIPE, query)[0][0]
        status, answer = campaign.post_form(f"/operate/refunds/{refund}/fail", {})
    return "" if status == 303 else f"{status} {answer.decode()}"


def _kill_within(child: "subprocess.Popen[str]", seconds: float) -> None:
    try:
        child.wait(seconds)
    except subprocess.TimeoutExpired:
        child.kill()


def _intent(folder: Path, order: str) -> str:
    query = (
        "SELECT payment_intent FROM objects WHERE kind = 'checkout.session' AND payment_intent IS NOT NULL"  # noqa: S608
        f" AND json_extract(data, '$.client_reference_id') = '{order}'"
        " AND json_extract(data, '$.status') = 'complete'"
    )
    return str(rows(folder, STRIPE, query)[0][0])
