"""A code by mail: asked for by one browser, sent to one address, good once in that browser. What it then does is its asker's.

The same is done, in the same time, whether the address is known or not.
"""

import asyncio
import datetime as dt
import secrets
from sqlite3 import Connection
from typing import Any

import msgspec
from msgspec import Struct

from api import email_address, ids
from api.errors import AppError, Code
from api.store import codes, outbox
from api.store.codes import MailCode
from api.usecases import limits, secret_words
from api.usecases.service import Service

LIFE = dt.timedelta(minutes=10)
ATTEMPTS_MAX = 5
ASKS_PER_PLACE, ASKS_PER_ADDRESS_AND_PLACE = 30, 5
TRIES_PER_PLACE = 30
# Strangers may ask for codes to an address of somebody else's: its owner gets them, but ever more slowly.
MAILS_FREE, MAIL_DELAY_STEP, MAIL_DELAY_MAX = 5, dt.timedelta(seconds=10), dt.timedelta(seconds=60)


class Purpose(Struct, frozen=True):
    """`name` in the table, `mail` as the kind of the mail that carries the code."""

    name: str
    mail: str


SIGN_IN = Purpose("sign_in", "sign_in_code")
CHANGE_ADDRESS = Purpose("change_address", "address_code")


async def ask(service: Service, email: str, *, purpose: Purpose, place: str, payload: dict[str, Any]) -> str:
    """Sends a code and returns the secret that the asking browser has to keep. `place` is where the request comes from."""
    now = service.clock()
    address = email_address.read(email)
    canonical = email_address.canonical(address)
    here = {f"ask-place:{place}": ASKS_PER_PLACE, f"ask-address:{canonical} {place}": ASKS_PER_ADDRESS_AND_PLACE}
    await limits.spend(service.database, here, now=now)
    code, salt, binding = secret_words.new_code(), secrets.token_hex(16), secret_words.new_token()
    row = MailCode(
        id=ids.new("code"),
        email_canonical=canonical,
        purpose=purpose.name,
        code_hash=await _slow_hash(service, code, salt),
        salt=salt,
        binding_hash=secret_words.token_hash(binding),
        payload={**payload, "email": address},
        created_at=now,
        expires_at=now + LIFE,
    )
    await service.database.write(lambda db: _send(db, row, code, purpose))
    return binding


async def confirm(service: Service, written: str, *, binding: str, purpose: Purpose, place: str) -> MailCode:
    """The code that this browser was sent, when `written` is it. Does not use it up: `use` does, with what it stands for.

    Raises OTHER_BROWSER, WRONG_CODE, GONE (too old, used, tried too often) or RATE_LIMITED.
    """
    now = service.clock()
    await limits.spend(service.database, {f"try-place:{place}": TRIES_PER_PLACE}, now=now)
    found = codes.newest(service.database.reader, binding_hash=secret_words.token_hash(binding), purpose=purpose.name)
    if not binding or found is None:
        raise AppError(Code.OTHER_BROWSER, "This browser asked for no code. Type the code in the browser that did.")
    if found.used_at or found.expires_at <= now or not await _counted(service, found):
        raise AppError(Code.GONE, "This code is too old, was used, or was mistyped too often. Ask for a new one.")
    given = await _slow_hash(service, secret_words.typed(written), found.salt)
    if not secret_words.same(given, found.code_hash):
        raise AppError(
            Code.WRONG_CODE, "That is not the code. Look at the newest mail.", fields={"code": "Not the code."}
        )
    return found


def is_awaited(service: Service, binding: str, purpose: Purpose) -> bool:
    """Whether this browser asked for a code that is still good."""
    hash = secret_words.token_hash(binding)
    found = codes.newest(service.database.reader, binding_hash=hash, purpose=purpose.name) if binding else None
    return found is not None and found.used_at is None and found.expires_at > service.clock()


def use(db: Connection, code: MailCode, *, now: dt.datetime) -> None:
    """To be called in the transaction of what the code allows. Raises GONE when another request was quicker."""
    if not codes.use(db, code.id, now=now):
        raise AppError(Code.GONE, "This code was just used. Ask for a new one.")


def _send(db: Connection, row: MailCode, code: str, purpose: Purpose) -> None:
    slowed = limits.delay(
        db,
        f"mails:{row.email_canonical}",
        free=MAILS_FREE,
        step=MAIL_DELAY_STEP,
        most=MAIL_DELAY_MAX,
        now=row.created_at,
    )
    codes.insert(db, row, payload_json=msgspec.json.encode(row.payload).decode())
    outbox.add(
        db,
        key=f"code:{row.id}",
        kind=purpose.mail,
        recipient=row.payload["email"],
        payload={"code": secret_words.shown(code), "minutes": int(LIFE.total_seconds()) // 60},
        now=row.created_at,
        send_at=row.created_at + slowed,
        expires_at=row.expires_at,
    )


async def _counted(service: Service, code: MailCode) -> bool:
    return await service.database.write(lambda db: codes.count_attempt(db, code.id, attempts_max=ATTEMPTS_MAX))


async def _slow_hash(service: Service, code: str, salt: str) -> str:
    return await asyncio.to_thread(secret_words.slow_hash, code, salt=salt, pepper=service.settings.secrets.pepper)
