"""Apps of the Python client on top of the running application, and a network that fails in every way there is. Knows no rules."""

import datetime as dt
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from starlette.applications import Starlette
from starlette.testclient import TestClient

from api.client import Client, Offline, Reply
from tests.api.conftest import ORIGIN
from tests.api.people import Browser

CALLBACK = "http://127.0.0.1:51004/callback"


class Network:
    """Carries requests to the application; `weather` may spoil any of them, by number."""

    def __init__(self, app: Starlette, *, host: str = "203.0.113.50") -> None:
        self._http = TestClient(app, base_url=ORIGIN, follow_redirects=False, client=(host, 40000))
        self._http.headers.clear()
        self.weather: Callable[[int, str], str] = lambda number, path: ""
        self.asked = 0
        self.paths: list[str] = []

    def __call__(self, method: str, address: str, headers: Mapping[str, str], body: bytes | None) -> Reply:
        self.asked += 1
        path = urlsplit(address).path
        self.paths.append(path)
        trouble = self.weather(self.asked, path)
        if trouble == "no network":
            raise Offline("no network")
        if trouble.isdigit():
            return Reply(int(trouble), {"retry-after": "7"}, b"{}")
        if trouble == "half sent":
            body = body[: len(body) // 2] if body else body
        answer = self._http.request(method, address, headers=dict(headers), content=body)
        if trouble == "answer lost":
            raise Offline("answer lost")
        content = answer.content[: len(answer.content) // 2] if trouble == "half an answer" else answer.content
        if trouble == "a page":
            return Reply(200, {}, b"<html>Please sign in to this hotel</html>")
        return Reply(answer.status_code, {name.lower(): value for name, value in answer.headers.items()}, content)


def install(app: Starlette, path: Path, clock: Callable[[], dt.datetime], network: Network | None = None) -> Client:
    """The app on a device of its own; nobody is signed in."""
    return Client(ORIGIN, path, transport=network or Network(app), clock=clock)


def sign_in(client: Client, browser: Browser) -> None:
    """As the app does it: the browser says yes, and the code comes back to the app."""
    asked = client.tokens.authorization(CALLBACK)
    browser.get(asked.address.removeprefix(ORIGIN))
    answer = browser.post("/api/authorize", json={"decision": "allow"}, headers={"Accept": "application/json"})
    said = {name: values[0] for name, values in parse_qs(urlsplit(answer.json()["location"]).query).items()}
    client.tokens.exchange(asked, code=said["code"], state=said["state"], device_name="Adas phone")
