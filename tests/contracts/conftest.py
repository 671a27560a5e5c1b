"""Whom the contract with Stripe is held to: the stand-in always, and Stripe itself where a test key is in the environment."""

import os
from collections.abc import Iterator

import pytest
from msgspec import Struct

from api.gateways.stripe import StripeGateway
from tests.stand_in import StandIn, stand_in

KEY = os.environ.get("STRIPE_TEST_KEY", "")
TARGETS = ("stand-in", *(["stripe"] if KEY else []))


class Target(Struct, frozen=True):
    """One gateway for everything: a test key of Stripe's has no scopes. `key` and `api` are for asking it directly."""

    gateway: StripeGateway
    key: str
    api: str | None


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    """What only the stand-in can show: there a form pays, at Stripe only a person in a browser."""
    with stand_in(tmp_path_factory.mktemp("stand-in")) as running:
        yield running


@pytest.fixture(params=TARGETS)
def target(request: pytest.FixtureRequest, sandbox: StandIn) -> Target:
    if request.param == "stripe":
        assert KEY.startswith(("sk_test_", "rk_test_")), "STRIPE_TEST_KEY is no test key; nothing was asked"
        return Target(gateway=StripeGateway(KEY), key=KEY, api=None)
    full = "sk_test_contract"
    return Target(gateway=StripeGateway(full, api=sandbox.url), key=full, api=sandbox.url)
