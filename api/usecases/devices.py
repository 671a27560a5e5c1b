"""Our own apps and their tokens: a code with PKCE becomes a pair of tokens, a pair becomes the next, reuse ends the family.

Tokens are opaque and kept as hashes: ending a device is at once. RFC 6749, RFC 7636, RFC 8252, RFC 9700.
"""

import base64
import datetime as dt
import hashlib
import hmac
import secrets
from sqlite3 import Connection

import structlog
from msgspec import Struct

from api import ids
from api.errors import AppError, Code
from api.model import Account, Device
from api.store import accounts, audit, devices
from api.store.database import Database
from api.store.devices import AuthorizationCode, Token
from api.usecases import notices, secret_words
from api.usecases.app_requests import AppRequest
from api.usecases.permissions import Action, own

CODE_LIFE = dt.timedelta(minutes=1)
ACCESS_LIFE = dt.timedelta(hours=1)
REFRESH_LIFE, ABSOLUTE = dt.timedelta(days=60), dt.timedelta(days=365)
SEEN_STEP = dt.timedelta(hours=1)  # `seen_at` is written no more often than that
GRACE = dt.timedelta(seconds=60)  # for an app that never got the answer and asks again
ACCESS_PREFIX, REFRESH_PREFIX, CODE_PREFIX = "lwaccess_", "lwrefresh_", "lwcode_"
REFUSED = "This is not good any more. Sign in again in the app."
log = structlog.get_logger()


class Connected(Struct, frozen=True):
    account: Account
    device: Device


class Pair(Struct, frozen=True, kw_only=True):
    """What an app gets. It is told once, and within the grace once more."""

    access_token: str
    refresh_token: str
    access_expires_at: dt.datetime
    device: Device


class Reused(Struct, frozen=True):
    """A refresh token came back that was spent long ago: somebody has a copy."""

    account_id: str
    device_id: str


def grant_code(db: Connection, account: Account, asked: AppRequest, *, now: dt.datetime) -> str:
    """A code for the app that asked, after its owner has said yes."""
    code = secret_words.new_token(CODE_PREFIX)
    row = AuthorizationCode(
        hash=secret_words.token_hash(code),
        account_id=account.id,
        client=asked.client_id,
        redirect_uri=asked.redirect_uri,
        challenge=asked.code_challenge,
        scopes=asked.scopes,
        expires_at=now + CODE_LIFE,
    )
    devices.insert_code(db, row)
    audit.add(db, "app.allowed", account.id, actor=account.id, now=now, scopes=asked.scopes)
    return code


def exchange(
    db: Connection, code: str, *, verifier: str, client: str, redirect_uri: str, name: str, now: dt.datetime
) -> Pair | None:
    """None for a code that is wrong in any way; one that comes twice also ends what it was exchanged for (RFC 6749, 4.1.2)."""
    row = devices.find_code(db, secret_words.token_hash(code))
    if row is None or row.client != client or row.redirect_uri != redirect_uri:
        return None
    if row.used_at is not None:
        if row.device_id:
            devices.revoke(db, row.device_id, now=now)
            audit.add(db, "device.revoked", row.device_id, actor="service", now=now, reason="code used twice")
        return None
    account = accounts.find(db, row.account_id)
    if row.expires_at <= now or not secret_words.same(s256(verifier), row.challenge) or not _is_living(account):
        devices.use_code(db, row.hash, device_id=None, now=now)
        return None
    pair = connect(db, account, name=name, scopes=row.scopes, now=now) if account else None
    devices.use_code(db, row.hash, device_id=pair.device.id if pair else None, now=now)
    return pair


def connect(db: Connection, account: Account, *, name: str, scopes: tuple[str, ...], now: dt.datetime) -> Pair | None:
    """Tokens for a new app, whose owner has said yes and is told by mail; None for an account that is gone meanwhile."""
    if not _is_living(account):
        return None
    device = Device(id=ids.new("dev"), account_id=account.id, name=name, scopes=scopes, created_at=now)
    devices.insert(db, device)
    audit.add(db, "device.connected", device.id, actor=account.id, now=now)
    notices.new_device(db, account, device=f"The app on {name}", now=now)
    return _new_pair(db, device, family=ids.new("fam"), now=now)


def refresh(db: Connection, token: str, *, now: dt.datetime) -> Pair | Reused | None:
    """The next pair. None for a token that is unknown or over; Reused, and the family is ended, for one that was spent."""
    row = devices.find_token(db, secret_words.token_hash(token))
    if row is None or row.kind != "refresh" or row.revoked_at is not None or row.expires_at <= now:
        return None
    device = devices.find(db, row.device_id)
    if device is None or device.revoked_at is not None or not _is_living(accounts.find(db, device.account_id)):
        return None
    if row.used_at is None:
        salt = secrets.token_hex(32)
        devices.use_token(db, row.hash, successor_salt=salt, now=now)
        devices.touch(db, device.id, now=now)
        return _next_pair(db, device, parent=row, token=token, salt=salt, now=now)
    if row.successor_salt and now - row.used_at <= GRACE and not devices.is_successor_used(db, row.hash):
        return _pair(device, *_derived(token, row.successor_salt), now=row.used_at)
    devices.revoke(db, device.id, now=now)
    audit.add(db, "device.revoked", device.id, actor="service", now=now, reason="refresh token used twice")
    log.warning("refresh_token_reused", device=device.id, account=device.account_id)
    return Reused(device.account_id, device.id)


def revoke_token(db: Connection, token: str, *, now: dt.datetime) -> None:
    """Ends the device of either of its tokens; a token that is unknown has nothing to end (RFC 7009, 2.2)."""
    if row := devices.find_token(db, secret_words.token_hash(token)):
        devices.revoke(db, row.device_id, now=now)
        audit.add(db, "device.revoked", row.device_id, actor="app", now=now)


def end(db: Connection, account: Account, device_id: str, *, now: dt.datetime) -> None:
    """Raises NOT_FOUND for a device that is another's, missing or over."""
    device = own(account, Action.END, devices.find(db, device_id))
    devices.revoke(db, device.id, now=now)
    audit.add(db, "device.revoked", device.id, actor=account.id, now=now)


def of(db: Connection, account: Account) -> list[Device]:
    return devices.of(db, account.id)


def current(db: Connection, token: str, *, now: dt.datetime) -> Connected | None:
    """None for a token that is unknown, expired or revoked, or whose account is gone."""
    if not token.startswith(ACCESS_PREFIX):
        return None
    row = devices.find_token(db, secret_words.token_hash(token))
    if row is None or row.kind != "access" or row.revoked_at is not None or row.expires_at <= now:
        return None
    return living(db, row.device_id)


def living(db: Connection, device_id: str) -> Connected | None:
    """A device with its account, unless one of them is over."""
    device = devices.find(db, device_id)
    account = accounts.find(db, device.account_id) if device and device.revoked_at is None else None
    return Connected(account, device) if account and device and _is_living(account) else None


async def note_seen(database: Database, device: Device, *, now: dt.datetime) -> None:
    """So that its owner sees when it was last here. A disk that is full must not keep anybody from reading."""
    if device.seen_at is None or now - device.seen_at >= SEEN_STEP:
        try:
            await database.write(lambda db: devices.touch(db, device.id, now=now))
        except AppError as refused:
            log.warning("device_not_noted", device=device.id, reason=refused.code)


def s256(verifier: str) -> str:
    """RFC 7636, section 4.2; its example.

    >>> s256("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
    'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'
    """
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def _is_living(account: Account | None) -> bool:
    return account is not None and account.deleted_at is None and account.merged_into is None


def _new_pair(db: Connection, device: Device, *, family: str, now: dt.datetime) -> Pair:
    pair = _pair(device, secret_words.new_token(ACCESS_PREFIX), secret_words.new_token(REFRESH_PREFIX), now=now)
    _keep(db, pair, family=family, parent_hash=None, now=now)
    return pair


def _next_pair(db: Connection, device: Device, *, parent: Token, token: str, salt: str, now: dt.datetime) -> Pair:
    pair = _pair(device, *_derived(token, salt), now=now)
    _keep(db, pair, family=parent.family, parent_hash=parent.hash, now=now)
    return pair


def _derived(token: str, salt: str) -> tuple[str, str]:
    """The same pair for the same token and salt. Who has only the database, or only the old token, cannot make it."""
    access, refresh = (
        base64.urlsafe_b64encode(hmac.digest(token.encode(), f"{kind} {salt}".encode(), "sha256")).decode().rstrip("=")
        for kind in ("access", "refresh")
    )
    return ACCESS_PREFIX + access, REFRESH_PREFIX + refresh


def _pair(device: Device, access_token: str, refresh_token: str, *, now: dt.datetime) -> Pair:
    end = device.created_at + ABSOLUTE
    return Pair(
        access_token=access_token,
        refresh_token=refresh_token,
        access_expires_at=min(now + ACCESS_LIFE, end),
        device=device,
    )


def _keep(db: Connection, pair: Pair, *, family: str, parent_hash: str | None, now: dt.datetime) -> None:
    def row(kind: str, token: str, expires_at: dt.datetime) -> Token:
        return Token(
            hash=secret_words.token_hash(token),
            device_id=pair.device.id,
            kind=kind,
            family=family,
            parent_hash=parent_hash,
            created_at=now,
            expires_at=expires_at,
        )

    refresh_end = min(now + REFRESH_LIFE, pair.device.created_at + ABSOLUTE)
    rows = row("access", pair.access_token, pair.access_expires_at), row("refresh", pair.refresh_token, refresh_end)
    devices.insert_tokens(db, rows)


def refused() -> AppError:
    return AppError(Code.INVALID_GRANT, REFUSED)
