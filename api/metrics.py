"""Figures for Prometheus, on a port of this machine alone: they tell how much is sold. Decides nothing."""

from wsgiref.simple_server import WSGIServer

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server

from api.usecases.alarms import ALARMS

log = structlog.get_logger()
ADDRESS = "127.0.0.1"
SECONDS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


class Metrics:
    """Everything that is counted. Made once an application, so that two in one process count apart."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "longwave_requests",
            "Requests answered, by the template of their path.",
            ("method", "path", "status"),
            registry=self.registry,
        )
        self.seconds = Histogram(
            "longwave_request_seconds",
            "Time from a request's arrival to its answer.",
            ("path",),
            buckets=SECONDS,
            registry=self.registry,
        )
        self.backlog = Gauge(
            "longwave_backlog",
            "Rows that wait for work: mails to send, events of Stripe to act on, events that failed for good.",
            ("queue",),
            registry=self.registry,
        )
        self.catalog_damaged = Gauge(
            "longwave_catalog_damaged", "1 while catalog.json as it stands cannot be used.", registry=self.registry
        )

        self.registry.register(ALARMS)

        self._known: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    def answered(self, *, method: str, path: str, status: int, seconds: float) -> None:
        key = (method, path, status)
        if key not in self._known:  # as few as there are routes and codes
            self._known[key] = (self.requests.labels(method, path, str(status)), self.seconds.labels(path))
        count, times = self._known[key]
        count.inc()
        times.observe(seconds)


class MetricsServer:
    """Answers on the loopback port `port`, or on none when that is 0."""

    def __init__(self, metrics: Metrics, port: int) -> None:
        self._metrics = metrics
        self._port = port
        self._server: WSGIServer | None = None
        self._told = False

    def start(self) -> bool:
        """False while another process has the port, as the old one has during a restart: try again later."""
        if self._server or not self._port:
            return True
        try:
            self._server, _ = start_http_server(self._port, addr=ADDRESS, registry=self._metrics.registry)
        except OSError as error:
            if not self._told:
                log.warning("metrics_port_taken", port=self._port, problem=error.strerror)
            self._told = True
            return False
        return True

    def stop(self) -> None:
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None
