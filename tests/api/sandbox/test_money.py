"""Sums to the cent: discounts, taxes, fees, refunds, and a balance that agrees with all of them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.sandbox.amounts import Item, fee, reckoned, shared
from tests.api.sandbox.calls import Object, Sandbox

CENTS = st.integers(0, 10_000_000)


@given(CENTS, st.lists(CENTS, min_size=1, max_size=20))
def test_shares_add_up_and_none_is_unfair_by_more_than_a_cent(amount: int, weights: list[int]) -> None:
    parts = shared(amount, weights)
    whole = sum(weights)
    assert sum(parts) == (amount if whole else 0)
    assert all(
        abs(part * whole - amount * weight) < whole for part, weight in zip(parts, weights, strict=True) if whole
    )


@given(
    st.lists(st.builds(Item, price_cents=CENTS, quantity=st.integers(1, 5), inclusive=st.booleans()), min_size=1), CENTS
)
def test_lines_add_up_whatever_is_taken_off(items: list[Item], off: int) -> None:
    lines = reckoned(items, amount_off=off, tax_percent=Decimal(19))
    subtotal = sum(line.subtotal_cents for line in lines)
    assert sum(line.discount_cents for line in lines) == min(off, subtotal)
    assert all(0 <= line.discount_cents <= line.subtotal_cents for line in lines)
    assert all(0 <= line.tax_cents <= line.total_cents for line in lines)


def test_what_is_left_goes_where_most_was_cut_off() -> None:
    assert shared(10, [5, 6, 5]) == [3, 4, 3]


def test_a_percentage_is_rounded_once_for_the_whole() -> None:
    lines = reckoned([Item(price_cents=999, quantity=1)] * 3, percent_off=Decimal("12.5"))
    assert sum(line.discount_cents for line in lines) == 375  # of 2997, not three times 125


@pytest.mark.parametrize(("inclusive", "tax", "total"), [(True, 782, 4900), (False, 931, 5831)])
def test_tax_is_in_the_price_or_on_top(inclusive: bool, tax: int, total: int) -> None:
    (line,) = reckoned([Item(price_cents=4900, quantity=1, inclusive=inclusive)], tax_percent=Decimal(19))
    assert (line.tax_cents, line.total_cents) == (tax, total)


def test_a_fee_is_a_share_and_a_fixed_sum() -> None:
    assert (fee(4900), fee(0)) == (172, 0)


def taxed(**fields: str) -> dict[str, str]:
    return {
        "automatic_tax[enabled]": "true",
        "tax_id_collection[enabled]": "true",
        "line_items[0][price_data][tax_behavior]": "inclusive",
        **fields,
    }


@pytest.mark.parametrize(
    ("fields", "tax_cents"),
    [
        ({"country": "DE"}, 782),
        ({"country": "US"}, 0),
        ({"country": "FR", "tax_id": "FR12345678901"}, 0),
        ({"country": "DE", "tax_id": "DE123456789"}, 782),
    ],
)
def test_tax_follows_the_buyer(sandbox: Sandbox, fields: dict[str, str], tax_cents: int) -> None:
    session = sandbox.session(**taxed())
    sandbox.act(session, "pay", **fields)
    paid = sandbox.again(session)
    assert (paid["total_details"]["amount_tax"], paid["amount_total"]) == (tax_cents, 4900)


def test_a_tax_number_that_nobody_asked_for_counts_for_nothing(sandbox: Sandbox) -> None:
    session = sandbox.session(**taxed() | {"tax_id_collection[enabled]": "false"})
    sandbox.act(session, "pay", country="FR", tax_id="FR12345678901")
    assert sandbox.again(session)["total_details"]["amount_tax"] == 817


# ------------------------------------------------------------------ refunds


def refund(sandbox: Sandbox, session: Object, **params: str) -> Object:
    answer = sandbox.call("refunds", payment_intent=session["payment_intent"], **params)
    assert answer.status_code == 200, answer.text
    found: Object = answer.json()
    return found


def charge_of(sandbox: Sandbox, session: Object) -> Object:
    found: Object = sandbox.get("charges", payment_intent=session["payment_intent"]).json()["data"][0]
    return found


def net(sandbox: Sandbox) -> int:
    return sum(one["net"] for one in sandbox.get("balance_transactions", limit="100").json()["data"])


def test_a_refund_without_an_amount_is_the_whole_rest(sandbox: Sandbox) -> None:
    session = sandbox.paid()
    refund(sandbox, session, amount="900")
    assert refund(sandbox, session)["amount"] == 4000
    assert charge_of(sandbox, session)["refunded"] is True


@pytest.mark.parametrize("amount", ["4901", "0", "-1"])
def test_a_refund_above_the_charge_or_of_nothing_is_refused(sandbox: Sandbox, amount: str) -> None:
    session = sandbox.paid()
    answer = sandbox.call("refunds", payment_intent=session["payment_intent"], amount=amount)
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "amount")
    assert charge_of(sandbox, session)["amount_refunded"] == 0


def test_a_charge_refunded_whole_says_so(sandbox: Sandbox) -> None:
    session = sandbox.paid()
    refund(sandbox, session)
    answer = sandbox.call("refunds", payment_intent=session["payment_intent"])
    assert answer.json()["error"]["code"] == "charge_already_refunded"


def test_an_unpaid_session_has_nothing_to_refund(sandbox: Sandbox) -> None:
    session = sandbox.paid(action="delayed")
    assert sandbox.call("refunds", payment_intent=session["payment_intent"]).status_code == 400


def test_a_pending_refund_succeeds_later(sandbox: Sandbox) -> None:
    session = sandbox.paid()
    sandbox.client.put("/_sandbox/pending-refunds", json=True)
    pending = refund(sandbox, session)
    assert pending["status"] == "pending"
    sandbox.client.post(f"/operate/refunds/{pending['id']}/succeed")
    assert sandbox.get(f"refunds/{pending['id']}").json()["status"] == "succeeded"


def test_a_failed_refund_gives_the_money_back_to_the_seller(sandbox: Sandbox) -> None:
    session = sandbox.paid()
    before = net(sandbox)
    failed = refund(sandbox, session, amount="900")
    sandbox.client.post(f"/operate/refunds/{failed['id']}/fail")
    assert sandbox.get(f"refunds/{failed['id']}").json()["status"] == "failed"
    assert charge_of(sandbox, session)["amount_refunded"] == 0
    assert net(sandbox) == before
    types = [event["type"] for event in sandbox.get("events").json()["data"][:2]]
    assert types == ["refund.updated", "refund.failed"]


def test_the_balance_keeps_each_currency_to_itself(sandbox: Sandbox) -> None:
    sandbox.paid(cents=4900)
    sandbox.paid(cents=2000, **{"line_items[0][price_data][currency]": "eur"})
    pending = {part["currency"]: part["amount"] for part in sandbox.get("balance").json()["pending"]}
    assert pending == {"usd": 4900 - 172, "eur": 2000 - 88}


def test_a_payment_that_failed_books_nothing(sandbox: Sandbox) -> None:
    session = sandbox.paid(action="delayed")
    sandbox.client.post(f"/operate/sessions/{session['id']}/fail")
    sandbox.act(sandbox.session(), "decline")
    assert sandbox.get("balance_transactions").json()["data"] == []


def test_a_delayed_payment_ends_once(sandbox: Sandbox) -> None:
    session = sandbox.paid(action="delayed")
    assert sandbox.client.post(f"/operate/sessions/{session['id']}/succeed").status_code == 303
    for end in ("succeed", "fail"):
        assert sandbox.client.post(f"/operate/sessions/{session['id']}/{end}").status_code == 422
    assert net(sandbox) == 4900 - 172
