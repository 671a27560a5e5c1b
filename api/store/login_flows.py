"""Podcast apps that wait for their owner's yes in a browser, by the hashes of what the app and the browser hold."""

import datetime as dt
from sqlite3 import Connection

from msgspec import Struct

from api import times
from api.store.rows import as_struct


class LoginFlow(Struct, frozen=True, kw_only=True):
    """`account_id` is who said yes; `used_at` when the app got its password."""

    poll_hash: str
    browser_hash: str
    app: str
    place: str
    account_id: str | None = None
    created_at: dt.datetime
    expires_at: dt.datetime
    used_at: dt.datetime | None = None


def insert(db: Connection, flow: LoginFlow) -> None:
    db.execute(
        "INSERT INTO login_flows (poll_hash, browser_hash, app, place, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)",
        (
            flow.poll_hash,
            flow.browser_hash,
            flow.app,
            flow.place,
            times.text(flow.created_at),
            times.text(flow.expires_at),
        ),
    )


def find_by_poll(db: Connection, poll_hash: str) -> LoginFlow | None:
    row = db.execute("SELECT * FROM login_flows WHERE poll_hash = ?", (poll_hash,)).fetchone()
    return as_struct(row, LoginFlow) if row else None


def find_by_browser(db: Connection, browser_hash: str) -> LoginFlow | None:
    row = db.execute("SELECT * FROM login_flows WHERE browser_hash = ?", (browser_hash,)).fetchone()
    return as_struct(row, LoginFlow) if row else None


def allow(db: Connection, poll_hash: str, *, account_id: str) -> None:
    db.execute("UPDATE login_flows SET account_id = ? WHERE poll_hash = ?", (account_id, poll_hash))


def use(db: Connection, poll_hash: str, *, now: dt.datetime) -> None:
    db.execute("UPDATE login_flows SET used_at = ? WHERE poll_hash = ?", (times.text(now), poll_hash))


def delete(db: Connection, poll_hash: str) -> None:
    db.execute("DELETE FROM login_flows WHERE poll_hash = ?", (poll_hash,))


def delete_all(db: Connection, account_id: str) -> None:
    db.execute("DELETE FROM login_flows WHERE account_id = ?", (account_id,))


def forget_older(db: Connection, *, than: dt.datetime) -> None:
    db.execute("DELETE FROM login_flows WHERE expires_at < ?", (times.text(than),))
