"""Events reach an endpoint signed, again when it fails, and as badly as the delivery script says."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from api.gateways.stripe_requests import API_VERSION
from api.sandbox.delivery import post
from api.sandbox.script import OTHER_API_VERSION
from api.sandbox.settings import utc_now
from tests.contracts.test_stripe import HOUR, order, run
from tests.stand_in import Inbox, StandIn, stand_in, until

COMPLETED = "checkout.session.completed"


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def sandbox(tmp_path: Path, inbox: Inbox) -> Iterator[StandIn]:
    with stand_in(tmp_path, inbox=inbox, retry_seconds=(0.05, 0.05)) as running:
        yield running


def buy(sandbox: StandIn) -> str:
    session = run(sandbox.service.create_session(order()))
    assert sandbox.act(session.id, "pay").status_code == 303
    return session.id


def script(sandbox: StandIn, action: str, **rule: Any) -> None:
    sandbox.set("script", {"rules": [{"action": action, "types": [COMPLETED], **rule}], "seed": 7})


def undelivered(sandbox: StandIn) -> set[str]:
    params = {"delivery_success": "false", "limit": 100}
    answer = requests.get(f"{sandbox.url}/v1/events", params, headers={"Authorization": "Bearer sk_test_x"}, timeout=10)
    return {event["type"] for event in answer.json()["data"]}


def test_a_paid_session_is_told_with_the_order(sandbox: StandIn, inbox: Inbox) -> None:
    session_id = buy(sandbox)
    (event,) = inbox.wait(COMPLETED)
    assert (event.object_id, event.object_kind, event.livemode) == (session_id, "checkout.session", False)
    assert event.order_id
    assert event.order_id.startswith("ord_")
    assert event.api_version == API_VERSION
    until(lambda: undelivered(sandbox) == set(), what="all events taken")
    assert inbox.refused == []


def test_an_endpoint_that_fails_is_asked_again(sandbox: StandIn, inbox: Inbox) -> None:
    inbox.answer = 500
    buy(sandbox)
    until(lambda: COMPLETED in undelivered(sandbox), what="a first failure")
    inbox.answer = 200
    assert len(inbox.wait(COMPLETED)) == 1


def test_what_was_never_taken_is_listed_as_undelivered(sandbox: StandIn, inbox: Inbox) -> None:
    script(sandbox, "drop")
    buy(sandbox)
    inbox.wait("payment_intent.succeeded")
    until(lambda: undelivered(sandbox) == {COMPLETED}, what="everything but the dropped event")
    assert COMPLETED not in inbox.types()
    (found,) = run(
        sandbox.service.list_events(created_after=utc_now() - HOUR, types=[COMPLETED], undelivered_only=True)
    )
    assert found.type == COMPLETED


def test_a_duplicate_has_the_same_id(sandbox: StandIn, inbox: Inbox) -> None:
    script(sandbox, "duplicate", copies=2, seconds=0.05)
    buy(sandbox)
    assert len({event.id for event in inbox.wait(COMPLETED, count=3)}) == 1


def test_a_delayed_event_comes_after_later_ones(sandbox: StandIn, inbox: Inbox) -> None:
    script(sandbox, "delay", seconds=2, times=1)
    first, second = buy(sandbox), buy(sandbox)
    assert [event.object_id for event in inbox.wait(COMPLETED, count=2)] == [second, first]


def test_events_may_change_places(sandbox: StandIn, inbox: Inbox) -> None:
    script(sandbox, "reorder", seconds=2)
    bought = [buy(sandbox) for _ in range(8)]
    came = [event.object_id for event in inbox.wait(COMPLETED, count=8)]
    assert sorted(came) == sorted(bought)
    assert came != bought


@pytest.mark.parametrize(("action", "said"), [("wrong_secret", "not signed"), ("old_timestamp", "too long ago")])
def test_a_spoiled_delivery_is_refused_and_then_comes_right(
    sandbox: StandIn, inbox: Inbox, action: str, said: str
) -> None:
    script(sandbox, action)
    buy(sandbox)
    assert len(inbox.wait(COMPLETED)) == 1
    assert len(inbox.refused) == 1
    assert said in inbox.refused[0]


def test_an_event_of_the_other_mode_comes_beside_the_real_one(sandbox: StandIn, inbox: Inbox) -> None:
    script(sandbox, "other_livemode")
    buy(sandbox)
    events = inbox.wait(COMPLETED, count=2)
    assert {event.livemode for event in events} == {True, False}
    assert len({event.id for event in events}) == 2


def test_an_event_of_another_version_comes_beside_the_real_one(sandbox: StandIn, inbox: Inbox) -> None:
    script(sandbox, "other_api_version")
    buy(sandbox)
    assert {event.api_version for event in inbox.wait(COMPLETED, count=2)} == {API_VERSION, OTHER_API_VERSION}


def test_chance_follows_the_seed(tmp_path: Path) -> None:
    """The same seed drops the same events of the same purchases."""
    dropped = []
    for n in range(2):
        with stand_in(tmp_path / str(n), inbox=Inbox()) as sandbox:
            sandbox.set("script", {"rules": [{"action": "drop", "chance": 0.5}], "seed": 3})
            for _ in range(3):
                buy(sandbox)
            until(lambda: _settled(sandbox), what="all deliveries")
            dropped.append(sorted(undelivered_with_number(sandbox)))
    assert dropped[0] == dropped[1]
    assert dropped[0]


def test_an_unreadable_script_is_refused(sandbox: StandIn) -> None:
    answer = requests.put(f"{sandbox.url}/_sandbox/script", json={"rules": [{"action": "explode"}]}, timeout=10)
    assert answer.status_code == 400
    assert "explode" in answer.text


def test_events_that_wait_are_sent_after_a_restart(tmp_path: Path) -> None:
    inbox = Inbox()
    inbox.answer = 503
    with stand_in(tmp_path, inbox=inbox, retry_seconds=(0.6,)) as sandbox:
        buy(sandbox)
    inbox.answer = 200
    with stand_in(tmp_path, inbox=inbox):
        inbox.wait(COMPLETED)


def test_an_endpoint_made_by_the_api_has_its_own_secret(sandbox: StandIn) -> None:
    headers = {"Authorization": "Bearer sk_test_x"}
    form = {"url": "http://127.0.0.1:9/hook", "enabled_events[0]": "customer.created", "api_version": API_VERSION}
    made = requests.post(f"{sandbox.url}/v1/webhook_endpoints", form, headers=headers, timeout=10).json()
    assert made["secret"].startswith("whsec_")
    shown = requests.get(f"{sandbox.url}/v1/webhook_endpoints/{made['id']}", headers=headers, timeout=10).json()
    assert "secret" not in shown


@pytest.mark.parametrize(
    "url", ["http://shop.example/hook", "https://127.0.0.1/hook", "http://127.0.0.1.shop.example/"]
)
def test_nothing_leaves_this_machine(url: str) -> None:
    assert asyncio.run(post(url, b"{}", signature="t=1,v1=0")).startswith("not sent")


def _settled(sandbox: StandIn) -> bool:
    """Nothing waits any more: what is undelivered now was dropped."""
    return "waits" not in requests.get(f"{sandbox.url}/desk", timeout=10).text


def undelivered_with_number(sandbox: StandIn) -> list[str]:
    params: dict[str, Any] = {"delivery_success": "false", "limit": 100}
    headers = {"Authorization": "Bearer sk_test_x"}
    events = requests.get(f"{sandbox.url}/v1/events", {"limit": 100}, headers=headers, timeout=10).json()["data"]
    lost = requests.get(f"{sandbox.url}/v1/events", params, headers=headers, timeout=10).json()["data"]
    ids = {event["id"] for event in lost}
    return [f"{n} {event['type']}" for n, event in enumerate(events) if event["id"] in ids]
