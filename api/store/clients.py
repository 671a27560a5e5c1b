"""Who writes what is listened to: a credential, and under it every name that an app gave itself; and how much each was told."""

from sqlite3 import Connection
from typing import Literal

Seen = Literal["episodes_seen", "podcasts_seen"]


def id_of(db: Connection, account_id: str, credential: str, *, name: str = "") -> int:
    """Made at its first use."""
    found = find(db, account_id, credential, name=name)
    if found is not None:
        return found
    made = db.execute(
        "INSERT INTO sync_clients (account_id, credential, name) VALUES (?, ?, ?) RETURNING id",
        (account_id, credential, name),
    ).fetchone()
    return int(made[0])


def find(db: Connection, account_id: str, credential: str, *, name: str = "") -> int | None:
    row = db.execute(
        "SELECT id FROM sync_clients WHERE account_id = ? AND credential = ? AND name = ?",
        (account_id, credential, name),
    ).fetchone()
    return int(row[0]) if row else None


def seen(db: Connection, id: int, what: Seen) -> int:
    row = db.execute(f"SELECT {what} FROM sync_clients WHERE id = ?", (id,)).fetchone()  # noqa: S608 (one of two words)
    return int(row[0]) if row else 0


def note_seen(db: Connection, id: int, what: Seen, *, stamp: int) -> None:
    db.execute(f"UPDATE sync_clients SET {what} = max({what}, ?) WHERE id = ?", (stamp, id))  # noqa: S608 (the same)


def is_behind(db: Connection, id: int) -> bool:
    """Whether it once brought something before it was told what others had written of episodes, and has not fetched since."""
    return bool(db.execute("SELECT episodes_behind FROM sync_clients WHERE id = ?", (id,)).fetchone()[0])


def put_behind(db: Connection, id: int, behind: bool) -> None:
    db.execute("UPDATE sync_clients SET episodes_behind = ? WHERE id = ?", (behind, id))


def asked(db: Connection, id: int, what: Seen) -> tuple[int, int]:
    """What it asked for when it was last told something, and the stamp it was told from."""
    asked, start = f"{what[:8]}_asked", f"{what[:8]}_start"
    row = db.execute(f"SELECT {asked}, {start} FROM sync_clients WHERE id = ?", (id,)).fetchone()  # noqa: S608 (the same)
    return int(row[0]), int(row[1])


def note_asked(db: Connection, id: int, what: Seen, *, since: int, start: int) -> None:
    asked, start_column = f"{what[:8]}_asked", f"{what[:8]}_start"
    db.execute(
        f"UPDATE sync_clients SET {asked} = ?, {start_column} = ? WHERE id = ?",  # noqa: S608 (the same)
        (since, start, id),
    )
