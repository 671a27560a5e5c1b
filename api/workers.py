"""What runs beside the requests, from start to end of the service. Each loop survives its own faults and says them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import structlog

from api.errors import AppError
from api.gateways.catalog import Catalog
from api.usecases import products
from api.usecases.service import Service

log = structlog.get_logger()
CATALOG_SECONDS = 2.0


@asynccontextmanager
async def running(service: Service) -> AsyncIterator[None]:
    """Starts every loop, and ends them all at once."""
    keeper = CatalogKeeper(service)
    await _told(keeper.look)  # before the first request, so that every product that can be bought is known
    loops = [asyncio.create_task(repeated(keeper.look, every_seconds=CATALOG_SECONDS))]
    try:
        yield
    finally:
        for loop in loops:
            loop.cancel()
        await asyncio.gather(*loops, return_exceptions=True)


async def repeated(work: Callable[[], Awaitable[None]], *, every_seconds: float) -> None:
    """Does `work` again and again, whatever becomes of one time."""
    while True:
        await asyncio.sleep(every_seconds)
        await _told(work)


class CatalogKeeper:
    """Keeps what the catalogue names, once for each version of it."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._kept: Catalog | None = None

    async def look(self) -> None:
        try:
            catalog = self._service.catalog.current()
        except AppError:  # the gateway has said it already
            return
        if catalog is not self._kept:
            now = self._service.clock()
            await self._service.database.write(lambda db: products.keep_all(db, catalog, now=now))
            self._kept = catalog


async def _told(work: Callable[[], Awaitable[None]]) -> None:
    try:
        await work()
    except Exception:
        log.exception("work_failed", work=getattr(work, "__qualname__", str(work)))
