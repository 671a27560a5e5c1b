"""The service as every test sees it: settings in a folder of its own, a clock that stands until it is set, a real database."""

import datetime as dt
import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from api.app import create_app
from api.secret_files import SANDBOX_KEY, Secrets
from api.settings import Settings
from api.store import migrations
from api.store.database import Database
from tests.api.shop import CATALOG, Shop, open_shop
from tests.command import ROOT

MEMORY = Path("/dev/shm")
ORIGIN = "http://localhost:8000"
FROM_OUR_PAGES = {"Origin": ORIGIN}
FORM = {"Origin": ORIGIN, "Accept": "text/html", "Content-Type": "application/x-www-form-urlencoded"}


def with_settings(settings: Settings, **changed: object) -> Settings:
    """The same but for what is named."""
    return msgspec.structs.replace(settings, **changed)


class FakeClock:
    """Stands still until told otherwise."""

    def __init__(self, now: dt.datetime) -> None:
        self.now = now

    def __call__(self) -> dt.datetime:
        return self.now

    def advance(self, **duration: float) -> None:
        """`advance(minutes=5)`"""
        self.now += dt.timedelta(**duration)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(dt.datetime(2026, 1, 5, 6, 0, tzinfo=dt.UTC))


@pytest.fixture
def tmp_path(tmp_path: Path) -> Iterator[Path]:
    """In memory where there is such a place, so that no test waits for the disk to say that a purchase is written."""
    if not MEMORY.is_dir():
        yield tmp_path
        return
    with TemporaryDirectory(dir=MEMORY, prefix="longwave-") as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with both databases as a new service makes them; copied, as making them takes longer than most tests."""
    made = tmp_path_factory.mktemp("tables")
    migrations.migrate_all(made / "shop.sqlite", made / "sync.sqlite", now=dt.datetime(2026, 1, 5, tzinfo=dt.UTC))
    return made


@pytest.fixture
def settings(tmp_path: Path, tables: Path) -> Settings:
    for folder in ("site", "private"):
        (tmp_path / folder).mkdir()
    shutil.copytree(tables, tmp_path / "data")
    return Settings(
        mode="sandbox",
        url=ORIGIN,
        site=tmp_path / "site",
        data=tmp_path / "data",
        private_media=tmp_path / "private",
        theme=ROOT / "theme",
        secrets=Secrets(
            stripe_key=SANDBOX_KEY,
            stripe_webhook_secret="whsec_of_the_tests",
            pepper="pepper" * 8,
            media_secret="m" * 32,
        ),
        stripe_api="http://127.0.0.1:8001",
        metrics_port=0,
        mail_from="Longwave <hello@longwave.example>",
    )


@pytest.fixture
def app(settings: Settings, clock: FakeClock) -> Starlette:
    """Without background loops: a test calls what they would call."""
    return create_app(settings, clock=clock, workers=False)


@pytest.fixture
def client(app: Starlette) -> Iterator[TestClient]:
    """Follows no redirects. Changes need `headers=FROM_OUR_PAGES`; FORM is what a page without script sends."""
    with TestClient(app, base_url=ORIGIN, follow_redirects=False) as client:
        yield client


@pytest.fixture
def database(app: Starlette, client: TestClient) -> Database:
    """The open database behind `client`."""
    found: Database = app.state.service.database
    return found


@pytest.fixture
def catalog(settings: Settings) -> None:
    """Something is on sale."""
    shutil.copy(CATALOG, settings.site)


@pytest.fixture
def shop(settings: Settings, clock: FakeClock, tmp_path: Path) -> Iterator[Shop]:
    """The service and the stand-in for Stripe; no background loops."""
    with open_shop(settings, clock, tmp_path / "stripe") as opened:
        yield opened
