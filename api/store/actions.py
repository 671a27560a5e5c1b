"""What apps have reported of episodes, row by row as it came: whatever comes twice stands here once. Decides nothing."""

from collections.abc import Iterable
from sqlite3 import Connection
from typing import NamedTuple

import msgspec
from msgspec import Struct

NO_POSITION = -1
# How an episode is called and how far it is; `writers` is whoever a row is told in the name of.
TOLD = """
    episodes.id, episodes.podcast_id, podcasts.url, episodes.url, episodes.guid, episodes.number, coalesce(writers.name, ''),
    {report}, episodes.started, episodes.position, episodes.total, episodes.position_at, episodes.played, episodes.played_at
"""
REPORTS = f"""
    SELECT {TOLD.format(report="kind, at, actions.started, actions.position, actions.total, more")}
    FROM sync_clients AS writers CROSS JOIN actions ON actions.client_id = writers.id AND actions.stamp >= :since AND won
    JOIN episodes ON episodes.id = episode_id JOIN podcasts ON podcasts.id = podcast_id
    WHERE writers.account_id = :account_id
"""  # noqa: S608 (our own names)
STATES = f"""
    SELECT {TOLD.format(report="NULL, NULL, NULL, NULL, NULL, NULL")}
    FROM episodes JOIN podcasts ON podcasts.id = podcast_id LEFT JOIN sync_clients AS writers ON writers.id = episodes.client_id
    WHERE episodes.account_id = :account_id AND episodes.stamp >= :since
"""  # noqa: S608 (the same)
OF_ACCOUNT = "client_id IN (SELECT id FROM sync_clients WHERE account_id = :account_id)"


INSERT = """
    INSERT INTO actions (episode_id, kind, sent_at, client_id, position, at, started, total, won, stamp{more})
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?{places})
"""


Values = tuple[object, ...]
Key = tuple[int, int, int, str, int]
"""Client, moment as sent, episode, kind, position: two reports that agree in these are one."""


class Row(Struct):
    """Moments in milliseconds since 1970. `sent_at` is what the app said, `at` what counts; `more` is JSON of what else it said.

    `played` is set by who marks an episode without playing it.
    """

    episode_id: int
    kind: str
    sent_at: int
    client_id: int
    position: int
    at: int
    started: int | None
    total: int | None
    won: bool
    stamp: int
    more: str | None = None
    played: bool | None = None

    @property
    def key(self) -> Key:
        return (self.client_id, self.sent_at, self.episode_id, self.kind, self.position)


class Told(NamedTuple):
    """A row for a client: `kind` and the fields up to `more` are None where the episode itself is told."""

    episode_id: int
    podcast_id: int
    podcast: str
    episode: str
    guid: str
    number: int | None
    device: str
    kind: str | None
    at: int | None
    started: int | None
    position: int | None
    total: int | None
    more: str | None
    state_started: int | None
    state_position: int | None
    state_total: int | None
    position_at: int | None
    played: int
    played_at: int | None


def known(db: Connection, client_ids: Iterable[int], sent_at: Iterable[int]) -> set[Key]:
    """What these clients reported of these moments before."""
    rows = db.execute(
        """
        SELECT client_id, sent_at, episode_id, kind, position FROM actions
        WHERE client_id IN (SELECT value FROM json_each(?)) AND sent_at IN (SELECT value FROM json_each(?))
        """,
        (msgspec.json.encode(list(client_ids)).decode(), msgspec.json.encode(list(sent_at)).decode()),
    )
    return {tuple(row) for row in rows}


def insert(db: Connection, rows: Iterable[Row]) -> None:
    """None of them known. What hardly any row has is bound for those alone: the driver ponders long over True and None."""
    usual, others = list[Values](), list[Values]()
    for row in rows:
        if row.more is None and row.played is None:
            usual.append(_values(row))
        else:
            others.append((*_values(row), row.more, row.played))
    db.executemany(INSERT.format(more="", places=""), usual)
    db.executemany(INSERT.format(more=", more, played", places=", ?, ?"), others)


def _values(row: Row) -> Values:
    return (
        row.episode_id, row.kind, row.sent_at, row.client_id, row.position, row.at, row.started, row.total, int(row.won),
        row.stamp,
    )  # fmt: skip


def told_since(db: Connection, account_id: str, *, since: int, each: bool) -> list[Told]:
    """What has a stamp of `since` or more. With `each` every report that counted, else one row an episode."""
    values = {"account_id": account_id, "since": since}
    reports = [Told(*row) for row in db.execute(REPORTS, values)] if each else []
    reported = {told.episode_id for told in reports}
    return [*reports, *(Told(*row) for row in db.execute(STATES, values) if row[0] not in reported)]


def newest_of(db: Connection, account_id: str, episode_ids: Iterable[int]) -> dict[int, tuple[str, int]]:
    """Kind and moment of the newest report of each."""
    rows = db.execute(
        f"""
        SELECT episode_id, kind, max(at) FROM actions
        WHERE {OF_ACCOUNT} AND episode_id IN (SELECT value FROM json_each(:ids)) GROUP BY episode_id
        """,  # noqa: S608 (our own names)
        {"account_id": account_id, "ids": msgspec.json.encode(list(episode_ids)).decode()},
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def move(db: Connection, account_id: str, old: int, *, into: int) -> None:
    """What was reported of one episode was reported of another; of two that are the same then, the other's stays."""
    values = {"account_id": account_id, "old": old, "into": into}
    which = f"{OF_ACCOUNT} AND episode_id = :old"
    db.execute(f"UPDATE OR IGNORE actions SET episode_id = :into WHERE {which}", values)  # noqa: S608 (our own names)
    db.execute(f"DELETE FROM actions WHERE {which}", values)  # noqa: S608 (the same)


def restamp(db: Connection, account_id: str, episode_id: int, *, stamp: int) -> None:
    """So that apps are told of what came to the episode from elsewhere; what stands is said by the episode itself."""
    db.execute(
        f"UPDATE actions SET stamp = :stamp, won = 0 WHERE {OF_ACCOUNT} AND episode_id = :episode_id",  # noqa: S608 (the same)
        {"account_id": account_id, "episode_id": episode_id, "stamp": stamp},
    )


def forget_older(db: Connection, account_id: str, *, before: int) -> int:
    """Of an account, reports with a smaller stamp, but for the newest of each kind of an episode; how many."""
    done = db.execute(
        f"""
        DELETE FROM actions WHERE (client_id, sent_at, episode_id, kind, position) IN (
            SELECT client_id, sent_at, episode_id, kind, position FROM (
                SELECT *, row_number() OVER (
                    PARTITION BY episode_id, kind ORDER BY at DESC, stamp DESC, client_id DESC, sent_at DESC, position DESC
                ) AS place FROM actions WHERE {OF_ACCOUNT}
            ) WHERE place > 1 AND stamp < :before
        )
        """,  # noqa: S608 (the same)
        {"account_id": account_id, "before": before},
    )
    return done.rowcount
