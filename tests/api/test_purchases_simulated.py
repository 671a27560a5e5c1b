"""Whatever happens to shop and news, in the end every paid order has exactly its grants and one receipt, to the cent."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.campaign import Campaign, campaign
from tests.api.campaign_books import SHOP, STRIPE
from tests.api.campaign_purchases import Purchase
from tests.api.campaign_refunds import MEANT, PART_CENTS
from tests.api.shop import ANNOUNCED, EVERYTHING, FREE, THURSDAY, WATER

SHORT, LONG = 40, 10_000
SETTLED_SECONDS_MAX = 300
OPENED = {
    THURSDAY: {THURSDAY},
    WATER: {WATER},
    EVERYTHING: {EVERYTHING, FREE, THURSDAY, ANNOUNCED, WATER},
}
PAID_SESSIONS = """
    SELECT json_extract(data, '$.client_reference_id'), json_extract(data, '$.amount_total'), json_extract(data, '$.currency')
    FROM objects WHERE kind = 'checkout.session'
        AND json_extract(data, '$.status') = 'complete' AND json_extract(data, '$.payment_status') = 'paid'
"""


@pytest.fixture(scope="module")
def over(tmp_path_factory: pytest.TempPathFactory, prove: bool) -> Iterator[Campaign]:
    """A campaign that is over: everybody has bought, and the books were reconciled once."""
    count, kill_seconds, refunds_every = (LONG, (2.0, 12.0), 200) if prove else (SHORT, (0.1, 2.0), 20)
    folder = tmp_path_factory.mktemp("campaign")
    with campaign(folder, seed=11, kill_seconds=kill_seconds, refunds_every=refunds_every) as running:
        running.run(count)
        running.settle(seconds=SETTLED_SECONDS_MAX)
        running.reconcile()
        running.settle(seconds=SETTLED_SECONDS_MAX)
        yield running


def test_everybody_was_served_in_the_end(over: Campaign) -> None:
    refused = [purchase for purchase in over.purchases if purchase.refused]
    assert refused == [], (refused[:3], over.answers)
    assert over.kills > 0
    assert {purchase.refund for purchase in over.purchases} == {"", *MEANT.values()}
    assert {purchase.code for purchase in over.purchases} == {"", "WELCOME25", "FREEPASS"}


def test_the_news_went_wrong_in_every_way(over: Campaign) -> None:
    """Otherwise the rest proves nothing."""
    deliveries = over.rows(STRIPE, "SELECT attempts, delivered, fault, answer FROM deliveries")
    assert any(attempts == 0 for attempts, *_ in deliveries)  # dropped
    assert any(
        attempts > 1 and delivered for attempts, delivered, *_ in deliveries
    )  # refused or unanswered, then taken
    assert {"wrong_secret", "old_timestamp"} & {fault for _, _, fault, _ in deliveries}
    per_event = Counter(event for (event,) in over.rows(STRIPE, "SELECT event FROM deliveries"))
    assert max(per_event.values()) > 1


def test_what_was_paid_at_stripe_is_paid_here_to_the_cent(over: Campaign) -> None:
    theirs = sorted(over.rows(STRIPE, PAID_SESSIONS))
    ours = over.rows(SHOP, "SELECT order_id, amount_cents, currency FROM payments")
    assert sorted(ours) == theirs
    states = dict(over.rows(SHOP, "SELECT id, state FROM orders"))
    purchases = {purchase.order: purchase for purchase in over.purchases}
    assert {order: states[order] for order, *_ in theirs} == {
        order: state_after(purchases[order]) for order, *_ in theirs
    }


def test_sums_are_equal_in_every_currency(over: Campaign) -> None:
    """Also after refunds: what is left in both books."""
    booked = over.rows(
        STRIPE,
        "SELECT json_extract(data, '$.currency'), SUM(json_extract(data, '$.amount')) FROM objects"
        " WHERE kind = 'balance_transaction' GROUP BY 1 ORDER BY 1",
    )
    ours = over.rows(
        SHOP,
        "SELECT currency, SUM(cents) FROM ("
        " SELECT currency, amount_cents AS cents FROM payments"
        " UNION ALL SELECT orders.currency, -amount_cents FROM refunds JOIN orders ON orders.id = order_id"
        " WHERE refunds.state = 'succeeded') GROUP BY 1 ORDER BY 1",
    )
    assert booked == ours and len(ours) == 3


def test_what_was_to_go_back_went_back_once(over: Campaign) -> None:
    """However often the command was killed and said again, and whatever became of Stripe's answers."""
    query = f"SELECT order_id, price_cents - discount_cents FROM order_lines WHERE product_id = '{WATER}'"  # noqa: S608
    lines = dict(over.rows(SHOP, query))
    paid = dict(over.rows(SHOP, "SELECT order_id, amount_cents FROM payments"))
    meant = sorted(
        (purchase.order, cents)
        for purchase in over.purchases
        if (cents := gone(purchase, paid=paid.get(purchase.order, 0), line=lines.get(purchase.order, 0)))
    )
    theirs = over.rows(
        STRIPE,
        "SELECT json_extract(intents.data, '$.metadata.order'), json_extract(refunds.data, '$.amount')"
        " FROM objects AS refunds JOIN objects AS intents ON intents.id = refunds.payment_intent"
        " WHERE refunds.kind = 'refund' AND refunds.status = 'succeeded'",
    )
    ours = over.rows(SHOP, "SELECT order_id, amount_cents FROM refunds WHERE state = 'succeeded'")
    assert sorted(theirs) == sorted(ours) == meant


def test_every_refund_was_told_of_once(over: Campaign) -> None:
    made = over.rows(SHOP, "SELECT order_id FROM refunds WHERE state = 'succeeded'")
    mails = over.rows(SHOP, "SELECT payload FROM outbox WHERE kind = 'refund' AND sent_at IS NOT NULL")
    assert sorted(json.loads(payload)["order"] for (payload,) in mails) == sorted(order for (order,) in made)


def test_codes_took_off_what_stripe_says(over: Campaign) -> None:
    theirs = over.rows(
        STRIPE,
        "SELECT json_extract(data, '$.client_reference_id'), json_extract(data, '$.total_details.amount_discount'),"
        " json_extract(data, '$.amount_total') FROM objects WHERE kind = 'checkout.session'"
        " AND status = 'complete' AND json_extract(data, '$.payment_status') <> 'unpaid'",
    )
    ours = over.rows(SHOP, "SELECT id, discount_cents, total_cents FROM orders WHERE paid_at IS NOT NULL")
    assert sorted(theirs) == sorted(ours)
    used = dict(over.rows(SHOP, "SELECT id, coupon FROM orders WHERE discount_cents > 0 AND paid_at IS NOT NULL"))
    assert used == {each.order: each.code for each in over.purchases if each.order in used}
    assert set(used.values()) == {"WELCOME25", "FREEPASS"}


def test_every_paid_order_has_exactly_its_grants(over: Campaign) -> None:
    refunds = {purchase.order: purchase.refund for purchase in over.purchases}
    expected = {
        (order, product)
        for order, bought in over.rows(
            SHOP,
            "SELECT orders.id, order_lines.product_id FROM orders JOIN order_lines ON order_lines.order_id = orders.id"
            " WHERE orders.paid_at IS NOT NULL",
        )
        for product in OPENED[bought]
        if refunds[order] not in {"command", "dashboard"} and (refunds[order], product) != ("command_line", WATER)
    }
    given = over.rows(
        SHOP,
        "SELECT order_lines.order_id, grants.product_id FROM grants JOIN order_lines ON order_lines.id = grants.source_line"
        " WHERE grants.revoked_at IS NULL",
    )
    assert len(given) == len(set(given)) == len(expected)
    assert set(given) == expected


def test_every_grant_is_the_buyers_own(over: Campaign) -> None:
    emails = {purchase.order: purchase.email for purchase in over.purchases if purchase.order}
    owners = over.rows(
        SHOP,
        "SELECT order_lines.order_id, accounts.email FROM grants JOIN order_lines ON order_lines.id = grants.source_line"
        " JOIN accounts ON accounts.id = grants.account_id",
    )
    assert [order for order, email in owners if emails[order] != email] == []


def test_nothing_unpaid_is_open(over: Campaign) -> None:
    unpaid = {purchase.order for purchase in over.purchases if purchase.action in ("leave", "decline")}
    opened = {
        order
        for (order,) in over.rows(SHOP, "SELECT order_id FROM order_lines JOIN grants ON source_line = order_lines.id")
    }
    assert unpaid and not unpaid & opened


def test_every_paid_order_has_one_receipt_and_one_mail(over: Campaign) -> None:
    paid = {order for (order,) in over.rows(SHOP, "SELECT id FROM orders WHERE paid_at IS NOT NULL")}
    receipts = over.rows(SHOP, "SELECT payload FROM outbox WHERE kind = 'receipt' AND sent_at IS NOT NULL")
    assert sorted(json.loads(payload)["order"] for (payload,) in receipts) == sorted(paid)
    mails: Counter[str] = Counter()
    for mail in Path(over.folder / "data/mail").iterdir():
        text = mail.read_text()
        mails.update(
            order for order in [text.partition("Order ord_")[2][:26]] if order and "Subject: Your receipt" in text
        )
    assert set(mails.values()) == {1} and {f"ord_{order}" for order in mails} == paid


def test_our_books_and_stripes_do_not_differ(over: Campaign) -> None:
    told = over.reconcile()
    differences = [line for line in told["said"][1:] if not line.startswith("booked in ")]
    assert (told["ids"], differences) == ([], [])
    assert over.count(SHOP, "SELECT COUNT(*) FROM events WHERE state = 'failed'") == 0


def state_after(purchase: Purchase) -> str:
    """What an order that was paid has become."""
    if purchase.refund in {"", "dashboard_failed"}:
        return "paid"
    return "refunded" if purchase.refund in {"command", "dashboard"} else "partially_refunded"


def gone(purchase: Purchase, *, paid: int, line: int) -> int:
    """Cents that were to go back."""
    match purchase.refund:
        case "command" | "dashboard":
            return paid
        case "command_part" | "dashboard_part":
            return PART_CENTS
        case "command_line":
            return line
        case _:
            return 0
