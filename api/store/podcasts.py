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
        "SELECT podcasts.* FROM json_each(?) CROSS JOIN podcasts ON account_id = ? AND podcasts.key = value",
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


def put_state(db: Connection, podcast: Podcast) -> None:
    db.execute(
        "UPDATE podcasts SET state = ?, changed_at = ?, client_id = ?, stamp = ? WHERE id = ?",
        (podcast.state, podcast.changed_at, podcast.client_id, podcast.stamp, podcast.id),
    )


def subscribed(db: Connection, account_id: str) -> list[Podcast]:
    """The oldest first."""
    rows = db.execute(
        "SELECT * FROM podcasts WHERE account_id = ? AND state = 'subscribed' ORDER BY changed_at, id", (account_id,)
    )
    return [Podcast(**dict(row)) for row in rows]


def count_subscribed(db: Connection, account_id: str) -> int:
    query = "SELECT count(*) FROM podcasts WHERE account_id = ? AND state = 'subscribed'"
    return int(db.execute(query, (account_id,)).fetchone()[0])


def changed_since(db: Connection, account_id: str, *, since: int) -> list[Podcast]:
    """Those subscribed to or given up at `since` or later, in the order of that."""
    rows = db.execute(
        "SELECT * FROM podcasts WHERE account_id = ? AND stamp >= ? AND state <> 'known' ORDER BY stamp, id",
        (account_id, since),
    )
    return [Podcast(**dict(row)) for row in rows]


def first_of_others(db: Connection, account_id: str, *, after: int, mine: int) -> int | None:
    """The smallest stamp greater than `after` of a change that somebody else made."""
    row = db.execute(
        """
        SELECT min(stamp) FROM podcasts
        WHERE account_id = ? AND stamp > ? AND state <> 'known' AND client_id IS NOT ?
        """,
        (account_id, after, mine),
    ).fetchone()
    return None if row[0] is None else int(row[0])


def every(db: Connection, account_id: str) -> list[Podcast]:
    rows = db.execute("SELECT * FROM podcasts WHERE account_id = ? ORDER BY id", (account_id,))
    return [Podcast(**dict(row)) for row in rows]


def delete_all(db: Connection, account_id: str) -> None:
    db.execute("DELETE FROM podcasts WHERE account_id = ?", (account_id,))
