"""Lets the payment provider forget whom we have erased: asked until it says yes, and never a reason to keep anything here.

What it keeps of payments and invoices stays, as tax law wants it; a customer is the name, address and cards beside them.
"""

import datetime as dt
from functools import partial
from sqlite3 import Connection

import structlog

from api.errors import AppError
from api.gateways.payments import ProviderUnavailable
from api.gateways.stripe import StripeGateway
from api.store import audit, customers
from api.store.customers import Leaving
from api.usecases.service import Service

BATCH = 20
FIRST_DELAY, DELAY_MAX = dt.timedelta(minutes=10), dt.timedelta(days=1)
log = structlog.get_logger()


async def erase_due(service: Service) -> int:
    """Asks for each that is due; how many are erased. A provider that is away ends the round."""
    if service.stripe is None:
        return 0
    erased = 0
    for leaving in customers.due(service.database.reader, now=service.clock(), limit=BATCH):
        try:
            await _erase(service, service.stripe, leaving)
            erased += 1
        except AppError as refused:
            await _put_off(service, leaving, refused)
            if isinstance(refused, ProviderUnavailable):
                break
    return erased


async def _erase(service: Service, gateway: StripeGateway, leaving: Leaving) -> None:
    """Between two transactions; a process that dies after the first asks again, which is harmless."""
    await gateway.delete_customer(leaving.stripe_id)
    await service.database.write(partial(_mark, leaving=leaving, now=service.clock()))
    log.info("customer_erased", account=leaving.account_id)


def _mark(db: Connection, *, leaving: Leaving, now: dt.datetime) -> None:
    customers.mark_erased(db, leaving.stripe_id, now=now)
    audit.add(db, "customer.erased", leaving.account_id, actor="service", now=now, customer=leaving.stripe_id)


async def _put_off(service: Service, leaving: Leaving, refused: AppError) -> None:
    log.warning("customer_not_erased", account=leaving.account_id, attempts=leaving.attempts + 1, reason=refused.code)
    until = service.clock() + min(FIRST_DELAY * (1 << min(leaving.attempts, 10)), DELAY_MAX)
    error = refused.message
    await service.database.write(lambda db: customers.put_off(db, leaving.stripe_id, until=until, error=error))
