"""The service says whether it runs and whether it can work, and answers every wrong request in one way."""

from urllib.request import urlopen

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.applications import Starlette
from starlette.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from api.store.database import Database
from tests.api.conftest import FakeClock, with_settings
from tests.api.test_catalog import COURSE, write
from tests.deploy.servers import free_port


def test_a_running_service_says_so(client: TestClient) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_every_answer_has_an_id_of_its_own(client: TestClient) -> None:
    ids = {client.get("/healthz").headers["X-Request-Id"] for _ in range(3)}
    assert len(ids) == 3


def test_an_unknown_address_is_a_problem_with_the_requests_id(client: TestClient) -> None:
    answer = client.get("/api/nowhere")
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "not_found"
    assert answer.json()["request_id"] == answer.headers["X-Request-Id"]


def test_a_wrong_method_is_told_the_right_ones(client: TestClient) -> None:
    answer = client.delete("/healthz")
    assert (answer.status_code, answer.json()["code"]) == (405, "wrong_method")
    assert {name.strip() for name in answer.headers["Allow"].split(",")} == {"GET", "HEAD"}


def test_it_is_ready_with_database_tables_and_catalogue(client: TestClient, settings: Settings) -> None:
    write(settings.catalog, courses=[COURSE])
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ready", "database": "ok", "migrations": "ok", "catalog": "ok", "sync": "ok"}


def test_without_a_catalogue_it_is_not_ready(client: TestClient) -> None:
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (503, "not ready")
    assert answer.json()["catalog"] == "catalog.json cannot be read: No such file or directory"


def test_a_damaged_catalogue_is_told_while_the_last_good_one_is_in_use(client: TestClient, settings: Settings) -> None:
    write(settings.catalog, courses=[COURSE])
    client.get("/readyz")
    settings.catalog.write_text("{")
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (200, "ready")
    assert answer.json()["catalog"].endswith("The last good one is in use.")


def test_a_missing_migration_is_not_ready(client: TestClient, settings: Settings, database: Database) -> None:
    write(settings.catalog, courses=[COURSE])
    with database.transaction() as db:
        db.execute("DELETE FROM _sqlite_migrations")
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["migrations"]) == (503, "missing: 0001_tables")


def test_a_database_that_does_not_answer_is_not_ready(client: TestClient, settings: Settings, app: Starlette) -> None:
    write(settings.catalog, courses=[COURSE])
    app.state.service.database.close()
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["database"]) == (503, "does not answer: RuntimeError")


def test_the_file_of_what_is_listened_to_has_to_answer_too(
    client: TestClient, settings: Settings, app: Starlette
) -> None:
    write(settings.catalog, courses=[COURSE])
    with app.state.service.sync.transaction() as db:
        db.execute("DELETE FROM _sqlite_migrations")
    missing = "missing: 0001_tables, 0002_epochs, 0003_behind"
    assert (client.get("/readyz").status_code, client.get("/readyz").json()["sync"]) == (503, missing)
    app.state.service.sync.close()
    assert client.get("/readyz").json()["sync"] == "does not answer: RuntimeError"


@pytest.fixture
def watched(settings: Settings) -> Settings:
    write(settings.catalog, courses=[COURSE])
    return with_settings(settings, metrics_port=free_port())


def test_figures_are_answered_on_a_port_of_their_own(watched: Settings, clock: FakeClock) -> None:
    with TestClient(create_app(watched, clock=clock)) as client:
        client.get("/healthz")
        client.get("/api/nowhere/s3cr3t")
        found = figures(watched.metrics_port)
        assert client.get("/metrics").status_code == 404
    assert found["longwave_requests_total", "GET", "/healthz", "200"] == 1
    assert found["longwave_requests_total", "GET", "(none)", "404"] == 1
    assert found["longwave_request_seconds_count", "/healthz"] == 1
    assert found["longwave_backlog", "mails"] == 0
    assert found["longwave_catalog_damaged",] == 0


def test_figures_never_leave_the_machine(watched: Settings, clock: FakeClock) -> None:
    with TestClient(create_app(watched, clock=clock)) as client:
        client.get("/healthz")
        figures(watched.metrics_port)
        assert f"0100007F:{watched.metrics_port:04X}" in listeners()
        assert f"00000000:{watched.metrics_port:04X}" not in listeners()


def test_a_taken_port_for_figures_does_not_stop_the_service(watched: Settings, clock: FakeClock) -> None:
    with (
        TestClient(create_app(watched, clock=clock)) as first,
        TestClient(create_app(watched, clock=clock)) as second,
    ):
        assert (first.get("/readyz").status_code, second.get("/readyz").status_code) == (200, 200)


def figures(port: int) -> dict[tuple[str, ...], float]:
    """Name and labels' values -> figure."""
    with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
        families = text_string_to_metric_families(answer.read().decode())
        return {(s.name, *s.labels.values()): s.value for family in families for s in family.samples}


def listeners() -> set[str]:
    """Addresses of this machine's listening sockets as the kernel writes them: 127.0.0.1 is 0100007F."""
    with open("/proc/net/tcp", encoding="ascii") as table:  # noqa: PTH123
        return {fields[1] for line in table if (fields := line.split())[3] == "0A"}
