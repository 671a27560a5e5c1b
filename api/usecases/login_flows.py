"""A podcast app gets its password through its owner's browser: it asks, the owner says yes on our page, it fetches it once.

The password is made when it is fetched, so that nowhere does one lie in wait. Nextcloud's "Login flow v2". Knows no HTTP.
"""

import datetime as dt
from sqlite3 import Connection

from msgspec import Struct

from api.errors import AppError, Code
from api.model import Account
from api.store import accounts, audit, login_flows
from api.store.login_flows import LoginFlow
from api.usecases import app_passwords, secret_words
from api.usecases.app_passwords import Made

LIFE = dt.timedelta(minutes=20)
NOBODY_WAITS = "No podcast app is waiting in this browser. Start again in the app."


class Begun(Struct, frozen=True, kw_only=True):
    """Two secrets: the app keeps the first and opens a browser with the second. Neither does the other's work."""

    poll_token: str
    browser_token: str


def begin(db: Connection, *, app: str, place: str, now: dt.datetime) -> Begun:
    """`app` is what it calls itself, `place` the neighbourhood it asks from: its owner is shown both."""
    begun = Begun(poll_token=secret_words.new_token(), browser_token=secret_words.new_token())
    flow = LoginFlow(
        poll_hash=secret_words.token_hash(begun.poll_token),
        browser_hash=secret_words.token_hash(begun.browser_token),
        app=app,
        place=place,
        created_at=now,
        expires_at=now + LIFE,
    )
    login_flows.insert(db, flow)
    return begun


def waiting(db: Connection, browser_token: str, *, now: dt.datetime) -> LoginFlow:
    """The app that waits for a yes. Raises NOT_FOUND."""
    flow = login_flows.find_by_browser(db, secret_words.token_hash(browser_token))
    if flow is None or flow.expires_at <= now or flow.account_id is not None:
        raise AppError(Code.NOT_FOUND, NOBODY_WAITS)
    return flow


def decide(db: Connection, account: Account, browser_token: str, *, allow: bool, now: dt.datetime) -> LoginFlow:
    """Yes or no, once. Raises NOT_FOUND, and CONFLICT when the account has too many apps."""
    flow = waiting(db, browser_token, now=now)
    if not allow:
        login_flows.delete(db, flow.poll_hash)
        return flow
    app_passwords.check_room(db, account)
    login_flows.allow(db, flow.poll_hash, account_id=account.id)
    audit.add(db, "app.allowed", account.id, actor=account.id, now=now, scopes=app_passwords.SCOPES)
    return flow


def is_ready(db: Connection, poll_token: str, *, now: dt.datetime) -> bool:
    """Whether somebody said yes and it was not fetched yet: to be asked again and again without a write."""
    return _ready(db, poll_token, now=now) is not None


def fetch(db: Connection, poll_token: str, *, now: dt.datetime) -> Made | None:
    """The app's own user name and password, told once; None before the yes, and afterwards."""
    flow = _ready(db, poll_token, now=now)
    account = accounts.find(db, flow.account_id) if flow and flow.account_id else None
    if flow is None or account is None or account.deleted_at is not None or account.merged_into is not None:
        return None
    login_flows.use(db, flow.poll_hash, now=now)
    return app_passwords.make(db, account, name=flow.app, now=now)


def _ready(db: Connection, poll_token: str, *, now: dt.datetime) -> LoginFlow | None:
    flow = login_flows.find_by_poll(db, secret_words.token_hash(poll_token))
    is_open = flow is not None and flow.account_id is not None and flow.used_at is None and flow.expires_at > now
    return flow if is_open else None
