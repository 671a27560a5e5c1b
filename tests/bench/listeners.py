"""People who have listened for years: their accounts, their apps' passwords, and what they played, in the service's own tables.

Measures nothing.
"""

import base64
import datetime as dt
import json
from contextlib import closing
from pathlib import Path
from sqlite3 import Connection

from msgspec import Struct

from api import times
from api.gateways.show import ShowFile
from api.model import Account
from api.store import migrations, stamps
from api.store.database import Database
from api.usecases import app_passwords, episode_words, listening

BEGINNING = dt.datetime.now(dt.UTC).replace(microsecond=0) - dt.timedelta(days=30)  # too young to be compacted
FEED = "https://feeds.example.com/talks"
EPISODES = 100  # that one person knows
BATCH_ACTIONS = 30
FEW_SECONDS = 3_000
LATER = BEGINNING + dt.timedelta(days=2)
OF_ACCOUNT = {"account_id": "printf('acc_%026d', n)"}
# What of an account's rows holds ids, and of which table.
COUNTED = ("sync_clients", "podcasts", "episodes")
COPIED: dict[str, dict[str, str]] = {
    "stamps": {},
    "sync_clients": {"id": "sync_clients"},
    "podcasts": {"id": "podcasts", "client_id": "sync_clients"},
    "podcast_names": {"podcast_id": "podcasts", "client_id": "sync_clients"},
    "episodes": {"id": "episodes", "podcast_id": "podcasts", "client_id": "sync_clients"},
    "episode_keys": {"episode_id": "episodes"},
    "episode_names": {"episode_id": "episodes", "client_id": "sync_clients"},
    "actions": {"episode_id": "episodes", "client_id": "sync_clients"},
}


class App(Struct, frozen=True):
    """A podcast app with a password of its own."""

    user_name: str
    authorization: str


def fill(data: Path, *, accounts: int, actions: int, apps: int) -> list[App]:
    """So many actions of each account; the first accounts have an app each. One account is filled as the service does it."""
    migrations.migrate_all(data / "shop.sqlite", data / "sync.sqlite", now=BEGINNING)
    with closing(Database(data / "shop.sqlite")) as shop, closing(Database(data / "sync.sqlite")) as sync:
        shop.open()
        sync.open()
        with shop.transaction() as db:
            db.executemany(
                "INSERT INTO accounts (id, email, email_canonical, created_at) VALUES (?, ?, ?, ?)",
                [
                    (account_id(n), f"p{n}@mail.example", f"p{n}@mail.example", times.text(BEGINNING))
                    for n in range(accounts)
                ],
            )
            made = [_app(db, number) for number in range(apps)]
        with sync.transaction() as db:
            _listen(db, data, actions)
            if accounts > 1:
                _copy(db, copies=accounts - 1)
    return made


def account_id(number: int) -> str:
    return f"acc_{number:026}"


def push(app: App, number: int) -> str:
    """Thirty plays that nobody has reported yet."""
    actions = [_action(number * BATCH_ACTIONS + k) for k in range(BATCH_ACTIONS)]
    body = json.dumps(actions)
    head = f"POST /api/2/episodes/{app.user_name}.json HTTP/1.1\r\nHost: localhost\r\n{_authorized(app)}"
    return f"{head}Content-Length: {len(body)}\r\n\r\n{body}"


def pull(app: App, *, since: int) -> str:
    path = f"/api/2/episodes/{app.user_name}.json?since={since}"
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{_authorized(app)}\r\n"


def episode(number: int) -> str:
    return f"https://cdn.example.com/{number}.mp3"


def _action(number: int) -> dict[str, object]:
    at = BEGINNING + dt.timedelta(days=1, seconds=number)
    return {
        "podcast": FEED,
        "episode": episode(1 + number % EPISODES),
        "device": "phone",
        "action": "play",
        "timestamp": at.replace(tzinfo=None).isoformat(),
        "started": 0,
        "position": 1 + number % FEW_SECONDS,
        "total": FEW_SECONDS * 2,
    }


def _listen(db: Connection, data: Path, count: int) -> None:
    """One account's life, as phones report it; the show of our own is another."""
    show, stamp = ShowFile(data / "episodes.json").current(), int(BEGINNING.timestamp())
    for at in range(0, count, BATCH_ACTIONS):
        batch = [episode_words.read(_action(number)) for number in range(at, min(at + BATCH_ACTIONS, count))]
        stamp = stamps.take(db, account_id(0), now=BEGINNING)
        listening.record(db, account_id(0), batch, device="dev_old", stamp=stamp, now=LATER, show=show)


def _copy(db: Connection, *, copies: int) -> None:
    """Every row of the first account once more for each of the others; all names of tables are ours."""
    sizes = {table: db.execute(f"SELECT coalesce(max(id), 0) FROM {table}").fetchone()[0] for table in COUNTED}  # noqa: S608
    for table, moved in COPIED.items():
        columns = [row[1] for row in db.execute(f"PRAGMA table_info({table})")]
        values = OF_ACCOUNT | {column: f"{column} + n * {sizes[other]}" for column, other in moved.items()}
        copied = ", ".join(values.get(column, column) for column in columns)
        db.execute(f"CREATE TEMP TABLE first AS SELECT * FROM {table}")  # noqa: S608
        db.execute(
            f"""
            WITH RECURSIVE copies (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM copies WHERE n < ?)
            INSERT INTO {table} ({", ".join(columns)}) SELECT {copied} FROM copies CROSS JOIN first
            """,  # noqa: S608
            (copies,),
        )
        db.execute("DROP TABLE first")


def _app(db: Connection, number: int) -> App:
    account = Account(id=account_id(number), email=None, email_canonical=None, created_at=BEGINNING)
    made = app_passwords.make(db, account, name="Phone", now=BEGINNING)
    pair = base64.b64encode(f"{made.user_name}:{made.password}".encode()).decode()
    return App(made.user_name, f"Basic {pair}")


def _authorized(app: App) -> str:
    return f"Authorization: {app.authorization}\r\n"
