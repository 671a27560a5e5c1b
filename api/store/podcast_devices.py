"""What podcast apps say of the device they run on, and which devices want to be one. Knows no password."""

from sqlite3 import Connection

from msgspec import Struct


class PodcastDevice(Struct, frozen=True, kw_only=True):
    """`name` is the app's own id for it; devices of one `group_name` keep the same podcasts."""

    account_id: str
    name: str
    caption: str = ""
    type: str = "other"
    group_name: str | None = None


def of(db: Connection, account_id: str) -> list[PodcastDevice]:
    rows = db.execute("SELECT * FROM podcast_devices WHERE account_id = ? ORDER BY name", (account_id,))
    return [PodcastDevice(**dict(row)) for row in rows]


def find(db: Connection, account_id: str, name: str) -> PodcastDevice | None:
    row = db.execute("SELECT * FROM podcast_devices WHERE account_id = ? AND name = ?", (account_id, name)).fetchone()
    return PodcastDevice(**dict(row)) if row else None


def put(db: Connection, device: PodcastDevice) -> None:
    db.execute(
        """
        INSERT INTO podcast_devices (account_id, name, caption, type, group_name) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (account_id, name)
        DO UPDATE SET caption = excluded.caption, type = excluded.type, group_name = excluded.group_name
        """,
        (device.account_id, device.name, device.caption, device.type, device.group_name),
    )


def add(db: Connection, account_id: str, name: str) -> None:
    """Unless it is there."""
    db.execute(
        "INSERT INTO podcast_devices (account_id, name) VALUES (?, ?) ON CONFLICT DO NOTHING", (account_id, name)
    )
