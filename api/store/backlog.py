"""How much work waits, for whoever watches. Each count is answered by an index."""

import datetime as dt
from sqlite3 import Connection

from api import times


def waiting(db: Connection) -> dict[str, int]:
    """Mails not sent, events not acted on, events given up."""
    received, failed = (
        db.execute("SELECT count(*) FROM events WHERE state = ?", (state,)).fetchone()[0]
        for state in ("received", "failed")
    )
    mails = db.execute("SELECT count(*) FROM outbox WHERE sent_at IS NULL").fetchone()[0]
    return {"mails": mails, "events": received, "failed_events": failed}


def late_mails(db: Connection, *, before: dt.datetime) -> str | None:
    """Why the oldest mail that has waited since `before` has not gone; None when none has waited so long."""
    row = db.execute(
        """
        SELECT last_error FROM outbox WHERE sent_at IS NULL AND created_at < ? AND next_try_at < '9999'
        ORDER BY created_at LIMIT 1
        """,
        (times.text(before),),
    ).fetchone()
    return (row[0] or "nobody has tried to send it") if row else None
