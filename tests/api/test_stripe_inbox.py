"""POST /api/stripe/events: signed, kept once, answered before anything is done; worked off afterwards, whatever goes wrong."""

import json
from typing import Any

import pytest
import stripe
from msgspec.structs import replace

from api.gateways.payments import ProviderEvent
from api.store import events as store
from api.usecases import events
from tests.api.shop import OWNER, THURSDAY, Shop

PAID = "checkout.session.completed"


def paid(shop: Shop) -> ProviderEvent:
    """The event that Stripe would send of a payment just made."""
    order_id = shop.order(shop.owner(), THURSDAY).json()["id"]
    shop.pay(order_id)
    return next(event for event in shop.news() if event.type == PAID)


def changed(event: ProviderEvent, **changes: Any) -> str:
    return json.dumps({**json.loads(event.payload), **changes})


def inbox(shop: Shop) -> list[tuple[Any, ...]]:
    return shop.rows("SELECT state, attempts FROM events")


def test_an_event_is_kept_and_only_then_answered(shop: Shop) -> None:
    answer = shop.deliver(paid(shop).payload)
    assert (answer.status_code, answer.json()["new"]) == (200, True)
    assert inbox(shop) == [("received", 0)]
    assert shop.opened(OWNER) == []


def test_what_was_kept_is_worked_off(shop: Shop) -> None:
    shop.deliver(paid(shop).payload)
    shop.work()
    assert inbox(shop) == [("done", 1)]
    assert shop.opened(OWNER) == [THURSDAY]


def test_the_same_event_twice_is_answered_twice_and_done_once(shop: Shop) -> None:
    event = paid(shop)
    assert [shop.deliver(event.payload).json()["new"] for _ in range(3)] == [True, False, False]
    shop.work()
    assert shop.deliver(event.payload).json() == {"id": event.id, "state": "received", "new": False}
    shop.work()
    assert (inbox(shop), shop.mailed()) == ([("done", 1)], ["receipt"])


def test_the_old_secret_counts_while_it_is_being_changed(shop: Shop) -> None:
    event, settings = paid(shop), shop.service.settings
    assert shop.deliver(event.payload, secret="whsec_before").status_code == 400
    secrets = replace(settings.secrets, stripe_webhook_secret_old="whsec_before")
    shop.app.state.service = replace(shop.service, settings=replace(settings, secrets=secrets))
    assert shop.deliver(event.payload, secret="whsec_before").status_code == 200
    assert shop.deliver(event.payload).status_code == 200


@pytest.mark.parametrize(("age_seconds", "status"), [(299, 200), (301, 400), (-301, 400), (400, 400)])
def test_a_signature_is_good_for_five_minutes(shop: Shop, age_seconds: int, status: int) -> None:
    assert shop.deliver(paid(shop).payload, age_seconds=age_seconds).status_code == status


def test_a_body_that_was_changed_is_refused(shop: Shop) -> None:
    event = paid(shop)
    secret, time = shop.service.settings.secrets.stripe_webhook_secret, int(shop.clock().timestamp())
    header = stripe.WebhookSignature.generate_signature_header(event.payload, secret, timestamp=time)
    answer = shop.client.post(
        "/api/stripe/events", content=event.payload.replace("4900", "1"), headers={"Stripe-Signature": header}
    )
    assert (answer.status_code, answer.json()["code"], inbox(shop)) == (400, "malformed", [])


@pytest.mark.parametrize("header", ["", "t=1", "v1=00", "t=x,v1=00", "t=1,v1=é", "t=99999999999999,v1=00", "t=²,v1=0"])
def test_what_is_not_signed_is_refused(shop: Shop, header: str) -> None:
    answer = shop.client.post("/api/stripe/events", content=b"{}", headers={"Stripe-Signature": header.encode()})
    assert (answer.status_code, inbox(shop)) == (400, [])


@pytest.mark.parametrize("body", ["", "{}", "[]", "null", "\x00", '{"object": "event"}', '{"object": "v2.core.event"}'])
def test_what_is_signed_but_no_event_is_refused(shop: Shop, body: str) -> None:
    assert shop.deliver(body).status_code == 400
    assert inbox(shop) == []


def test_an_event_may_be_large_and_not_too_large(shop: Shop) -> None:
    event = paid(shop)
    assert shop.deliver(changed(event, id="evt_large", padding="x" * 200_000)).status_code == 200
    assert shop.deliver(changed(event, id="evt_huge", padding="x" * 300_000)).status_code == 413


def test_it_takes_posts_only_and_needs_no_cookie_and_no_origin(shop: Shop) -> None:
    assert shop.client.get("/api/stripe/events").status_code == 405
    shop.client.headers.pop("Origin")
    assert shop.deliver(paid(shop).payload).status_code == 200


def test_an_event_of_the_other_mode_is_kept_and_ignored(shop: Shop) -> None:
    answer = shop.deliver(changed(paid(shop), livemode=True))
    shop.work()
    assert (answer.status_code, inbox(shop), shop.opened(OWNER)) == (200, [("ignored", 0)], [])


def test_an_event_nobody_asked_for_is_kept_and_ignored(shop: Shop) -> None:
    answer = shop.deliver(changed(paid(shop), type="customer.created"))
    assert (answer.status_code, inbox(shop)) == (200, [("ignored", 0)])


def test_an_event_of_another_version_is_done_and_somebody_is_called(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.deliver(changed(paid(shop), api_version="2020-08-27"))
    shop.work()
    assert shop.opened(OWNER) == [THURSDAY]
    assert "event_of_other_version" in capsys.readouterr().out


def test_an_event_is_only_a_hint(shop: Shop) -> None:
    """It says paid, but nobody has paid: the session itself is asked."""
    order_id = shop.order(shop.owner(), THURSDAY).json()["id"]
    lie = {
        **{"id": "evt_lie", "object": "event", "type": PAID, "livemode": False, "created": 1767592800},
        "api_version": "2026-10-28.endive",
        "data": {"object": {"id": shop.session(order_id), "object": "checkout.session", "payment_status": "paid"}},
    }
    assert shop.deliver(json.dumps(lie)).status_code == 200
    shop.work()
    assert (shop.state(order_id), shop.opened(OWNER)) == ("pending", [])


def test_an_event_of_somebody_elses_checkout_is_ignored(shop: Shop) -> None:
    """The same Stripe account may sell other things by other means."""
    event = paid(shop)
    with shop.service.database.transaction() as db:
        db.execute("DELETE FROM order_lines")
        db.execute("DELETE FROM orders")
    foreign = json.loads(event.payload)
    session_id = foreign["data"]["object"]["id"]
    client = shop.at_stripe
    metadata: Any = dict.fromkeys(foreign["data"]["object"]["metadata"], "")
    client.v1.checkout.sessions.update(session_id, {"metadata": metadata})
    shop.deliver(event.payload)
    shop.work()
    assert (inbox(shop), shop.rows("SELECT id FROM orders")) == ([("ignored", 1)], [])


class TestStripeAway:
    def test_the_event_waits_ever_longer_and_is_done_when_stripe_is_back(self, shop: Shop) -> None:
        shop.deliver(paid(shop).payload)
        shop.stripe.set("faults", [{"method": "GET", "path": "/v1/checkout/*", "status": 500, "times": 2}])
        shop.work()
        assert inbox(shop) == [("received", 1)]
        shop.clock.advance(seconds=6)
        shop.work()
        shop.clock.advance(seconds=6)
        shop.work()
        assert inbox(shop) == [("received", 2)]
        shop.clock.advance(minutes=1)
        shop.work()
        assert (inbox(shop), shop.opened(OWNER)) == ([("done", 3)], [THURSDAY])

    def test_after_five_tries_somebody_is_called_and_it_can_be_replayed(
        self, shop: Shop, capsys: pytest.CaptureFixture[str]
    ) -> None:
        event = paid(shop)
        shop.deliver(event.payload)
        shop.stripe.set("faults", [{"method": "GET", "path": "/v1/checkout/*", "status": 500, "times": 5}])
        for _ in range(7):
            shop.work()
            shop.clock.advance(hours=1)
        assert inbox(shop) == [("failed", 5)]
        assert "event_failed" in capsys.readouterr().out
        with shop.service.database.transaction() as db:
            assert store.replay(db, event.id, now=shop.clock())
        shop.work()
        assert (inbox(shop), shop.opened(OWNER)) == ([("done", 1)], [THURSDAY])

    def test_what_a_dead_process_had_in_hand_is_taken_up_again(self, shop: Shop) -> None:
        shop.deliver(paid(shop).payload)
        with shop.service.database.transaction() as db:
            assert len(store.claim(db, now=shop.clock(), lease=events.LEASE, limit=1)) == 1
        shop.work()
        assert inbox(shop) == [("received", 1)]
        shop.run(lambda: events.take_up_again(shop.service))
        shop.work()
        assert (inbox(shop), shop.opened(OWNER)) == ([("done", 2)], [THURSDAY])
