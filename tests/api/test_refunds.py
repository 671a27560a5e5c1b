"""Money that goes back, however it was asked for: lines, grants and sums follow what Stripe says."""

import datetime as dt
from typing import Any

import pytest
from msgspec.structs import replace

from api.model import Line, Refund
from api.usecases.refunds import allocated, proportional
from tests.api.shop import EVERYTHING, OWNER, THURSDAY, WATER, Shop


def refund(shop: Shop, order_id: str, cents: int, **metadata: str) -> str:
    """As somebody does in Stripe's dashboard; its id."""
    client = shop.at_stripe
    intent = shop.rows("SELECT stripe_payment_intent FROM orders WHERE id = ?", order_id)[0][0]
    params: Any = {"payment_intent": intent, "amount": cents, "metadata": metadata}
    return str(client.v1.refunds.create(params).id)


def test_a_full_refund_from_the_dashboard_closes_the_course(shop: Shop) -> None:
    order_id = shop.buy(shop.owner(), THURSDAY)
    refund(shop, order_id, 4900)
    shop.tell()
    assert (shop.state(order_id), shop.opened(OWNER)) == ("refunded", [])
    assert shop.rows("SELECT amount_cents, state FROM refunds") == [(4900, "succeeded")]


def test_nothing_is_deleted_and_all_is_noted(shop: Shop) -> None:
    refund(shop, shop.buy(shop.owner(), THURSDAY), 4900)
    shop.tell()
    assert shop.rows("SELECT reason, revoked_at IS NULL FROM grants") == [("refunded", 0)]
    actions = {action for (action,) in shop.rows("SELECT action FROM audit")}
    assert {"refund.succeeded", "line.refunded", "grant.revoked", "order.refunded"} <= actions


def test_a_part_leaves_everything_open(shop: Shop) -> None:
    order_id = shop.buy(shop.owner(), THURSDAY)
    refund(shop, order_id, 1000)
    shop.tell()
    assert (shop.state(order_id), shop.opened(OWNER)) == ("partially_refunded", [THURSDAY])
    assert shop.rows("SELECT refunded_cents FROM order_lines") == [(1000,)]


def test_a_line_that_is_wholly_refunded_closes_alone(shop: Shop) -> None:
    order_id = shop.buy(shop.owner(), THURSDAY, WATER)
    refund(shop, order_id, 2900)
    shop.tell()
    assert (shop.state(order_id), shop.opened(OWNER)) == ("partially_refunded", [THURSDAY])


def test_parts_add_up_to_the_whole(shop: Shop) -> None:
    order_id = shop.buy(shop.owner(), THURSDAY, WATER)
    for cents in (1000, 3000, 3800):
        refund(shop, order_id, cents)
        shop.tell()
    assert (shop.state(order_id), shop.opened(OWNER)) == ("refunded", [])
    assert sorted(shop.rows("SELECT refunded_cents FROM order_lines")) == [(2900,), (4900,)]


def test_a_refunded_bundle_closes_all_it_opened(shop: Shop) -> None:
    refund(shop, shop.buy(shop.owner(), EVERYTHING), 6900)
    shop.tell()
    assert shop.opened(OWNER) == []


def test_a_course_that_was_also_bought_alone_stays_open(shop: Shop) -> None:
    shop.buy(shop.owner(), THURSDAY)
    refund(shop, shop.buy(shop.owner(), EVERYTHING), 6900)
    shop.tell()
    assert shop.opened(OWNER) == [THURSDAY]


def test_a_refunded_course_can_be_bought_again(shop: Shop) -> None:
    refund(shop, shop.buy(shop.owner(), THURSDAY), 4900)
    shop.tell()
    shop.buy(shop.owner(), THURSDAY)
    assert shop.opened(OWNER) == [THURSDAY]


def test_the_same_news_twice_changes_and_mails_nothing_more(shop: Shop) -> None:
    refund(shop, shop.buy(shop.owner(), THURSDAY), 4900)
    shop.tell()
    count = shop.rows("SELECT COUNT(*) FROM audit")
    for event in shop.news():
        shop.deliver(event.payload.replace(event.id, event.id + "again"))
    shop.work()
    assert shop.rows("SELECT COUNT(*) FROM audit") == count
    assert shop.mailed() == ["receipt", "refund"]


def test_the_setting_leaves_refunded_courses_open(shop: Shop) -> None:
    settings = replace(shop.service.settings, refund_revokes=False)
    shop.service = shop.app.state.service = replace(shop.service, settings=settings)
    order_id = shop.buy(shop.owner(), THURSDAY)
    refund(shop, order_id, 4900)
    shop.tell()
    assert (shop.state(order_id), shop.opened(OWNER)) == ("refunded", [THURSDAY])


class TestPending:
    """Some ways to pay give back only after days, and sometimes not at all."""

    def begun(self, shop: Shop) -> tuple[str, str]:
        shop.stripe.set("pending-refunds", True)
        order_id = shop.buy(shop.owner(), THURSDAY)
        refund_id = refund(shop, order_id, 4900)
        shop.tell()
        return order_id, refund_id

    def test_a_pending_refund_leaves_the_course_open(self, shop: Shop) -> None:
        order_id, _ = self.begun(shop)
        assert (shop.state(order_id), shop.opened(OWNER)) == ("paid", [THURSDAY])
        assert shop.mailed() == ["receipt"]

    def test_it_closes_when_the_money_has_gone(self, shop: Shop) -> None:
        order_id, refund_id = self.begun(shop)
        shop.stripe.operate(f"refunds/{refund_id}/succeed")
        shop.tell()
        assert (shop.state(order_id), shop.opened(OWNER)) == ("refunded", [])

    def test_a_refund_that_fails_changes_nothing_and_calls_somebody(
        self, shop: Shop, capsys: pytest.CaptureFixture[str]
    ) -> None:
        order_id, refund_id = self.begun(shop)
        shop.stripe.operate(f"refunds/{refund_id}/fail")
        shop.tell()
        assert (shop.state(order_id), shop.opened(OWNER)) == ("paid", [THURSDAY])
        assert "refund_failed" in capsys.readouterr().out

    def test_one_that_fails_after_all_gives_the_course_back(self, shop: Shop) -> None:
        order_id, refund_id = self.begun(shop)
        shop.stripe.operate(f"refunds/{refund_id}/succeed")
        shop.tell()
        shop.stripe.operate(f"refunds/{refund_id}/fail")
        shop.tell()
        assert (shop.state(order_id), shop.opened(OWNER)) == ("paid", [THURSDAY])


def test_a_refund_that_is_told_before_its_payment_brings_the_payment_along(shop: Shop) -> None:
    order_id = shop.order(shop.owner(), THURSDAY).json()["id"]
    shop.pay(order_id)
    intent = shop.run(lambda: shop.stripe.service.retrieve_session(shop.session(order_id))).payment_intent
    shop.run(lambda: shop.operator.create_refund(intent, amount_cents=4900, idempotency_key="x"))
    (event, *_) = [event for event in shop.news() if event.type == "refund.created"]
    shop.deliver(event.payload)
    shop.work()
    assert (shop.state(order_id), shop.opened(OWNER)) == ("refunded", [])
    shop.tell()
    assert (shop.state(order_id), shop.opened(OWNER)) == ("refunded", [])


def test_the_second_payment_of_an_order_can_go_back_without_closing_it(shop: Shop) -> None:
    order_id = shop.order(shop.owner(), THURSDAY).json()["id"]
    shop.pay(order_id)
    with shop.service.database.transaction() as db:
        db.execute("UPDATE orders SET stripe_session = NULL, attempt = 2")
    shop.order(shop.owner(), THURSDAY)
    shop.pay(order_id)
    shop.tell()
    (again,) = shop.rows("SELECT stripe_id FROM payments WHERE stripe_id <> (SELECT stripe_payment_intent FROM orders)")
    shop.run(lambda: shop.operator.create_refund(again[0], amount_cents=4900, idempotency_key="x"))
    shop.tell()
    assert (shop.state(order_id), shop.opened(OWNER)) == ("paid", [THURSDAY])


def line(name: str, price_cents: int, *, discount_cents: int = 0) -> Line:
    return Line(
        **{"id": name, "order_id": "ord", "product_id": name, "kind": "course", "title": name, "contents": (name,)},
        price_cents=price_cents,
        discount_cents=discount_cents,
    )


def given_back(cents: int, *, line_id: str | None = None) -> Refund:
    moment = dt.datetime(2026, 1, 5, tzinfo=dt.UTC)
    return Refund(
        id="ref", order_id="ord", stripe_id="re", line_id=line_id, amount_cents=cents, state="succeeded",
        created_at=moment, updated_at=moment,
    )  # fmt: skip


class TestAllocation:
    lines = (line("a", 4900), line("b", 2900), line("c", 1000, discount_cents=400))

    @pytest.mark.parametrize(
        ("refunds", "shares"),
        [
            ([], (0, 0, 0)),
            ([given_back(2900)], (0, 2900, 0)),
            ([given_back(600)], (0, 0, 600)),
            ([given_back(100, line_id="b")], (0, 100, 0)),
            ([given_back(3000, line_id="b")], (89, 2900, 11)),
            ([given_back(840)], (490, 290, 60)),
            ([given_back(8400)], (4900, 2900, 600)),
            ([given_back(99_999)], (4900, 2900, 600)),
            ([given_back(2900), given_back(2900)], (2584, 2900, 316)),
        ],
    )
    def test_a_refund_goes_to_lines_to_the_cent(self, refunds: list[Refund], shares: tuple[int, ...]) -> None:
        assert tuple(allocated(self.lines, refunds).values()) == shares

    def test_shares_always_add_up(self) -> None:
        for cents in range(0, 8400, 7):
            assert sum(allocated(self.lines, [given_back(cents)]).values()) == cents
        assert sum(proportional(7, {"a": 1, "b": 1, "c": 6}).values()) == 7
