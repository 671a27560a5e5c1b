"""Ids of changes: UUIDv7, so that they sort by when they were made. https://www.rfc-editor.org/rfc/rfc9562#section-5.7"""

import datetime as dt
import secrets
import uuid


def new(now: dt.datetime) -> str:
    """48 bits of milliseconds, the version, 12 random bits, the variant, 62 random bits."""
    milliseconds = max(0, int(now.timestamp() * 1000)) & (1 << 48) - 1
    number = milliseconds << 80 | 7 << 76 | secrets.randbits(12) << 64 | 2 << 62 | secrets.randbits(62)
    return str(uuid.UUID(int=number))
