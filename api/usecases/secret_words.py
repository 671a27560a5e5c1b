"""What must not be guessed: the code in a mail, tokens, and the hashes under which they are kept. Knows no rows."""

import hashlib
import hmac
import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # 32 letters, none like another
CODE_CHARACTERS = 8  # 40 bits; with 5 tries a code, one in 200 thousand million
LOOKALIKES = str.maketrans({"O": "0", "I": "1", "L": "1", "U": "V", "-": None, " ": None})
# 16 MiB and some 40 ms a guess: RFC 7914, section 2.
SCRYPT_N, SCRYPT_R, SCRYPT_P = 1 << 14, 8, 1


def new_code() -> str:
    """Eight letters, without the hyphen that people see."""
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE_CHARACTERS))


def shown(code: str) -> str:
    """
    >>> shown("K7QM2XRD")
    'K7QM-2XRD'
    """
    return f"{code[:4]}-{code[4:]}"


def typed(written: str) -> str:
    """What somebody typed or pasted, as `new_code` wrote it.

    >>> typed(" k7qm-2xro ")
    'K7QM2XR0'
    """
    return written.strip().upper().translate(LOOKALIKES)


def new_token(prefix: str = "") -> str:
    """256 random bits behind a prefix by which scanners of leaked secrets know it."""
    return prefix + secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """A fast hash is enough for what has 256 bits."""
    return hashlib.sha256(token.encode()).hexdigest()


def slow_hash(code: str, *, salt: str, pepper: str) -> str:
    """For what is short enough to be tried out. Takes its time: not for the event loop, not inside a transaction."""
    salted = f"{salt}{pepper}".encode()
    return hashlib.scrypt(code.encode(), salt=salted, n=SCRYPT_N, r=SCRYPT_R, p=SCRYPT_P).hex()


def same(one: str, other: str) -> bool:
    """In a time that says nothing of where they differ."""
    return hmac.compare_digest(one.encode(), other.encode())
