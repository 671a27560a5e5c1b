"""A delivered event is believed only when it is signed, recently, with one of our secrets."""

import datetime as dt
import json
from typing import Any

import pytest
import stripe
from hypothesis import given
from hypothesis import strategies as st

from api.errors import AppError, Code
from api.gateways.stripe_events import parse_event

NOW = dt.datetime(2026, 1, 5, 6, 0, tzinfo=dt.UTC)
SECRET, OLD_SECRET = "whsec_new", "whsec_old"
EVENT: dict[str, Any] = {
    "id": "evt_1",
    "object": "event",
    "api_version": "2026-10-28.endive",
    "created": 1767592800,
    "livemode": False,
    "type": "refund.created",
    "data": {"object": {"id": "re_1", "object": "refund", "payment_intent": "pi_1", "metadata": {"order": "ord_1"}}},
}


def body(**changes: Any) -> bytes:
    return json.dumps({**EVENT, **changes}).encode()


def signed(raw: bytes, *, secret: str = SECRET, seconds: int = 0) -> str:
    """The header as Stripe's own package writes it."""
    time = int(NOW.timestamp()) + seconds
    return str(stripe.WebhookSignature.generate_signature_header(raw.decode(), secret, timestamp=time))


def parsed(raw: bytes, header: str | None, *, secrets: tuple[str, ...] = (SECRET, OLD_SECRET)) -> Any:
    return parse_event(raw, header, secrets=secrets, now=NOW)


def refused(raw: bytes, header: str | None, *, secrets: tuple[str, ...] = (SECRET,)) -> str:
    with pytest.raises(AppError) as error:
        parsed(raw, header, secrets=secrets)
    assert error.value.code == Code.INVALID
    return error.value.message


def test_a_signed_event_tells_what_it_is_about() -> None:
    event = parsed(body(), signed(body()))
    assert (event.id, event.type, event.object_id, event.payment_intent) == ("evt_1", "refund.created", "re_1", "pi_1")
    assert (event.order_id, event.livemode, event.created_at) == ("ord_1", False, NOW)
    assert event.payload == body().decode()


def test_both_secrets_are_taken_while_one_replaces_the_other() -> None:
    assert parsed(body(), signed(body(), secret=OLD_SECRET)).id == "evt_1"


def test_several_signatures_may_stand_in_one_header() -> None:
    assert parsed(body(), signed(body()).replace("v1=", "v1=00,v0=11,v1=")).id == "evt_1"


def test_a_signature_of_another_scheme_is_none() -> None:
    assert refused(body(), signed(body()).replace("v1=", "v0="))


@pytest.mark.parametrize("seconds", [-300, 300])
def test_a_clock_may_be_five_minutes_off(seconds: int) -> None:
    assert parsed(body(), signed(body(), seconds=seconds)).id == "evt_1"


@pytest.mark.parametrize("seconds", [-301, 301, -86400])
def test_an_old_or_future_signature_is_refused(seconds: int) -> None:
    assert "clock" in refused(body(), signed(body(), seconds=seconds))


@pytest.mark.parametrize(
    "header",
    [
        *(None, "", "nonsense", "t=1767592800", "v1=abc", "t=now,v1=abc", "t=-5,v1=abc", "t=²,v1=abc", "t=1,t=2"),
        *(f"t=1767592800,v1={'ä' * 64}", f"t={'9' * 5000},v1=00", "t=1767592800,v1="),
    ],
)
def test_a_header_that_is_none_is_refused(header: str | None) -> None:
    assert refused(body(), header)


def test_another_secret_is_refused() -> None:
    assert "secret" in refused(body(), signed(body(), secret="whsec_evil"))


def test_an_empty_secret_signs_nothing() -> None:
    assert refused(body(), signed(body(), secret=""), secrets=("",))
    assert refused(body(), signed(body(), secret=""), secrets=())


def test_a_changed_body_is_refused() -> None:
    assert refused(body(livemode=True), signed(body()))


def test_another_time_than_was_signed_is_refused() -> None:
    old = signed(body(), seconds=-1000)
    assert refused(body(), old.replace(f"t={int(NOW.timestamp()) - 1000}", f"t={int(NOW.timestamp())}"))


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b"null",
        b'"event"',
        b"{}",
        body(object="v2.core.event"),
        body(data=None),
        body(data={"object": {}}),
        body(data={"object": {"id": "x", "object": "y", "metadata": 3}}),
        body(created="yesterday"),
        body(created=10**30),
    ],
)
def test_a_signed_body_that_is_no_event_is_refused(raw: bytes) -> None:
    assert refused(raw, signed(raw))


@given(st.binary(max_size=80), st.text(max_size=80))
def test_nothing_that_is_sent_breaks_the_reading(raw: bytes, header: str) -> None:
    refused(raw, header)
