"""The stand-in for Stripe in a test's own process, without a shop behind it; its clock stands until it is set."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from api.sandbox.app import create_sandbox
from api.sandbox.settings import SandboxSettings
from tests.api.conftest import FakeClock
from tests.api.sandbox.calls import ADDRESS, Sandbox


@pytest.fixture
def sandbox(tmp_path: Path, clock: FakeClock) -> Iterator[Sandbox]:
    app = create_sandbox(SandboxSettings(data=tmp_path / "data", url=ADDRESS, clock=clock))
    with TestClient(app, base_url=ADDRESS, follow_redirects=False) as client:
        yield Sandbox(client, clock, tmp_path / "data")
