"""A shop to buy in: the service, the stand-in for Stripe on loopback, one clock for both, and people who do things in it."""

import datetime as dt
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import stripe
from msgspec.structs import replace
from starlette.applications import Starlette
from starlette.testclient import TestClient

from api import ids, times
from api.app import create_app
from api.gateways.payments import CheckoutSession, ProviderEvent
from api.gateways.stripe import StripeGateway
from api.gateways.stripe_requests import API_VERSION
from api.model import Account
from api.sandbox.settings import OPERATOR_KEY, SERVICE_KEY
from api.settings import Settings
from api.store import accounts, orders
from api.usecases import events, mails
from api.usecases.secret_words import token_hash
from api.usecases.service import Service
from tests.command import ROOT
from tests.stand_in import StandIn, stand_in

CATALOG = ROOT / "tests/contracts/catalog.json"
ORIGIN = "http://localhost:8000"
FROM_OUR_PAGES = {"Origin": ORIGIN}
FORM = {"Origin": ORIGIN, "Accept": "text/html", "Content-Type": "application/x-www-form-urlencoded"}
THURSDAY, WATER, FREE, ANNOUNCED, EVERYTHING = (
    "crs_first_thursday",
    "crs_read_the_water",
    "crs_first_week",
    "crs_fifty_hertz",
    "bdl_everything",
)
OWNER, STRANGER, GUEST = "owner@one.example", "stranger@two.example", "guest@three.example"


class Shop:
    """One running shop. People are cookies: `owner()` and `stranger()` are signed in, `guest()` is a browser of nobody."""

    def __init__(self, app: Starlette, client: TestClient, stand_in: StandIn, clock: Any) -> None:
        self.app, self.client, self.stripe, self.clock = app, client, stand_in, clock
        self.service: Service = app.state.service
        self.delivered: set[str] = set()

    def person(self, email: str) -> TestClient:
        """A browser that is signed in with this address; the account is made when there is none."""
        browser = self.browser()
        browser.cookies.set("__Host-session", self.session_of(email))
        return browser

    def owner(self) -> TestClient:
        return self.person(OWNER)

    def stranger(self) -> TestClient:
        return self.person(STRANGER)

    def browser(self) -> TestClient:
        """Nobody's, with cookies of its own, Secure ones too; it shares the running application."""
        browser = TestClient(
            self.app, base_url=ORIGIN.replace("http:", "https:"), follow_redirects=False, headers=FROM_OUR_PAGES
        )
        browser.portal = self.client.portal
        return browser

    def account(self, email: str = OWNER) -> Account | None:
        return accounts.find_by_email(self.service.database.reader, email)

    def session_of(self, email: str) -> str:
        token, now = ids.new("tok"), self.clock()
        with self.service.database.transaction() as db:
            known = accounts.find_by_email(db, email)
            if known is None:
                known = Account(id=ids.new("acc"), email=email, email_canonical=email, created_at=now, confirmed_at=now)
                accounts.insert(db, known)
            later = times.text(now + dt.timedelta(days=30))
            db.execute(
                "INSERT INTO sessions (id, id_hash, account_id, created_at, seen_at, expires_at, fresh_until)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (ids.new("ses"), token_hash(token), known.id, times.text(now), times.text(now), later, later),
            )
        return token

    def order(self, browser: TestClient, *products: str, **more: Any) -> httpx2.Response:
        return browser.post("/api/orders", json={"products": list(products), **more})

    def session(self, order_id: str) -> str:
        """The id of the payment page of an order."""
        found = orders.find(self.service.database.reader, order_id)
        assert found is not None and found.stripe_session
        return found.stripe_session

    def buy(self, browser: TestClient, *products: str, email: str = GUEST, action: str = "pay", **more: Any) -> str:
        """Orders, pays, and lets Stripe tell; the order's id."""
        begun = self.order(browser, *products, **more)
        assert begun.status_code == 201, begun.text
        order_id: str = begun.json()["id"]
        self.pay(order_id, email=email, action=action)
        self.tell()
        return order_id

    def pay(self, order_id: str, *, email: str = GUEST, action: str = "pay") -> None:
        answer = self.stripe.act(self.session(order_id), action, email=email)
        assert answer.status_code == 303, answer.text

    def tell(self) -> list[ProviderEvent]:
        """Stripe delivers what it has not delivered, and the inbox is worked off."""
        news = [event for event in self.news() if event.id not in self.delivered]
        for event in news:
            assert self.deliver(event.payload).status_code == 200
            self.delivered.add(event.id)
        self.work()
        return news

    def news(self) -> tuple[ProviderEvent, ...]:
        gateway, since = self.stripe.service, self.clock() - dt.timedelta(days=29)
        return self.run(lambda: gateway.list_events(created_after=since, types=events.SUBSCRIBED))

    def deliver(self, payload: str, *, secret: str | None = None, age_seconds: float = 0) -> httpx2.Response:
        secret = secret or self.service.settings.secrets.stripe_webhook_secret
        time = int(self.clock().timestamp() - age_seconds)
        header = stripe.WebhookSignature.generate_signature_header(payload, secret, timestamp=time)
        return self.client.post("/api/stripe/events", content=payload, headers={"Stripe-Signature": header})

    def work(self) -> None:
        """What the loops would do: the inbox until it is empty."""
        while self.run(lambda: events.work_off(self.service)):
            pass

    def send_mails(self) -> None:
        service = self.service
        while self.run(lambda: mails.send_due(service.database, service.sender, clock=service.clock)):
            pass

    def mailed(self, recipient: str | None = None) -> list[str]:
        """Kinds of the mails that were written, the oldest first."""
        rows = self.rows("SELECT kind, recipient FROM outbox ORDER BY created_at, key")
        return [kind for kind, to in rows if recipient in (None, to)]

    def run(self, work: Callable[[], Any]) -> Any:
        async def call() -> Any:
            return await work()

        assert self.client.portal is not None
        return self.client.portal.call(call)

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self.service.database.reader.execute(query, values)]

    def state(self, order_id: str) -> str:
        return str(self.rows("SELECT state FROM orders WHERE id = ?", order_id)[0][0])

    def opened(self, email: str) -> list[str]:
        """Ids of the courses that are open to a person, by name."""
        answer = self.person(email).get("/api/library")
        assert answer.status_code == 200, answer.text
        return sorted(course["id"] for course in answer.json())

    def sessions(self, order_id: str) -> tuple[CheckoutSession, ...]:
        since = self.clock() - dt.timedelta(days=5)
        found: tuple[CheckoutSession, ...] = self.run(
            lambda: self.stripe.service.find_sessions(order_id, created_after=since)
        )
        return found

    @property
    def at_stripe(self) -> stripe.StripeClient:
        """Stripe's own client with every right, for what people do in its dashboard."""
        addresses: Any = {"api": self.stripe.url}
        return stripe.StripeClient("sk_test_tests", base_addresses=addresses)

    @property
    def operator(self) -> StripeGateway:
        return StripeGateway(OPERATOR_KEY, api=self.stripe.url)


@contextmanager
def open_shop(settings: Settings, clock: Any, folder: Path) -> Iterator[Shop]:
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(CATALOG, settings.site)
    with stand_in(folder, clock=clock) as stripe:
        secrets = replace(settings.secrets, stripe_key=SERVICE_KEY)
        app = create_app(replace(settings, stripe_api=stripe.url, secrets=secrets), clock=clock, workers=False)
        with TestClient(app, base_url=ORIGIN, follow_redirects=False, headers=FROM_OUR_PAGES) as client:
            yield Shop(app, client, stripe, clock)


__all__ = ["API_VERSION", "Shop", "open_shop"]
