"""A phone or a page that sends changes, as short to write as they are to read. Knows no rules of merging."""

import datetime as dt
import itertools
from typing import Any

import msgspec
from starlette.applications import Starlette

from api.settings import Settings
from api.store.database import Database
from tests.api.conftest import ORIGIN
from tests.api.people import Browser
from tests.api.test_apps import App

LECTURE, OTHER = "lec_rumour", "lec_cp"
COURSE = "crs_first_thursday"
_numbers = itertools.count(1)


def change_id(number: int | None = None) -> str:
    """A UUIDv7; without a number a new one."""
    return f"018f0000-0000-7000-8000-{(next(_numbers) if number is None else number):012x}"


def change(kind: str, entity: str, data: Any, *, at: dt.datetime | None = None, **more: Any) -> dict[str, Any]:
    when = {"at": at.isoformat()} if at else {}
    return {"id": change_id(), "kind": kind, "entity": entity, "data": data, **when, **more}


def progress(position: float, *, lecture: str = LECTURE, at: dt.datetime | None = None, **data: Any) -> dict[str, Any]:
    return change("progress", lecture, {"position_seconds": position, **data}, at=at)


class Phone:
    """An app with a token of its own, on whatever account `browser` is signed in to."""

    def __init__(self, browser: Browser, *, scope: str = "sync account media") -> None:
        self.app: Starlette = browser.app  # type: ignore[assignment]
        self.http = Browser(self.app, email="")
        del self.http.headers["Origin"]
        self._keep(App(browser, scope=scope).tokens())

    def renew(self) -> None:
        """After an hour: the next pair of tokens."""
        body = {"grant_type": "refresh_token", "client_id": "longwave", "refresh_token": self._refresh}
        self._keep(self.http.post("/api/token", json=body).json())

    def _keep(self, pair: dict[str, Any]) -> None:
        self._refresh = pair["refresh_token"]
        self.http.headers["Authorization"] = f"Bearer {pair['access_token']}"

    def push(self, *changes: Any, cursor: str | None = None) -> list[dict[str, Any]]:
        return self.pushed(*changes, cursor=cursor)["results"]

    def pushed(self, *changes: Any, cursor: str | None = None) -> dict[str, Any]:
        answer = self.http.post("/api/v1/changes", json={"changes": list(changes), "cursor": cursor or ""})
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def pull(self, cursor: str = "") -> dict[str, Any]:
        answer = self.http.get("/api/v1/changes", params={"cursor": cursor})
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def state(self) -> dict[tuple[str, str], Any]:
        """(kind, entity) -> data of everything there is, as a new phone learns it."""
        found, cursor, more = {}, "", True
        while more:
            told = self.pull(cursor)
            found |= {(each["kind"], each["entity"]): each["data"] for each in told["changes"] if not each["deleted"]}
            cursor, more = told["cursor"], told["more"]
        return {key: data for key, data in found.items() if key[0] not in ("grant", "catalogue")}


def signed_in(app: Starlette, database: Database, email: str = "ada@example.com") -> Browser:
    return Browser(app, email=email).sign_in(database)


def write_show(settings: Settings, *numbers: int) -> None:
    """The show's episodes, ten minutes each."""
    episodes = [
        {
            "number": number,
            "guid": f"guid-{number}",
            "url": f"{ORIGIN}/episodes/{number}/",
            "title": f"Episode {number}",
            "enclosure": f"{ORIGIN}/media/{number:04}-x.0123abcd.mp3",
            "seconds": 600,
            "published": f"2025-12-{number:02}T06:00:00Z",
        }
        for number in numbers
    ]
    show = {"version": 1, "title": "Ours", "feeds": [f"{ORIGIN}/feed.xml"], "episodes": episodes}
    settings.episodes.write_bytes(msgspec.json.encode(show))
