"""Who was given a link to which lecture, and until when it opens. Keeps no link."""

from sqlite3 import Connection

from msgspec import Struct


class GivenLink(Struct, frozen=True, kw_only=True):
    """`holder` is the app or the browser's session that asked; moments are milliseconds since 1970."""

    holder: str
    lecture_id: str
    given: int
    ends: int


def put(db: Connection, account_id: str, link: GivenLink) -> None:
    """The newest of a holder and a lecture stands for those before it: it ends last."""
    db.execute(
        """
        INSERT INTO given_links (account_id, holder, lecture_id, given, ends) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (account_id, holder, lecture_id) DO UPDATE SET given = excluded.given, ends = max(ends, excluded.ends)
        """,
        (account_id, link.holder, link.lecture_id, link.given, link.ends),
    )


def good(db: Connection, account_id: str, *, at: int) -> list[GivenLink]:
    """Those that still open, the newest first."""
    rows = db.execute(
        """
        SELECT holder, lecture_id, given, ends FROM given_links WHERE account_id = ? AND ends > ?
        ORDER BY given DESC, holder, lecture_id
        """,
        (account_id, at),
    )
    return [GivenLink(**dict(row)) for row in rows]


def forget(db: Connection, *, before: int) -> None:
    db.execute("DELETE FROM given_links WHERE ends < ?", (before,))
