"""What the payment provider tells us: taken in at once, worked off later. An event is only a hint: the object itself is read again.

Whatever goes wrong leaves the event in the inbox; after the last try somebody is called.
"""

import asyncio
import datetime as dt
from collections.abc import Callable
from sqlite3 import Connection

import msgspec
import structlog
from msgspec import Struct

from api.errors import AppError, Code
from api.gateways import stripe_values
from api.gateways.payments import ProviderEvent
from api.gateways.stripe import StripeGateway
from api.gateways.stripe_events import parse_event
from api.gateways.stripe_requests import API_VERSION
from api.model import EventState
from api.store import events, orders
from api.usecases import fulfilment, refunds
from api.usecases.alarms import alarm
from api.usecases.fulfilment import By
from api.usecases.service import Service

log = structlog.get_logger()
SESSION_EVENTS = (
    "checkout.session.completed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed",
    "checkout.session.expired",
)
REFUND_EVENTS = ("refund.created", "refund.updated", "refund.failed", "charge.refunded")
SUBSCRIBED = (*SESSION_EVENTS, *REFUND_EVENTS)  # what the endpoint at the provider asks for
BATCH = 16
LEASE = dt.timedelta(minutes=5)  # longer than a batch can take with every call timing out
# What to wait after the first, second … failed try; one more failure and the event waits for a person.
DELAYS = (dt.timedelta(seconds=5), dt.timedelta(minutes=1), dt.timedelta(minutes=10), dt.timedelta(hours=1))
Change = Callable[[Connection], EventState]


class Received(Struct, frozen=True):
    """`state` is 'ignored' for what is not ours; `new` is False for what was told before."""

    id: str
    state: EventState
    new: bool


async def receive(service: Service, raw: bytes, signature: str | None) -> Received:
    """Keeps an event before it is answered. Raises AppError MALFORMED when it is not signed with a secret of ours."""
    now = service.clock()
    secrets = (service.settings.secrets.stripe_webhook_secret, service.settings.secrets.stripe_webhook_secret_old)
    try:
        event = parse_event(raw, signature, secrets=secrets, now=now)
    except AppError as error:
        raise AppError(Code.MALFORMED, error.message) from error
    state = _kind_of(service, event)
    new = await service.database.write(lambda db: keep(db, event, state=state, now=now))
    return Received(event.id, state, new)


def keep(db: Connection, event: ProviderEvent, *, state: EventState, now: dt.datetime) -> bool:
    return events.add(
        db,
        id=event.id,
        type=event.type,
        livemode=event.livemode,
        api_version=event.api_version,
        created=event.created_at,
        payload=event.payload,
        state=state,
        now=now,
    )


def _kind_of(service: Service, event: ProviderEvent) -> EventState:
    if event.livemode != service.livemode:
        log.warning("event_of_other_mode", event_id=event.id, livemode=event.livemode)
        return "ignored"
    if event.type not in SUBSCRIBED:
        return "ignored"
    if event.api_version != API_VERSION:  # still worked off: the object is read in our version
        alarm("event_of_other_version", event_id=event.id, api_version=event.api_version)
    return "received"


async def take_up_again(service: Service) -> None:
    """When the service starts: what a dead process had in hand is due at once. Handling an event twice does no harm."""
    now = service.clock()
    await service.database.write(lambda db: events.release_claims(db, now=now))


async def work_off(service: Service) -> int:
    """Handles one batch of what is due; returns how many there were."""
    now = service.clock()
    if service.stripe is None or not events.any_due(service.database.reader, now=now):
        return 0
    claimed = await service.database.write(lambda db: events.claim(db, now=now, lease=LEASE, limit=BATCH))
    await asyncio.gather(*(_handled(service, event) for event in claimed))
    return len(claimed)


async def _handled(service: Service, waiting: events.Waiting) -> None:
    try:
        change = await looked_up(service, waiting)
        await service.database.write(lambda db: events.close(db, waiting.id, state=change(db), now=service.clock()))
    except Exception as error:
        if not isinstance(error, AppError):
            log.exception("event_broke", event_id=waiting.id)
        reason = f"{type(error).__name__}: {error}"
        await service.database.write(lambda db: _failed(db, waiting, reason, now=service.clock()))


async def looked_up(service: Service, waiting: events.Waiting) -> Change:
    """Asks the provider how things stand, and returns what to do about it inside a transaction."""
    event = stripe_values.event_of(msgspec.json.decode(waiting.payload), payload=waiting.payload)
    gateway = service.stripe_or_refuse()
    if event.type in SESSION_EVENTS:
        return await _session_read(service, gateway, event)
    return await refunds_read(service, gateway, event.payment_intent)


async def _session_read(service: Service, gateway: StripeGateway, event: ProviderEvent) -> Change:
    session = await gateway.retrieve_session(event.object_id)

    def change(db: Connection) -> EventState:
        by = By(actor="stripe", now=service.clock())
        return "done" if fulfilment.settle(db, session, by) else "ignored"

    return change


async def refunds_read(service: Service, gateway: StripeGateway, payment_intent: str | None) -> Change:
    """A refund can be told of before its payment: then the payment comes first."""
    if payment_intent is None:
        return lambda _db: "ignored"
    told = await gateway.list_refunds(payment_intent)
    session = None
    known = orders.find_by_payment(service.database.reader, payment_intent)
    if known is None or known.paid_at is None:
        session = await gateway.find_session_of_payment(payment_intent)

    def change(db: Connection) -> EventState:
        by = By(actor="stripe", now=service.clock())
        order = fulfilment.settle(db, session, by) if session else orders.find_by_payment(db, payment_intent)
        if order is None:
            return "ignored"
        refunds.apply(db, order, told, by, revoke=service.settings.refund_revokes)
        return "done"

    return change


def _failed(db: Connection, waiting: events.Waiting, reason: str, *, now: dt.datetime) -> None:
    if waiting.attempts > len(DELAYS):
        events.give_up(db, waiting.id, error=reason)
        alarm("event_failed", event_id=waiting.id, type=waiting.type, reason=reason)
        return
    events.put_off(db, waiting.id, until=now + DELAYS[waiting.attempts - 1], error=reason)
    log.warning("event_put_off", event_id=waiting.id, attempts=waiting.attempts, reason=reason)
