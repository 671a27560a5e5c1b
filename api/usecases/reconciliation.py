"""Compares our books with the provider's, hourly and daily, and repairs only by the handlers that events use.

Hourly: what waits for the provider, and events that did not reach us. Daily: everything of the last days, and the sums.
"""

import datetime as dt
from collections.abc import Awaitable, Callable, Sequence
from sqlite3 import Connection

import structlog
from msgspec import Struct, to_builtins
from msgspec.structs import replace

from api.errors import AppError
from api.gateways.payments import CheckoutSession, Refund
from api.gateways.stripe import CLOCK_SKEW, StripeGateway
from api.model import Order
from api.store import audit, orders, payments, reconciliations
from api.usecases import fulfilment, sums
from api.usecases.alarms import alarm
from api.usecases.events import SUBSCRIBED, keep, refunds_read
from api.usecases.fulfilment import By
from api.usecases.service import Service
from api.usecases.sums import CurrencySums

log = structlog.get_logger()
OPEN_LONGER_THAN = dt.timedelta(minutes=10)
UNDELIVERED_SINCE = dt.timedelta(days=3)
EVENTS_KEPT = dt.timedelta(days=29)  # by the provider: 30
DAYS_BACK = dt.timedelta(days=4)  # a session lives a day at most: what changed in three days was made in four
TWICE_WITHIN = dt.timedelta(days=14)
LOST_AFTER = dt.timedelta(hours=1)  # past the end of a session that we never learned of
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
ACTOR = "reconciliation"


class Report(Struct, kw_only=True):
    """What was looked at, what was moved and what a person has to look at."""

    looked_at: int = 0
    moved: list[str] = []
    events_fetched: int = 0
    bought_twice: list[list[str]] = []
    differences: list[str] = []
    sums: dict[str, CurrencySums] = {}
    unreachable: list[str] = []


async def hourly(service: Service) -> Report:
    """Safe to repeat and to run while events come in."""
    started = service.clock()
    gateway = service.stripe_or_refuse()
    report = Report()
    waiting = orders.unsettled(service.database.reader, created_before=started - OPEN_LONGER_THAN)
    for order in waiting:
        if order.stripe_session or order.total_cents == 0:
            await _told(report, order.id, lambda order=order: _look_at(service, gateway, order, report))  # type: ignore[misc]
    lost = [order for order in waiting if not order.stripe_session and order.total_cents]
    await _told(report, "orders without a session", lambda: _look_for(service, gateway, lost, report))
    await _told(report, "events", lambda: _fetch_events(service, gateway, report))
    await _written(service, "hourly", started, report)
    return report


async def daily(service: Service, *, since: dt.datetime | None = None) -> Report:
    """`since` reaches further back than usual, for a database that was restored."""
    started = service.clock()
    gateway = service.stripe_or_refuse()
    report = Report()
    first = since or started - DAYS_BACK
    async for session in gateway.each_session(created_after=first):
        await _told(report, session.id, lambda session=session: _compare(service, gateway, session, report))  # type: ignore[misc]
    await _compare_refunds(service, gateway, first, report)
    _flag_double_purchases(service, report, paid_after=first)
    day_start, day_end = sums.window(started)
    compared = await sums.compare(service, gateway, since=day_start, until=day_end)
    report.sums, report.differences = compared.sums, compared.differences
    for difference in report.differences:
        alarm("books_differ", difference=difference)
    await _written(service, "daily", started, report)
    return report


def sentences(report: Report) -> list[str]:
    """For people."""
    said = [f"Looked at {report.looked_at}; {len(report.moved)} moved; {report.events_fetched} events fetched."]
    said += [f"moved: {moved}" for moved in report.moved]
    said += [sums.sentence(currency, each) for currency, each in sorted(report.sums.items())]
    said += [f"bought twice: {', '.join(each)}" for each in report.bought_twice]
    said += [f"differs: {difference}" for difference in report.differences]
    return said + [f"not reached: {unreachable}" for unreachable in report.unreachable]


async def when_due(service: Service) -> bool:
    """What the clock asks for; False, so that its caller rests."""
    if service.stripe is None:
        return False
    if due(service, "hourly", every=HOUR):
        await hourly(service)
    if due(service, "daily", every=DAY):
        await daily(service)
    return False


def due(service: Service, kind: reconciliations.Kind, *, every: dt.timedelta) -> bool:
    last = reconciliations.last(service.database.reader, kind)
    return last is None or last.started_at + every <= service.clock()


async def _told(report: Report, name: str, work: Callable[[], Awaitable[None]]) -> None:
    """One thing that goes wrong is reported and keeps nothing else from being looked at."""
    try:
        await work()
    except AppError as error:
        log.warning("reconciliation_failed", subject=name, reason=error.message)
        report.unreachable.append(f"{name}: {error.message}")


async def _look_at(service: Service, gateway: StripeGateway, order: Order, report: Report) -> None:
    report.looked_at += 1
    if order.stripe_session is None:  # a guest never said the code
        await _close_lost(service, order, report)
        return
    session = await gateway.retrieve_session(order.stripe_session)
    await _settled(service, session, report, was=order.state)


async def _look_for(service: Service, gateway: StripeGateway, lost: Sequence[Order], report: Report) -> None:
    """Sessions made just before we died, which their orders do not know: one walk through all of that time finds them."""
    found = await _sessions_of(gateway, lost) if lost else {}
    for order in lost:
        report.looked_at += 1
        work = _settle_found(service, gateway, order, found.get(order.id), report)
        await _told(report, order.id, lambda work=work: work)  # type: ignore[misc]


async def _settle_found(
    service: Service, gateway: StripeGateway, order: Order, session_id: str | None, report: Report
) -> None:
    if session_id is None:
        await _close_lost(service, order, report)
    else:
        await _settled(service, await gateway.retrieve_session(session_id), report, was=order.state)


async def _sessions_of(gateway: StripeGateway, lost: Sequence[Order]) -> dict[str, str]:
    """Order -> its session; a paid one rather than others."""
    begun = sorted(order.created_at for order in lost)
    wanted, found = {order.id for order in lost}, {}
    listed = gateway.each_session(created_after=begun[0] - CLOCK_SKEW, created_before=begun[-1] + DAY)
    async for session in listed:
        if session.order_id in wanted and (session.order_id not in found or session.status == "complete"):
            found[session.order_id] = session.id
    return found


async def _close_lost(service: Service, order: Order, report: Report) -> None:
    """An order whose session was never made cannot be paid any more once the session would have ended."""
    now = service.clock()
    if now < (order.expires_at or order.created_at) + LOST_AFTER:
        return

    def close(db: Connection) -> None:
        current = orders.find(db, order.id)
        if current is not None and current.state == "pending":
            orders.update(db, replace(current, state="expired"))
            audit.add(db, "order.expired", order.id, actor=ACTOR, now=now, reason="no session was ever made")
            report.moved.append(f"{order.id}: pending -> expired")

    await service.database.write(close)


async def _settled(service: Service, session: CheckoutSession, report: Report, *, was: str | None) -> None:
    by = By(actor=ACTOR, now=service.clock())
    order = await service.database.write(lambda db: fulfilment.settle(db, session, by))
    if order is not None and order.state != was:
        report.moved.append(f"{order.id}: {was or 'unknown here'} -> {order.state}")


async def _fetch_events(service: Service, gateway: StripeGateway, report: Report) -> None:
    """Events the provider could not deliver go the way of those it could."""
    now = service.clock()
    last = reconciliations.last(service.database.reader, "hourly")
    since = min(now - UNDELIVERED_SINCE, last.started_at) if last else now - UNDELIVERED_SINCE
    found = await gateway.list_events(
        created_after=max(since, now - EVENTS_KEPT), types=SUBSCRIBED, undelivered_only=True
    )
    for event in found:
        if event.livemode == service.livemode:
            new = await service.database.write(lambda db, event=event: keep(db, event, state="received", now=now))  # type: ignore[misc]
            report.events_fetched += new


async def _compare(service: Service, gateway: StripeGateway, listed: CheckoutSession, report: Report) -> None:
    """A listed session has no lines, so what differs from our books is read whole before anything is moved."""
    report.looked_at += 1
    if listed.livemode != service.livemode or listed.order_id is None:
        return
    order = orders.find(service.database.reader, listed.order_id)
    if _agrees(order, listed):
        return
    session = await gateway.retrieve_session(listed.id)
    await _settled(service, session, report, was=order.state if order else None)


def _agrees(order: Order | None, session: CheckoutSession) -> bool:
    place = fulfilment.whereabouts(session)
    if order is None:
        return place not in ("paid", "unpaid")
    if place == "paid":
        known = order.stripe_payment_intent in (session.payment_intent, None)
        invoiced = order.invoice_url is not None or session.invoice_id is None
        return order.paid_at is not None and known and invoiced
    return order.paid_at is not None or place == "open" or order.state not in ("pending", "processing")


async def _compare_refunds(service: Service, gateway: StripeGateway, since: dt.datetime, report: Report) -> None:
    listed = await gateway.list_refunds_since(since)
    report.looked_at += len(listed)
    new = [refund for refund in listed if not _noted(service.database.reader, refund)]
    for payment_intent in dict.fromkeys(refund.payment_intent for refund in new if refund.payment_intent):
        known = orders.find_by_payment(service.database.reader, payment_intent)
        change = await refunds_read(service, gateway, payment_intent)
        await service.database.write(change)
        now_known = orders.find_by_payment(service.database.reader, payment_intent)
        if now_known is not None and (known is None or known.state != now_known.state):
            was = known.state if known else "unknown here"
            report.moved.append(f"{now_known.id}: {was} -> {now_known.state}")


def _noted(db: Connection, refund: Refund) -> bool:
    known = payments.find_refund(db, refund.id)
    return known is not None and known.state == refund.status


def _flag_double_purchases(service: Service, report: Report, *, paid_after: dt.datetime) -> None:
    twice = orders.bought_twice(service.database.reader, paid_after=paid_after, within=TWICE_WITHIN)
    for account, product, earlier, later in twice:
        report.bought_twice.append([account, product, earlier, later])
        alarm("bought_twice", account=account, product=product, earlier=earlier, later=later)


async def _written(service: Service, kind: reconciliations.Kind, started: dt.datetime, report: Report) -> None:
    finished = service.clock()
    told = to_builtins(report)
    await service.database.write(
        lambda db: reconciliations.add(db, kind, started_at=started, finished_at=finished, report=told)
    )
    log.info("reconciled", kind=kind, looked_at=report.looked_at, moved=len(report.moved))
