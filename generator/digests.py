"""The one way in which bytes are told apart: read, rendered and written ones alike."""

import hashlib

CHARACTERS = 32  # 128 bits


def of(data: bytes) -> str:
    """Twice as fast as BLAKE2 wherever the processor knows SHA-256, as servers' have for years.

    >>> of(b"")
    'e3b0c44298fc1c149afbf4c8996fb924'
    """
    return hashlib.sha256(data).hexdigest()[:CHARACTERS]
