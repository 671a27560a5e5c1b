"""The feeds that an account knows, by all addresses that apps use for them; which it is subscribed to, and since which stamp."""

from collections.abc import Iterable
from sqlite3 import Connection
from typing import Literal

import msgspec
from msgspec import Struct

State = Literal["known", "subscribed", "removed"]


class Podcast(Struct, kw_only=True):
    """A row; `changed_at` in milliseconds since 1970."""

    id: int
    account_id: str
    key: str
    url: str
    state: State = "known"
    changed_at: int | None = None
    client_id: int | None = None
    stamp: int = 0


def by_keys(db: Connection, account_id: str, keys: Iterable[str]) -> dict[str, Podcast]:
    rows = db.execute(
        "SELECT podcasts.* FROM json_each(?) JOIN podcasts ON account_id = ? AND podcasts.key = value",
        (msgspec.json.encode(list(keys)).decode(), account_id),
    )
    return {row["key"]: Podcast(**row) for row in map(dict, rows)}


def insert(db: Connection, account_id: str, key: str, *, url: str) -> Podcast:
    row = db.execute(
        "INSERT INTO podcasts (account_id, key, url) VALUES (?, ?, ?) RETURNING *", (account_id, key, url)
    ).fetchone()
    return Podcast(**dict(row))


def names_of(db: Connection, client_id: int) -> dict[int, str]:
    """What this client calls them, where that is not what they are called by default."""
    rows = db.execute("SELECT podcast_id, url FROM podcast_names WHERE client_id = ?", (client_id,))
    return {row[0]: row[1] for row in rows}


def put_names(db: Connection, client_id: int, names: Iterable[tuple[int, str]]) -> None:
    db.executemany(
        """
        INSERT INTO podcast_names (podcast_id, client_id, url) VALUES (?, ?, ?)
        ON CONFLICT (podcast_id, client_id) DO UPDATE SET url = excluded.url
        """,
        [(id, client_id, url) for id, url in names],
    )
