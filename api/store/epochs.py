"""Since when the history of what is listened to and watched is one: a restored backup has lost its end, and begins a new epoch."""

from sqlite3 import Connection


def current(db: Connection) -> str:
    """Empty until the first restore."""
    row = db.execute("SELECT id FROM epochs ORDER BY begun_at DESC, id DESC LIMIT 1").fetchone()
    return str(row[0]) if row else ""


def begin(db: Connection, id: str, *, at: int) -> None:
    """`at` in milliseconds since 1970."""
    db.execute("INSERT INTO epochs (id, begun_at) VALUES (?, ?)", (id, at))
