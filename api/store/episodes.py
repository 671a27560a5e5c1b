"""How far each episode is, under all the addresses that apps know it by. Knows no rule of which report wins."""

from collections.abc import Iterable, Sequence
from sqlite3 import Connection

import msgspec
from msgspec import Struct


class Episode(Struct):
    """A row; moments are milliseconds since 1970. `client_id` had the last word."""

    id: int
    account_id: str
    podcast_id: int
    url: str
    number: int | None = None
    guid: str = ""
    started: int | None = None
    position: int | None = None
    total: int | None = None
    position_at: int | None = None
    played: int = 0
    played_at: int | None = None
    client_id: int | None = None
    stamp: int = 0


class Known(Struct):
    """An episode with its feed's address and whoever had the last word."""

    row: Episode
    podcast: str
    credential: str
    device: str


COLUMNS = ", ".join(f"episodes.{name}" for name in Episode.__struct_fields__)


def by_keys(db: Connection, account_id: str, keys: Iterable[str]) -> dict[str, int]:
    """Key -> id of the episode, for those that are known."""
    rows = db.execute(
        """
        SELECT episode_keys.key, episode_id
        FROM json_each(?) CROSS JOIN episode_keys ON account_id = ? AND episode_keys.key = value
        """,
        (_json(list(keys)), account_id),
    )
    return {row[0]: row[1] for row in rows}


def by_ids(db: Connection, ids: Iterable[int]) -> dict[int, Episode]:
    rows = db.execute(
        f"SELECT {COLUMNS} FROM json_each(?) CROSS JOIN episodes ON episodes.id = value",  # noqa: S608 (our own names)
        (_json(list(ids)),),
    )
    return {row[0]: Episode(*row) for row in rows}


def insert(db: Connection, episode: Episode) -> int:
    """With the fields that say which it is; `id` is given here."""
    row = db.execute(
        "INSERT INTO episodes (account_id, podcast_id, number, guid, url, stamp) VALUES (?, ?, ?, ?, ?, ?) RETURNING id",
        (episode.account_id, episode.podcast_id, episode.number, episode.guid, episode.url, episode.stamp),
    ).fetchone()
    return int(row[0])


def put_identity(db: Connection, episode: Episode) -> None:
    """By what it is known beside its addresses."""
    db.execute("UPDATE episodes SET number = ?, guid = ? WHERE id = ?", (episode.number, episode.guid, episode.id))


def put_states(db: Connection, changed: Iterable[Episode]) -> None:
    """How far they are, who says so and since which stamp."""
    db.executemany(
        """
        UPDATE episodes SET started = ?, position = ?, total = ?, position_at = ?, played = ?, played_at = ?, client_id = ?,
            stamp = ?
        WHERE id = ?
        """,
        [
            (e.started, e.position, e.total, e.position_at, e.played, e.played_at, e.client_id, e.stamp, e.id)
            for e in changed
        ],
    )


def add_keys(db: Connection, account_id: str, keys: Iterable[tuple[str, int]]) -> None:
    """Key and id of the episode; what a key meant first it means for ever."""
    db.executemany(
        "INSERT INTO episode_keys (account_id, key, episode_id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        [(account_id, key, id) for key, id in keys],
    )


def unite(db: Connection, old: int, *, into: int, account_id: str) -> None:
    """Everything that leads to `old` leads to `into`, an episode of this account; what was reported of it goes along by itself."""
    db.execute(
        "UPDATE OR IGNORE episode_keys SET episode_id = ?, account_id = ? WHERE episode_id = ?", (into, account_id, old)
    )
    db.execute("UPDATE OR IGNORE episode_names SET episode_id = ? WHERE episode_id = ?", (into, old))
    db.execute("DELETE FROM episodes WHERE id = ?", (old,))


def names_of(db: Connection, client_id: int, ids: Iterable[int]) -> dict[int, str]:
    """What this client calls them, where that is not what they are called by default."""
    rows = db.execute(
        "SELECT episode_id, url FROM json_each(?) CROSS JOIN episode_names ON episode_id = value AND client_id = ?",
        (_json(list(ids)), client_id),
    )
    return {row[0]: row[1] for row in rows}


def put_names(db: Connection, client_id: int, names: Iterable[tuple[int, str]]) -> None:
    db.executemany(
        """
        INSERT INTO episode_names (episode_id, client_id, url) VALUES (?, ?, ?)
        ON CONFLICT (episode_id, client_id) DO UPDATE SET url = excluded.url
        """,
        [(id, client_id, url) for id, url in names],
    )


def changed_since(db: Connection, account_id: str, *, after: int) -> list[Known]:
    """Those with a greater stamp, in the order they were changed."""
    return _known(db, "account_id = ? AND stamp > ? ORDER BY stamp, id", (account_id, after))


def find_known(db: Connection, account_id: str, id: int) -> Known | None:
    return next(iter(_known(db, "account_id = ? AND id = ?", (account_id, id))), None)


def _known(db: Connection, which: str, values: tuple[object, ...]) -> list[Known]:
    rows = db.execute(
        f"""
        SELECT {COLUMNS}, podcasts.url, sync_clients.credential, sync_clients.name
        FROM (SELECT * FROM episodes WHERE {which}) AS episodes
        JOIN podcasts ON podcasts.id = podcast_id
        LEFT JOIN sync_clients ON sync_clients.id = episodes.client_id
        ORDER BY episodes.stamp, episodes.id
        """,  # noqa: S608 (our own names)
        values,
    )
    return [Known(Episode(*row[:-3]), podcast=row[-3], credential=row[-2] or "", device=row[-1] or "") for row in rows]


def _json(values: Sequence[object]) -> str:
    return msgspec.json.encode(values).decode()


def others_had_last_word(db: Connection, account_id: str, *, after: int, mine: Iterable[int]) -> bool:
    """Whether any episode that changed after that stamp is as somebody else left it."""
    row = db.execute(
        """
        SELECT 1 FROM episodes WHERE account_id = ? AND stamp > ?
            AND (client_id IS NULL OR client_id NOT IN (SELECT value FROM json_each(?))) LIMIT 1
        """,
        (account_id, after, _json(list(mine))),
    ).fetchone()
    return row is not None
