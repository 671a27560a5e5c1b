"""What apps have reported of episodes, row by row as it came: whatever comes twice stands here once. Decides nothing."""

from sqlite3 import Connection

from msgspec import Struct

NO_POSITION = -1


class Row(Struct):
    """Moments in milliseconds since 1970. `sent_at` is what the app said, `at` what counts; `more` is JSON of what else it said."""

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


def insert(db: Connection, row: Row) -> bool:
    """False for what was there already."""
    done = db.execute(
        """
        INSERT INTO actions (episode_id, kind, sent_at, client_id, position, at, started, total, won, stamp, more)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
        """,
        (
            row.episode_id, row.kind, row.sent_at, row.client_id, row.position, row.at, row.started, row.total, row.won,
            row.stamp, row.more,
        ),
    )  # fmt: skip
    return done.rowcount == 1
