"""The stand-in for Stripe inside a test's own process, with its clock, and small requests to make of it."""

from pathlib import Path
from typing import Any

from msgspec import Struct
from starlette.testclient import TestClient

from api.sandbox.settings import FULL_KEY
from tests.api.conftest import FakeClock

ADDRESS = "http://localhost:8001"
SHOP = "http://localhost:8000"
Object = dict[str, Any]


class Sandbox(Struct, frozen=True):
    """`client` for pages and raw calls; no redirect is followed."""

    client: TestClient
    clock: FakeClock
    data: Path

    def call(self, path: str, *, key: str = FULL_KEY, idempotency_key: str = "", **params: Any) -> Any:
        """A POST of the API with form fields as they are sent, for instance **{"line_items[0][quantity]": "2"}."""
        headers = {"Authorization": f"Bearer {key}"} | ({"Idempotency-Key": idempotency_key} if idempotency_key else {})
        return self.client.post(f"/v1/{path}", data=params, headers=headers)

    def get(self, path: str, *, key: str = FULL_KEY, **params: Any) -> Any:
        return self.client.get(f"/v1/{path}", params=params, headers={"Authorization": f"Bearer {key}"})

    def session(self, *, cents: int = 4900, **params: Any) -> Object:
        """A new open session of one line; None leaves a field of `order` out."""
        asked = {**order(cents), **params}
        made = self.call("checkout/sessions", **{name: value for name, value in asked.items() if value is not None})
        assert made.status_code == 200, made.text
        found: Object = made.json()
        return found

    def act(self, session: Object, action: str, **fields: str) -> Any:
        """What a person does on the checkout page."""
        form = {"email": "ada@example.com", "name": "Ada Example", "country": "US", **fields, "action": action}
        return self.client.post(f"/checkout/{session['id']}", data=form)

    def paid(self, *, cents: int = 4900, action: str = "pay", **params: Any) -> Object:
        session = self.session(cents=cents, **params)
        answer = self.act(session, action)
        assert answer.status_code == 303, answer.text
        return self.again(session)

    def again(self, session: Object) -> Object:
        found: Object = self.get(f"checkout/sessions/{session['id']}").json()
        return found


def order(cents: int = 4900) -> dict[str, str]:
    return {
        "mode": "payment",
        "success_url": f"{SHOP}/checkout/done/?session={{CHECKOUT_SESSION_ID}}",
        "cancel_url": f"{SHOP}/checkout/cancelled/",
        "client_reference_id": "ord_1",
        "customer_creation": "always",
        "line_items[0][price_data][currency]": "usd",
        "line_items[0][price_data][unit_amount]": str(cents),
        "line_items[0][price_data][product_data][name]": "Field Recording",
        "line_items[0][quantity]": "1",
    }
