"""User names and passwords of podcast apps, which keep podcasts in step and open nothing else. Knows no HTTP.

Both are ours and random, one pair an app: what an app loses opens no account, and ending the app ends them at once.
"""

import datetime as dt
from sqlite3 import Connection

from msgspec import Struct
from msgspec.structs import replace

from api import ids
from api.errors import AppError, Code
from api.model import Account, Device
from api.store import app_passwords, audit, devices
from api.store.app_passwords import AppPassword
from api.store.devices import Token
from api.usecases import devices as apps
from api.usecases import notices, secret_words
from api.usecases.devices import Connected

SCOPES = ("sync",)
LIVING_MAX = 50  # an account's
NAME_PREFIX, NAME_LETTERS = "sync-", 8
SECRET_NAME_PREFIX = "lwsync_"  # noqa: S105 (by it scanners of leaked secrets know one)
SECRET_LETTERS = 26  # times 5 bits
GROUP_LETTERS = 4
SESSION_LIFE = dt.timedelta(days=1)  # apps log in whenever they begin to sync
NO_PASSWORD = secret_words.token_hash("")


class Made(Struct, frozen=True, kw_only=True):
    """What its owner types into the app, told once. Without a password the user name is the secret."""

    device: Device
    user_name: str
    password: str | None


class Known(Struct, frozen=True, kw_only=True):
    """`user_name` is None where it is the secret."""

    device: Device
    user_name: str | None


class Entered(Connected, frozen=True):
    """An app that showed what it was given; `name_hash` tells its user name from all others. A cookie's time ends."""

    name_hash: str
    expires_at: dt.datetime | None = None


def make(db: Connection, account: Account, *, name: str, with_password: bool = True, now: dt.datetime) -> Made:
    """A device with a user name of its own. Raises CONFLICT when there are too many."""
    check_room(db, account)
    device = Device(id=ids.new("dev"), account_id=account.id, name=name, scopes=SCOPES, created_at=now)
    made = Made(
        device=device,
        user_name=_new_name() if with_password else SECRET_NAME_PREFIX + ids.letters(SECRET_LETTERS),
        password=_grouped(ids.letters(SECRET_LETTERS)) if with_password else None,
    )
    devices.insert(db, device)
    app_passwords.insert(db, _kept(made))
    audit.add(db, "app_password.made", device.id, actor=account.id, now=now, with_password=with_password)
    notices.new_device(db, account, device=f"The podcast app {name}", now=now)
    return made


def check_room(db: Connection, account: Account) -> None:
    """Raises CONFLICT when the account has as many as it can."""
    if len(app_passwords.of(db, account.id)) >= LIVING_MAX:
        raise AppError(Code.CONFLICT, f"You have {LIVING_MAX} podcast apps. End one that you no longer use.")


def of(db: Connection, account: Account) -> list[Known]:
    """Those not ended, the newest first."""
    rows = app_passwords.of(db, account.id)
    return [
        Known(device=device, user_name=rows[device.id].user_name)
        for device in devices.of(db, account.id)
        if device.id in rows
    ]


def with_password(db: Connection, user_name: str, password: str) -> Entered | None:
    """None for a pair that is wrong or over. Of a name that is the secret any password is right."""
    row = app_passwords.find(db, name_hash(user_name))
    known = row.password_hash if row else NO_PASSWORD
    is_right = known is None or secret_words.same(secret_words.token_hash(secret_words.typed(password)), known)
    return _entered(db, row) if row and is_right else None


def with_secret_name(db: Connection, user_name: str) -> Entered | None:
    row = app_passwords.find(db, name_hash(user_name))
    return _entered(db, row) if row and row.password_hash is None else None


def with_session(db: Connection, token: str, *, now: dt.datetime) -> Entered | None:
    """None for a token that is unknown or over."""
    row = devices.find_token(db, secret_words.token_hash(token))
    if row is None or row.kind != "session" or row.revoked_at is not None or row.expires_at <= now:
        return None
    found = _entered(db, app_passwords.of_device(db, row.device_id))
    return replace(found, expires_at=row.expires_at) if found else None


def with_token(db: Connection, token: str, *, now: dt.datetime) -> Entered | None:
    """Our own apps have no user name; their account's id stands for it."""
    found = apps.current(db, token, now=now)
    if found is None or not set(SCOPES) <= set(found.device.scopes):
        return None
    return Entered(found.account, found.device, name_hash(found.account.id))


def open_session(db: Connection, device: Device, *, now: dt.datetime) -> str:
    """The token for the app's cookie."""
    token = secret_words.new_token()
    row = Token(
        hash=secret_words.token_hash(token),
        device_id=device.id,
        kind="session",
        family=ids.new("fam"),
        created_at=now,
        expires_at=now + SESSION_LIFE,
    )
    devices.insert_tokens(db, (row,))
    return token


def close_session(db: Connection, token: str) -> None:
    devices.delete_token(db, secret_words.token_hash(token))


def is_secret_name(user_name: str) -> bool:
    return _plain(user_name).startswith(SECRET_NAME_PREFIX)


def name_hash(user_name: str) -> str:
    """The same for what a phone's keyboard makes of a name: an upper first letter, a space behind."""
    return secret_words.token_hash(_plain(user_name))


def _plain(user_name: str) -> str:
    return user_name.strip().lower()


def _new_name() -> str:
    return NAME_PREFIX + ids.letters(NAME_LETTERS)


def _grouped(letters: str) -> str:
    """
    >>> _grouped("abcdefghjk")
    'abcd-efgh-jk'
    """
    return "-".join(letters[at : at + GROUP_LETTERS] for at in range(0, len(letters), GROUP_LETTERS))


def _kept(made: Made) -> AppPassword:
    if made.password is None:
        return AppPassword(name_hash=name_hash(made.user_name), device_id=made.device.id)
    return AppPassword(
        name_hash=name_hash(made.user_name),
        device_id=made.device.id,
        user_name=made.user_name,
        password_hash=secret_words.token_hash(secret_words.typed(made.password)),
    )


def _entered(db: Connection, row: AppPassword | None) -> Entered | None:
    found = apps.living(db, row.device_id) if row else None
    return Entered(found.account, found.device, row.name_hash) if row and found else None
