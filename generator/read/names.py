"""The public name of a file of content/media: its content is part of it, so the bytes behind an address never change."""

HASH_CHARACTERS = 8


def public_name(name: str, sha256: str) -> str:
    """
    >>> public_name("0042-transactions.mp3", "d1e8a70b5ccab1dc2f56bbf7e99f064a")
    '0042-transactions.d1e8a70b.mp3'
    """
    stem, dot, suffix = name.rpartition(".")
    return f"{stem}.{sha256[:HASH_CHARACTERS]}.{suffix}" if dot else f"{name}.{sha256[:HASH_CHARACTERS]}"
