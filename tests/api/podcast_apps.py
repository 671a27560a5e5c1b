"""Podcast apps as tests hold them in their hands: what was typed into one, and one that keeps the cursor it was given."""

import base64
import json
from typing import Any

from starlette.applications import Starlette

from tests.api.people import Browser

FEED, AUDIO = "https://feeds.example.com/talks", "https://cdn.example.com/one.mp3"


class PodcastApp(Browser):
    """An app on a phone: no Origin, and at first no cookie; `user_name` and `password` as they were typed into it."""

    def __init__(self, app: Starlette, made: dict[str, Any], *, host: str = "203.0.113.50") -> None:
        super().__init__(app, email="", user_agent="AntennaPod/3.4.0", host=host)
        del self.headers["Origin"]
        self.user_name: str = made["user_name"]
        self.password: str = made["password"] or ""

    def basic(self, *, user_name: str | None = None, password: str | None = None) -> dict[str, str]:
        name = self.user_name if user_name is None else user_name
        word = self.password if password is None else password
        return {"Authorization": f"Basic {base64.b64encode(f'{name}:{word}'.encode()).decode()}"}

    def log_in(self, *, user: str | None = None, headers: dict[str, str] | None = None) -> Any:
        return self.post(
            f"/api/2/auth/{user or self.user_name}/login.json", headers=self.basic() if headers is None else headers
        )

    def log_out(self, **more: Any) -> Any:
        return self.post(f"/api/2/auth/{self.user_name}/logout.json", **more)


class Phone(PodcastApp):
    """A podcast app that keeps the cursor it was given."""

    since: int = 0

    def push(self, *actions: Any, **more: Any) -> dict[str, Any]:
        answer = self.post(f"/api/2/episodes/{self.user_name}.json", content=json.dumps(actions), headers=self.basic())
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def pull(self, since: Any = None, **more: str) -> list[dict[str, Any]]:
        """What is new to this phone, or since a given cursor; the next cursor is kept."""
        query = {"since": str(self.since if since is None else since), **more}
        answer = self.get(f"/api/2/episodes/{self.user_name}.json", params=query, headers=self.basic())
        assert answer.status_code == 200, answer.text
        self.since = answer.json()["timestamp"]
        found: list[dict[str, Any]] = answer.json()["actions"]
        return found

    def deliver(self, content: bytes | str, **headers: str) -> Any:
        path = f"/api/2/episodes/{self.user_name}.json"
        return self.post(path, content=content, headers={**self.basic(), **headers})


def made(person: Browser, name: str = "AntennaPod", **more: str) -> dict[str, Any]:
    answer = person.post("/api/app-passwords", json={"name": name, **more})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def play(position: int = 100, at: str = "2026-01-05T05:00:00", **more: Any) -> dict[str, Any]:
    fields = {"podcast": FEED, "episode": AUDIO, "action": "play", "started": 0, "total": 3600, "timestamp": at}
    return {**fields, "position": position, **more}


def positions(actions: list[dict[str, Any]]) -> list[int]:
    return [action["position"] for action in actions]
