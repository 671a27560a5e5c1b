"""People at browsers: what they send as a page of ours would, the codes in their mail. Knows no use case."""

from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.testclient import TestClient

from api.store.database import Database
from tests.api.conftest import FROM_OUR_PAGES, ORIGIN

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"
)


class Browser(TestClient):
    """A browser with cookies of its own, on a page of ours. It keeps `Secure` cookies, so it believes to be on HTTPS."""

    def __init__(self, app: Starlette, *, email: str, user_agent: str = FIREFOX, host: str = "203.0.113.7") -> None:
        super().__init__(
            app,
            base_url=ORIGIN.replace("http:", "https:"),
            headers={**FROM_OUR_PAGES, "User-Agent": user_agent},
            follow_redirects=False,
            client=(host, 40000),
        )
        self.email = email

    def ask_code(self, **more: Any) -> Any:
        return self.post("/api/sign-in", json={"email": self.email}, **more)

    def enter(self, code: str, **more: Any) -> Any:
        return self.post("/api/sign-in/code", json={"code": code}, **more)

    def sign_in(self, database: Database) -> "Browser":
        self.ask_code()
        answer = self.enter(newest_code(database, self.email))
        assert answer.status_code == 200, answer.text
        return self

    @property
    def account_id(self) -> str:
        return str(self.get("/api/account").json()["id"])


def newest_code(database: Database, email: str) -> str:
    """The code of the newest mail that waits for `email`."""
    row = database.reader.execute(
        "SELECT payload FROM outbox WHERE recipient = ? AND expires_at IS NOT NULL ORDER BY created_at DESC, rowid DESC",
        (email,),
    ).fetchone()
    return str(msgspec.json.decode(row["payload"])["code"])


def mails(database: Database, email: str) -> list[str]:
    """The kinds of the mails to `email`, the oldest first."""
    rows = database.reader.execute("SELECT kind FROM outbox WHERE recipient = ? ORDER BY rowid", (email,))
    return [row["kind"] for row in rows]
