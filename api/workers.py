"""What runs beside the requests for as long as the service does: loops that call one use case each. None decides anything."""

import asyncio
import importlib
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any

import structlog

from api import supervision
from api.metrics import Metrics
from api.usecases import cleaning, customers, deletion, events, mails, readiness, reconciliation, sync_people
from api.usecases.service import Service
from api.watching import CatalogKeeper, Figures

CATALOG_SECONDS = 2.0
CLEANING_SECONDS = 3600.0
COMPACTION_SECONDS, COMPACTION_REST_SECONDS = 86_400.0, 0.05
ERASURE_SECONDS = 600.0
FIGURES_SECONDS = 10.0
INBOX_SECONDS = 0.5
MAIL_SECONDS = 1.0
RECONCILIATION_SECONDS = 60.0
REST_AFTER_FAULT_SECONDS = 5.0
log = structlog.get_logger()


@asynccontextmanager
async def running(service: Service, metrics: Metrics) -> AsyncIterator[None]:
    """The loops run until the `with` block ends; each then ends at its next rest, so that nothing is cut in two."""
    await events.take_up_again(service)
    end = asyncio.Event()
    figures = Figures(service, metrics)
    warm = asyncio.create_task(asyncio.to_thread(importlib.import_module, "webauthn"))  # before the first passkey
    tasks = [asyncio.create_task(loop, name=name) for name, loop in _loops(service, figures, end).items()]
    try:
        yield
    finally:
        end.set()
        await asyncio.gather(*tasks, warm)
        figures.stop()


def _loops(service: Service, figures: Figures, end: asyncio.Event) -> dict[str, Coroutine[Any, Any, None]]:
    compaction = cleaning.Compaction(service.sync)

    async def outbox() -> bool:
        return await mails.send_due(service.database, service.sender, clock=service.clock) > 0

    async def erasure() -> bool:
        erased = await deletion.erase_due(service.database, service.erased, clock=service.clock)
        await sync_people.follow(service.database, service.sync, now=service.clock(), show=service.show.current())
        return await customers.erase_due(service) + erased > 0

    async def cleaner() -> bool:
        await service.database.write(lambda db: cleaning.clean(db, now=service.clock()))
        await service.sync.write(lambda db: cleaning.clean_sync(db, now=service.clock()))
        return False

    async def compactor() -> bool:
        more = await compaction.step(now=service.clock())
        await asyncio.sleep(COMPACTION_REST_SECONDS)  # phones come first
        return more

    async def inbox() -> bool:
        return await events.work_off(service) > 0

    async def books() -> bool:
        return await reconciliation.when_due(service)

    async def sign() -> bool:
        await readiness.prove(service)
        supervision.tell("WATCHDOG=1")
        return False

    loops = {
        "cleaning": again(cleaner, every_seconds=CLEANING_SECONDS, end=end),
        "compaction": again(compactor, every_seconds=COMPACTION_SECONDS, end=end),
        "erasure": again(erasure, every_seconds=ERASURE_SECONDS, end=end),
        "catalog": again(CatalogKeeper(service).look, every_seconds=CATALOG_SECONDS, end=end),
        "figures": again(figures.look, every_seconds=FIGURES_SECONDS, end=end),
        "inbox": again(inbox, every_seconds=INBOX_SECONDS, end=end),
        "outbox": again(outbox, every_seconds=MAIL_SECONDS, end=end),
        "reconciliation": again(books, every_seconds=RECONCILIATION_SECONDS, end=end),
    }
    if seconds := supervision.seconds_between_signs():
        loops["watchdog"] = again(sign, every_seconds=seconds, end=end)
    return loops


async def again(work: Callable[[], Awaitable[bool]], *, every_seconds: float, end: asyncio.Event) -> None:
    """Calls `work` at once while it says that there was something to do, else after a rest; a fault is logged and rested off."""
    while not end.is_set():
        rest = every_seconds
        try:
            if await work():
                rest = 0.0
        except Exception:
            log.exception("worker_broke", work=getattr(work, "__name__", ""))
            rest = max(every_seconds, REST_AFTER_FAULT_SECONDS)
        with suppress(TimeoutError):
            await asyncio.wait_for(end.wait(), rest) if rest else await asyncio.sleep(0)
