"""Tells whether a delivered event comes from Stripe, and reads it; what it leads to is not known here.

The signature scheme: https://docs.stripe.com/webhooks#verify-manually (HMAC-SHA256 of "time.body" under the endpoint's secret).
"""

import datetime as dt
import hashlib
import hmac
from collections.abc import Iterable

import msgspec

from api.errors import AppError, Code
from api.gateways import stripe_values
from api.gateways.payments import ProviderEvent

TOLERANCE_SECONDS = 300


def parse_event(raw: bytes, header: str | None, *, secrets: Iterable[str], now: dt.datetime) -> ProviderEvent:
    """The event in `raw`, signed with any of `secrets` (two while one replaces the other).

    Raises AppError INVALID when the signature is missing, wrong, old or from the future, or when the body is no event.
    """
    time, signatures = _header(header or "")
    known = [_signature(raw, time, secret) for secret in secrets if secret]
    equal = [hmac.compare_digest(ours, theirs) for ours in known for theirs in signatures]
    if not any(equal):
        raise AppError(Code.INVALID, "The event is not signed with a secret of this shop.")
    if abs(now.timestamp() - int(time)) > TOLERANCE_SECONDS:
        raise AppError(Code.INVALID, "The event was signed too long ago or in the future. Check the server's clock.")
    return _event(raw)


def _header(header: str) -> tuple[str, list[bytes]]:
    """The time as it stands there, which is what was signed, and the signatures of the scheme that is asked of us."""
    fields = [field.strip().partition("=")[::2] for field in header.split(",")]
    time = next((value for name, value in fields if name == "t"), "")
    if not (time.isascii() and time.isdigit() and len(time) < 12):
        raise AppError(Code.INVALID, "The event has no readable signature.")
    return time, [value.encode() for name, value in fields if name == "v1"]


def _signature(raw: bytes, time: str, secret: str) -> bytes:
    return hmac.new(secret.encode(), time.encode() + b"." + raw, hashlib.sha256).hexdigest().encode()


def _event(raw: bytes) -> ProviderEvent:
    try:
        values = msgspec.json.decode(raw, type=dict)
        if values.get("object") != "event":
            raise AppError(Code.INVALID, "This address takes whole events ('snapshot'), not thin ones.")
        return stripe_values.event_of(values, payload=raw.decode())
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
        raise AppError(Code.INVALID, "The body is not an event.") from error
