"""What apps have reported of episodes, row by row as it came: whatever comes twice stands here once. Decides nothing."""

from collections.abc import Iterable
from sqlite3 import Connection
from typing import NamedTuple

import msgspec
from msgspec import Struct

NO_POSITION = -1
# An episode that changed, with what was reported since; without such a report (NULL) the row of the episode itself says how it is.
SINCE = """
    SELECT episodes.id, episodes.podcast_id, podcasts.url, episodes.url, episodes.guid, episodes.number,
        coalesce(writers.name, winners.name, ''), actions.kind, actions.at, actions.started, actions.position, actions.total,
        actions.more, episodes.started, episodes.position, episodes.total, episodes.position_at, episodes.played,
        episodes.played_at
    FROM episodes JOIN podcasts ON podcasts.id = episodes.podcast_id
    LEFT JOIN actions ON actions.episode_id = episodes.id AND actions.stamp >= :since AND actions.won AND :each
    LEFT JOIN sync_clients AS writers ON writers.id = actions.client_id
    LEFT JOIN sync_clients AS winners ON winners.id = episodes.client_id
    WHERE episodes.account_id = :account_id AND episodes.stamp >= :since
"""


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


def insert(db: Connection, row: Row) -> bool:
    """False for what was there already."""
    done = db.execute(
        """
        INSERT INTO actions (episode_id, kind, sent_at, client_id, position, at, started, total, won, stamp, more, played)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
        """,
        (
            row.episode_id, row.kind, row.sent_at, row.client_id, row.position, row.at, row.started, row.total, row.won,
            row.stamp, row.more, row.played,
        ),
    )  # fmt: skip
    return done.rowcount == 1


def told_since(db: Connection, account_id: str, *, since: int, each: bool) -> list[Told]:
    """What has a stamp of `since` or more. With `each` every report that counted, else one row an episode."""
    rows = db.execute(SINCE, {"account_id": account_id, "since": since, "each": each})
    return [Told(*row) for row in rows]


def newest_of(db: Connection, episode_ids: Iterable[int]) -> dict[int, tuple[str, int]]:
    """Kind and moment of the newest report of each."""
    rows = db.execute(
        """
        SELECT episode_id, kind, max(actions.at) FROM json_each(?) CROSS JOIN actions ON episode_id = value GROUP BY episode_id
        """,
        (msgspec.json.encode(list(episode_ids)).decode(),),
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def greatest_episode(db: Connection) -> int:
    return int(db.execute("SELECT coalesce(max(episode_id), 0) FROM actions").fetchone()[0])


def forget_older(db: Connection, *, before: int, first: int, last: int) -> int:
    """Of the episodes `first` to `last`, reports with a smaller stamp, but for the newest of each kind; how many."""
    done = db.execute(
        """
        DELETE FROM actions WHERE episode_id BETWEEN ? AND ? AND stamp < ? AND EXISTS (
            SELECT 1 FROM actions AS later WHERE later.episode_id = actions.episode_id AND later.kind = actions.kind
                AND (later.at, later.stamp, later.client_id, later.sent_at, later.position)
                    > (actions.at, actions.stamp, actions.client_id, actions.sent_at, actions.position)
        )
        """,
        (first, last, before),
    )
    return done.rowcount
