"""Passkeys: registered by a signed-in person, then good for signing in without a mail. The person is verified by their device.

https://www.w3.org/TR/webauthn-3/ (section 7: what a relying party checks; the library checks it, we check challenge and owner)
"""

import datetime as dt
import hashlib
import json
from collections.abc import Callable
from sqlite3 import Connection
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

import structlog

from api import ids
from api.errors import AppError, Code
from api.later import Later
from api.model import Account, Passkey
from api.store import accounts, audit, passkeys
from api.store.passkeys import Challenge
from api.usecases import limits, notices, sessions, sign_in
from api.usecases.permissions import Action, own
from api.usecases.service import Service
from api.usecases.sessions import Opened, SignedIn, Visitor

if TYPE_CHECKING:
    import webauthn
    from webauthn import helpers
    from webauthn.authentication.verify_authentication_response import VerifiedAuthentication
    from webauthn.helpers import structs
    from webauthn.registration.verify_registration_response import VerifiedRegistration
else:  # a fifth of the service's start
    webauthn, helpers, structs = Later("webauthn"), Later("webauthn.helpers"), Later("webauthn.helpers.structs")

CHALLENGE_LIFE = dt.timedelta(minutes=5)
PASSKEYS_MAX = 20
TRIES_PER_PLACE = 60
REGISTER, SIGN_IN = "register", "sign_in"
NOT_READ = "The answer of your device could not be used. Please try again."
UNKNOWN = "This passkey does not open an account here. Sign in with a code by mail instead."
T = TypeVar("T")
log = structlog.get_logger()


async def registration_options(service: Service, signed_in: SignedIn) -> dict[str, Any]:
    """What the browser's `navigator.credentials.create` wants. Raises STALE_SIGN_IN, CONFLICT when there are too many."""
    now = service.clock()
    sessions.check_fresh(signed_in, now=now)
    account = signed_in.account
    known = passkeys.of(service.database.reader, account.id)
    if len(known) >= PASSKEYS_MAX:
        raise AppError(Code.CONFLICT, f"An account can have {PASSKEYS_MAX} passkeys. Remove one first.")
    options = webauthn.generate_registration_options(
        rp_id=_host(service),
        rp_name=service.sender.name,
        user_id=account.id.encode(),  # random, and the person is nowhere in it
        user_name=account.email or "",
        user_display_name=account.name or account.email or "",
        authenticator_selection=structs.AuthenticatorSelectionCriteria(
            resident_key=structs.ResidentKeyRequirement.REQUIRED,
            user_verification=structs.UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[structs.PublicKeyCredentialDescriptor(id=each.credential_id) for each in known],
    )
    await _keep(service, options.challenge, kind=REGISTER, account_id=account.id)
    return _plain(options)


async def register(service: Service, signed_in: SignedIn, credential: dict[str, Any], *, name: str) -> Passkey:
    """Adds the passkey, signs all other browsers out and tells the person. Raises STALE_SIGN_IN, INVALID, CONFLICT."""
    now, account = service.clock(), signed_in.account
    sessions.check_fresh(signed_in, now=now)
    read = _read(lambda: helpers.parse_registration_credential_json(credential))
    challenge = await _spend(service, read.response.client_data_json, kind=REGISTER, account_id=account.id)
    verified: VerifiedRegistration = _read(
        lambda: webauthn.verify_registration_response(
            credential=read,
            expected_challenge=challenge,
            expected_rp_id=_host(service),
            expected_origin=service.settings.origin,
            require_user_verification=True,
        )
    )
    passkey = Passkey(
        id=ids.new("pky"),
        account_id=account.id,
        credential_id=verified.credential_id,
        public_key=verified.credential_public_key,
        sign_count=verified.sign_count,
        transports=tuple(each.value for each in read.response.transports or ()),
        name=name,
        created_at=now,
    )
    await service.database.write(lambda db: _add(db, account, passkey, session_id=signed_in.session.id, now=now))
    return passkey


async def sign_in_options(service: Service, *, visitor: Visitor) -> dict[str, Any]:
    """What `navigator.credentials.get` wants. It names no account: the device knows which passkeys it has."""
    await _limit(service, visitor)
    options = webauthn.generate_authentication_options(
        rp_id=_host(service), user_verification=structs.UserVerificationRequirement.REQUIRED
    )
    await _keep(service, options.challenge, kind=SIGN_IN, account_id=None)
    return _plain(options)


async def enter(service: Service, credential: dict[str, Any], *, visitor: Visitor, old_token: str) -> Opened:
    """Opens a session of the passkey's account. Raises INVALID, GONE (challenge used or too old) or RATE_LIMITED."""
    await _limit(service, visitor)
    now = service.clock()
    read = _read(lambda: helpers.parse_authentication_credential_json(credential))
    challenge = await _spend(service, read.response.client_data_json, kind=SIGN_IN, account_id=None)

    def enter_once(db: Connection) -> Opened:
        passkey = passkeys.find_by_credential(db, read.raw_id)
        account = accounts.find(db, passkey.account_id) if passkey and passkey.revoked_at is None else None
        handle = read.response.user_handle
        if not passkey or not account or account.deleted_at or (handle and handle != passkey.account_id.encode()):
            log.info("sign_in_failed", way="passkey", reason="unknown")
            raise AppError(Code.INVALID, UNKNOWN)
        verified: VerifiedAuthentication = _read(
            lambda: webauthn.verify_authentication_response(
                credential=read,
                expected_challenge=challenge,
                expected_rp_id=_host(service),
                expected_origin=service.settings.origin,
                credential_public_key=passkey.public_key,
                credential_current_sign_count=passkey.sign_count,
                require_user_verification=True,
            )
        )
        passkeys.note_use(db, passkey.id, sign_count=verified.new_sign_count, now=now)
        account = accounts.kept(db, account)
        return sign_in.enter(db, account, way="passkey", visitor=visitor, old_token=old_token, now=now)

    return await service.database.write(enter_once)


def of(db: Connection, account: Account) -> list[Passkey]:
    return passkeys.of(db, account.id)


def rename(db: Connection, account: Account, passkey_id: str, *, name: str, now: dt.datetime) -> None:
    """Raises NOT_FOUND for a passkey that is another's, missing or removed."""
    passkey = own(account, Action.CHANGE, passkeys.find(db, passkey_id))
    passkeys.rename(db, passkey.id, name=name)
    audit.add(db, "passkey.renamed", passkey.id, actor=account.id, now=now)


def remove(db: Connection, signed_in: SignedIn, passkey_id: str, *, now: dt.datetime) -> None:
    """Signs all other browsers out and tells the person. Raises NOT_FOUND, STALE_SIGN_IN."""
    account = signed_in.account
    passkey = own(account, Action.END, passkeys.find(db, passkey_id))
    sessions.check_fresh(signed_in, now=now)
    passkeys.revoke(db, passkey.id, now=now)
    audit.add(db, "passkey.removed", passkey.id, actor=account.id, now=now)
    sessions.end_others(db, account, but=signed_in.session.id, now=now)
    notices.factor_changed(db, account, added=False, name=passkey.name, now=now)


def _add(db: Connection, account: Account, passkey: Passkey, *, session_id: str, now: dt.datetime) -> None:
    if passkeys.find_by_credential(db, passkey.credential_id):
        raise AppError(Code.CONFLICT, "This passkey is registered already.")
    passkeys.insert(db, passkey)
    audit.add(db, "passkey.added", passkey.id, actor=account.id, now=now)
    sessions.end_others(db, account, but=session_id, now=now)
    notices.factor_changed(db, account, added=True, name=passkey.name, now=now)


async def _keep(service: Service, challenge: bytes, *, kind: str, account_id: str | None) -> None:
    row = Challenge(
        id_hash=_hash(challenge),
        kind=kind,
        account_id=account_id,
        challenge=challenge,
        expires_at=service.clock() + CHALLENGE_LIFE,
    )
    await service.database.write(lambda db: passkeys.insert_challenge(db, row))


async def _spend(service: Service, client_data: bytes, *, kind: str, account_id: str | None) -> bytes:
    """The challenge that the device says it answered, if we gave it out for this; good once, also when the rest is wrong."""
    said = _read(lambda: helpers.parse_client_data_json(client_data).challenge)
    now = service.clock()
    spent = await service.database.write(
        lambda db: passkeys.use_challenge(db, _hash(said), kind=kind, account_id=account_id, now=now)
    )
    if spent is None:
        raise AppError(Code.GONE, "That took too long or was sent twice. Please try again.")
    return spent.challenge


async def _limit(service: Service, visitor: Visitor) -> None:
    await limits.spend(service.database, {f"passkey-place:{visitor.place}": TRIES_PER_PLACE}, now=service.clock())


def _read(reader: Callable[[], T]) -> T:
    """The library parses what strangers send and names no closed list of what it may raise."""
    try:
        return reader()
    except AppError:
        raise
    except Exception as error:
        log.info("passkey_refused", reason=type(error).__name__)
        raise AppError(Code.INVALID, NOT_READ, fields={"credential": NOT_READ}) from error


def _host(service: Service) -> str:
    return urlsplit(service.settings.origin).hostname or ""


def _hash(challenge: bytes) -> str:
    return hashlib.sha256(challenge).hexdigest()


def _plain(options: Any) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(webauthn.options_to_json(options))
    return made
