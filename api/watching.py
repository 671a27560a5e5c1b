"""What the service keeps an eye on while it runs: the catalogue's products, and the figures that count no requests."""

from api.errors import AppError
from api.gateways.catalog import Catalog
from api.metrics import Metrics, MetricsServer
from api.usecases import products, readiness
from api.usecases.service import Service


class CatalogKeeper:
    """Keeps what the catalogue names, once for each version of it."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._kept: Catalog | None = None

    async def look(self) -> bool:
        try:
            catalog = self._service.catalog.current()
        except AppError:  # the gateway has said it already
            return False
        if catalog is not self._kept:
            now = self._service.clock()
            await self._service.database.write(lambda db: products.keep_all(db, catalog, now=now))
            self._kept = catalog
        return False


class Figures:
    """Counts what waits, and sees that the figures can be fetched."""

    def __init__(self, service: Service, metrics: Metrics) -> None:
        self._service = service
        self._metrics = metrics
        self._server = MetricsServer(metrics, service.settings.metrics_port)

    async def look(self) -> bool:
        self._server.start()
        for queue, count in readiness.backlog(self._service).items():
            self._metrics.backlog.labels(queue).set(count)
        self._metrics.catalog_damaged.set(self._service.catalog.problem is not None)
        return False

    def stop(self) -> None:
        self._server.stop()
