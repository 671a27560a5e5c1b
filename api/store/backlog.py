"""How much work waits, for whoever watches. Each count is answered by an index."""

from sqlite3 import Connection


def waiting(db: Connection) -> dict[str, int]:
    """Mails not sent, events not acted on, events given up."""
    received, failed = (
        db.execute("SELECT count(*) FROM events WHERE state = ?", (state,)).fetchone()[0]
        for state in ("received", "failed")
    )
    mails = db.execute("SELECT count(*) FROM outbox WHERE sent_at IS NULL").fetchone()[0]
    return {"mails": mails, "events": received, "failed_events": failed}
