"""What an account's clients have reported, the newest first, for its owner to look at; and taking a client's part out again."""

from collections.abc import Iterable
from sqlite3 import Connection, Row
from typing import NamedTuple

import msgspec

from api.store import actions
from api.store.podcasts import Podcast

REPORT = ", ".join(f"actions.{name}" for name in actions.Row.__struct_fields__)
REPORTED = f"""
    SELECT {REPORT}, episodes.url, episodes.guid, episodes.number, podcasts.url, clients.credential, clients.name
    FROM sync_clients AS clients CROSS JOIN actions ON actions.client_id = clients.id
    JOIN episodes ON episodes.id = episode_id JOIN podcasts ON podcasts.id = podcast_id
    WHERE clients.account_id = :account_id
"""  # noqa: S608 (our own names)


class Client(NamedTuple):
    """A credential, and under it what an app calls its device."""

    id: int
    credential: str
    name: str


class Reported(NamedTuple):
    """A report with the episode it is about and who made it."""

    row: actions.Row
    episode: str
    guid: str
    number: int | None
    podcast: str
    credential: str
    device: str


def newest(db: Connection, account_id: str, *, most: int) -> list[Reported]:
    """Every change of an episode was reported, so nothing older than the last `most` of these is needed."""
    rows = db.execute(
        f"""
        {REPORTED} AND actions.stamp >= coalesce(
            (SELECT stamp FROM episodes WHERE account_id = :account_id ORDER BY stamp DESC LIMIT 1 OFFSET :most - 1), 0
        ) ORDER BY actions.stamp DESC, actions.at DESC, actions.position DESC LIMIT :most
        """,  # noqa: S608 (the same)
        {"account_id": account_id, "most": most},
    )
    return [_reported(row) for row in rows]


def newest_feeds(db: Connection, account_id: str, *, most: int) -> list[tuple[Podcast, str, str]]:
    """Feeds that were added or removed, each with credential and device of who did it."""
    rows = db.execute(
        """
        SELECT podcasts.*, coalesce(clients.credential, '') AS credential, coalesce(clients.name, '') AS device
        FROM podcasts LEFT JOIN sync_clients AS clients ON clients.id = podcasts.client_id
        WHERE podcasts.account_id = ? AND state <> 'known' ORDER BY stamp DESC, podcasts.id LIMIT ?
        """,
        (account_id, most),
    )
    return [(Podcast(**{name: row[name] for name in Podcast.__struct_fields__}), row[-2], row[-1]) for row in rows]


def of_episode(db: Connection, account_id: str, episode_id: int) -> list[Reported]:
    """Every report about an episode, none of another account's."""
    rows = db.execute(f"{REPORTED} AND episode_id = :id", {"account_id": account_id, "id": episode_id})
    return [_reported(row) for row in rows]


def feed(db: Connection, account_id: str, podcast_id: int) -> Podcast | None:
    row = db.execute("SELECT * FROM podcasts WHERE id = ? AND account_id = ?", (podcast_id, account_id)).fetchone()
    return Podcast(**dict(row)) if row else None


def clients_of(db: Connection, account_id: str) -> list[Client]:
    rows = db.execute("SELECT id, credential, name FROM sync_clients WHERE account_id = ? ORDER BY id", (account_id,))
    return [Client(*row) for row in rows]


def episodes_of(db: Connection, client_ids: Iterable[int]) -> list[int]:
    """Those that these clients reported anything of."""
    rows = db.execute(
        "SELECT DISTINCT episode_id FROM actions WHERE client_id IN (SELECT value FROM json_each(?)) ORDER BY episode_id",
        (_json(client_ids),),
    )
    return [row[0] for row in rows]


def feeds_changed_by(db: Connection, account_id: str, client_ids: Iterable[int]) -> list[Podcast]:
    """Those that these clients were the last to add or to give up."""
    rows = db.execute(
        """
        SELECT * FROM podcasts
        WHERE account_id = ? AND state <> 'known' AND client_id IN (SELECT value FROM json_each(?)) ORDER BY id
        """,
        (account_id, _json(client_ids)),
    )
    return [Podcast(**dict(row)) for row in rows]


def forget_clients(db: Connection, account_id: str, gone: Iterable[Client]) -> None:
    """Their names for things, their devices, themselves and with them their reports."""
    gone = list(gone)
    which = {"account_id": account_id, "ids": _json(client.id for client in gone)}
    for table, owner in (("episode_names", "episode"), ("podcast_names", "podcast")):
        db.execute(
            f"""
            DELETE FROM {table} WHERE {owner}_id IN (SELECT id FROM {owner}s WHERE account_id = :account_id)
                AND client_id IN (SELECT value FROM json_each(:ids))
            """,  # noqa: S608 (our own names)
            which,
        )
    for table in ("episodes", "podcasts"):
        db.execute(
            f"""
            UPDATE {table} SET client_id = NULL
            WHERE account_id = :account_id AND client_id IN (SELECT value FROM json_each(:ids))
            """,  # noqa: S608 (the same)
            which,
        )
    db.execute(
        "DELETE FROM sync_clients WHERE account_id = :account_id AND id IN (SELECT value FROM json_each(:ids))", which
    )
    kept = {client.name for client in clients_of(db, account_id)}
    db.executemany(
        "DELETE FROM podcast_devices WHERE account_id = ? AND name = ?",
        [(account_id, client.name) for client in gone if client.name not in kept],
    )


def _reported(row: Row) -> Reported:
    *report, episode, guid, number, podcast, credential, device = row
    return Reported(actions.Row(*report), episode, guid, number, podcast, credential or "", device or "")


def _json(ids: Iterable[int]) -> str:
    return msgspec.json.encode(list(ids)).decode()
