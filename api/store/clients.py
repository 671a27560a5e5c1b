"""Who writes what is listened to: a credential, and under it every name that an app gave itself; and how much each was told."""

from collections.abc import Iterable
from sqlite3 import Connection
from typing import Literal

from msgspec import Struct

Seen = Literal["episodes_seen", "podcasts_seen"]


class Client(Struct, frozen=True):
    """A row. `…_asked`: what it asked for when it was last told something; `…_start`: the stamp it was told from.

    `episodes_behind`: it once brought something before it was told what others had written, and has not fetched since.
    """

    id: int
    name: str
    episodes_seen: int
    podcasts_seen: int
    episodes_asked: int
    podcasts_asked: int
    episodes_start: int
    podcasts_start: int
    episodes_behind: int


COLUMNS = ", ".join(Client.__struct_fields__)


def take(db: Connection, account_id: str, credential: str, *, name: str = "") -> Client:
    """Made at its first use."""
    found = find(db, account_id, credential, name=name)
    if found is not None:
        return found
    made = db.execute(
        f"INSERT INTO sync_clients (account_id, credential, name) VALUES (?, ?, ?) RETURNING {COLUMNS}",  # noqa: S608 (names of our struct)
        (account_id, credential, name),
    ).fetchone()
    return Client(*made)


def id_of(db: Connection, account_id: str, credential: str, *, name: str = "") -> int:
    """Made at its first use."""
    return take(db, account_id, credential, name=name).id


def find(db: Connection, account_id: str, credential: str, *, name: str = "") -> Client | None:
    row = db.execute(
        f"SELECT {COLUMNS} FROM sync_clients WHERE account_id = ? AND credential = ? AND name = ?",  # noqa: S608 (the same)
        (account_id, credential, name),
    ).fetchone()
    return Client(*row) if row else None


def of(db: Connection, account_id: str, credential: str) -> dict[str, Client]:
    """All that write with this credential, by name."""
    rows = db.execute(
        f"SELECT {COLUMNS} FROM sync_clients WHERE account_id = ? AND credential = ?",  # noqa: S608 (the same)
        (account_id, credential),
    )
    return {row["name"]: Client(*row) for row in rows}


def ids_of(db: Connection, account_id: str, credential: str, *, names: Iterable[str]) -> dict[str, int]:
    """Of the credential alone, under '', and of each name; made at their first use."""
    known = of(db, account_id, credential)
    return {
        name: known[name].id if name in known else id_of(db, account_id, credential, name=name) for name in {"", *names}
    }


def note_seen(db: Connection, id: int, what: Seen, *, stamp: int) -> None:
    db.execute(f"UPDATE sync_clients SET {what} = max({what}, ?) WHERE id = ?", (stamp, id))  # noqa: S608 (one of two words)


def put_behind(db: Connection, id: int, behind: bool) -> None:
    db.execute("UPDATE sync_clients SET episodes_behind = ? WHERE id = ?", (behind, id))


def note_asked(db: Connection, id: int, what: Seen, *, since: int, start: int) -> None:
    asked, start_column = f"{what[:8]}_asked", f"{what[:8]}_start"
    db.execute(
        f"UPDATE sync_clients SET {asked} = ?, {start_column} = ? WHERE id = ?",  # noqa: S608 (the same)
        (since, start, id),
    )
