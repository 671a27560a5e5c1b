"""How far a client has read, as a text that it keeps and does not understand. A cursor opens nothing: it only leaves rows out."""

import base64
import hashlib
from binascii import Error

import msgspec
from msgspec import Struct

from api.errors import AppError, Code

START_OVER = "This cursor leads nowhere. Ask without one: everything comes again, and nothing is lost by it."
LENGTH_MAX = 200


class Cursor(Struct, frozen=True, array_like=True):
    """Everything of this account up to `stamp` was told, in which epoch, and which catalogue there was."""

    version: int
    account: str
    stamp: int
    catalogue: str
    epoch: str = ""


def start(account_id: str, *, epoch: str = "") -> Cursor:
    return Cursor(1, _short(account_id), 0, "", epoch)


def text(cursor: Cursor) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(cursor)).decode().rstrip("=")


def read(written: str, account_id: str, *, last: int, epoch: str) -> Cursor:
    """Raises GONE for what we did not write, wrote for another account, or wrote before a backup was put back.

    By its stamp alone that is not seen: others may have written since, and passed it.
    """
    if not written:
        return start(account_id, epoch=epoch)
    try:
        if len(written) > LENGTH_MAX:
            raise ValueError("too long")
        raw = base64.b64decode(written + "=" * (-len(written) % 4), altchars=b"-_", validate=True)
        cursor = msgspec.json.decode(raw, type=Cursor)
    except (ValueError, Error) as error:  # DecodeError and UnicodeDecodeError are ValueErrors
        raise AppError(Code.GONE, START_OVER) from error
    is_ours = cursor.version == 1 and cursor.account == _short(account_id) and cursor.epoch == epoch
    if not is_ours or not 0 <= cursor.stamp <= last:
        raise AppError(Code.GONE, START_OVER)
    return cursor


def _short(account_id: str) -> str:
    return hashlib.sha256(account_id.encode()).hexdigest()[:12]
