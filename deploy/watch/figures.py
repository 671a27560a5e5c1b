"""Keeps what was counted in a file of SQLite, with how far the log was read; decides nothing about it.

Single requests are nowhere in it. Who listened is a salted hash until its day is over, then a number.
"""

import secrets
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from msgspec.structs import astuple

from deploy.watch.access_log import Place
from deploy.watch.counting import Counts, Sums

FILE = Path("/var/lib/longwave-watch/own/figures.sqlite")
WAIT_SECONDS = 20
MINUTES_KEPT = timedelta(days=62)
DAY_OVER = timedelta(hours=1)  # the last lines of a day may be written in the next
SUMS = ", ".join(Sums.__struct_fields__)
ADD = ", ".join(f"{name} = {name} + excluded.{name}" for name in Sums.__struct_fields__)
COLUMNS = ", ".join(f"{name} INTEGER NOT NULL" for name in Sums.__struct_fields__)
MARKS = ", ".join("?" for _ in Sums.__struct_fields__)
TOTALS = ", ".join(f"COALESCE(SUM({name}), 0)" for name in Sums.__struct_fields__)
SCHEMA = f"""
CREATE TABLE IF NOT EXISTS places (inode INTEGER PRIMARY KEY, offset INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS minutes (minute INTEGER PRIMARY KEY, {COLUMNS});
CREATE TABLE IF NOT EXISTS kinds (day TEXT, kind TEXT, client TEXT, {COLUMNS}, PRIMARY KEY (day, kind, client));
CREATE TABLE IF NOT EXISTS pages (day TEXT, path TEXT, requests INTEGER NOT NULL, PRIMARY KEY (day, path));
CREATE TABLE IF NOT EXISTS salts (day TEXT PRIMARY KEY, salt BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS listened (day TEXT, path TEXT, listener BLOB, app TEXT, bytes INTEGER NOT NULL,
                                     PRIMARY KEY (day, path, listener, app));
CREATE TABLE IF NOT EXISTS downloads (day TEXT, path TEXT, app TEXT, downloads INTEGER NOT NULL,
                                      PRIMARY KEY (day, path, app));
CREATE TABLE IF NOT EXISTS unreadable (id INTEGER PRIMARY KEY CHECK (id = 1), lines INTEGER NOT NULL);
"""
# Put together out of names of our own, never out of what a log says.
ADD_MINUTE = f"INSERT INTO minutes (minute, {SUMS}) VALUES (?, {MARKS}) ON CONFLICT DO UPDATE SET {ADD}"  # noqa: S608
ADD_KIND = f"INSERT INTO kinds (day, kind, client, {SUMS}) VALUES (?, ?, ?, {MARKS}) ON CONFLICT DO UPDATE SET {ADD}"  # noqa: S608
BETWEEN = f"SELECT {TOTALS} FROM minutes WHERE minute >= ? AND minute < ?"  # noqa: S608
BY_KIND = f"SELECT kind, client, {TOTALS} FROM kinds WHERE day >= ? GROUP BY 1, 2"  # noqa: S608
DOWNLOADS = {
    "path": "SELECT path, SUM(downloads) FROM downloads WHERE day >= ? GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ?",
    "app": "SELECT app, SUM(downloads) FROM downloads WHERE day >= ? GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ?",
    "day": "SELECT day, SUM(downloads) FROM downloads WHERE day >= ? GROUP BY 1 ORDER BY 1 LIMIT ?",
}


class Figures:
    """One open file. What is added in one `add` is there wholly or not at all."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db = db

    def places(self) -> dict[int, int]:
        return dict(self.db.execute("SELECT inode, offset FROM places"))

    def forget_places(self, *, but: set[int]) -> None:
        """A log that is gone gives its inode to another file some day."""
        with self.db:
            gone = [(inode,) for inode in self.places() if inode not in but]
            self.db.executemany("DELETE FROM places WHERE inode = ?", gone)

    def salt(self, day: str) -> bytes:
        """The day's own, made when it is first asked for."""
        self.db.execute("INSERT OR IGNORE INTO salts VALUES (?, ?)", (day, secrets.token_bytes(32)))
        found: bytes = self.db.execute("SELECT salt FROM salts WHERE day = ?", (day,)).fetchone()[0]
        return found

    def add(self, counts: Counts, place: Place) -> None:
        """Counts and the place that was reached with them, in one transaction: no line is ever counted twice."""
        with self.db:
            self.db.executemany(ADD_MINUTE, [(minute, *astuple(sums)) for minute, sums in counts.minutes.items()])
            self.db.executemany(ADD_KIND, [(*kind, *astuple(sums)) for kind, sums in counts.kinds.items()])
            self.db.executemany(
                "INSERT INTO pages VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET requests = requests + excluded.requests",
                [(*page, requests) for page, requests in counts.pages.items()],
            )
            self.db.executemany(
                "INSERT INTO listened VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET bytes = bytes + excluded.bytes",
                [(*listened, size) for listened, size in counts.listened.items()],
            )
            self.db.execute(
                "INSERT INTO unreadable VALUES (1, ?) ON CONFLICT DO UPDATE SET lines = lines + excluded.lines",
                (counts.unreadable,),
            )
            self.db.execute("INSERT OR REPLACE INTO places VALUES (?, ?)", (place.inode, place.offset))

    def close_days(self, *, now: datetime, least_bytes: Callable[[str], int]) -> None:
        """Turns the listeners of each day that is over into downloads, and forgets them and the day's salt."""
        last = (now - DAY_OVER).date().isoformat()
        with self.db:
            rows = self.db.execute(
                "SELECT day, path, app, bytes FROM listened WHERE day < ? ORDER BY day, path", (last,)
            ).fetchall()
            self.db.executemany(
                "INSERT INTO downloads VALUES (?, ?, ?, 1) ON CONFLICT DO UPDATE SET downloads = downloads + 1",
                [(day, path, app) for day, path, app, size in rows if size >= least_bytes(path)],
            )
            self.db.execute("DELETE FROM listened WHERE day < ?", (last,))
            self.db.execute("DELETE FROM salts WHERE day < ?", (last,))
            self.db.execute("DELETE FROM minutes WHERE minute < ?", ((now - MINUTES_KEPT).timestamp(),))

    def between(self, begin: datetime, end: datetime) -> Sums:
        """All requests of whole minutes from `begin` up to `end`."""
        return Sums(*self.db.execute(BETWEEN, (begin.timestamp(), end.timestamp())).fetchone())

    def first_minute(self) -> datetime | None:
        """Since when is counted."""
        first = self.db.execute("SELECT MIN(minute) FROM minutes").fetchone()[0]
        return None if first is None else datetime.fromtimestamp(first, UTC)

    def busiest_minute(self, begin: datetime, end: datetime) -> tuple[int, int]:
        """The most bytes and the most requests that one minute had."""
        query = (
            "SELECT COALESCE(MAX(bytes), 0), COALESCE(MAX(requests), 0) FROM minutes WHERE minute >= ? AND minute < ?"
        )
        row: tuple[int, int] = self.db.execute(query, (begin.timestamp(), end.timestamp())).fetchone()
        return row

    def by_kind(self, since: date) -> dict[tuple[str, str], Sums]:
        """Kind of address and class of client."""
        rows = self.db.execute(BY_KIND, (str(since),))
        return {(kind, client): Sums(*row) for kind, client, *row in rows}

    def pages(self, since: date, *, limit: int) -> list[tuple[str, int]]:
        query = "SELECT path, SUM(requests) FROM pages WHERE day >= ? GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ?"
        return self.db.execute(query, (str(since), limit)).fetchall()

    def downloads(self, since: date, *, by: str, limit: int) -> list[tuple[str, int]]:
        """`by` is 'path', 'app' or 'day'."""
        return self.db.execute(DOWNLOADS[by], (str(since), limit)).fetchall()

    def unreadable(self) -> int:
        row = self.db.execute("SELECT lines FROM unreadable").fetchone()
        return int(row[0]) if row else 0


@contextmanager
def opened(path: Path | str = FILE, *, read_only: bool = False) -> Iterator[Figures]:
    """`read_only` leaves nothing behind, whoever asks. Raises sqlite3.Error when the file is not there or is none of ours."""
    name = f"{Path(path).absolute().as_uri()}?mode=ro" if read_only else path
    with closing(sqlite3.connect(name, timeout=WAIT_SECONDS, uri=read_only)) as db:
        if not read_only:
            db.executescript(SCHEMA)
        yield Figures(db)
