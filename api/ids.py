"""Names for rows, made by us and not by a database: sortable by nothing, guessable by nobody."""

import secrets

CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"  # https://www.crockford.com/base32.html, in lower case
LENGTH = 26  # times 5 bits
PATTERN = f"^[a-z]{{2,8}}_[{CROCKFORD}]{{{LENGTH}}}$"


def new(prefix: str) -> str:
    """'acc' -> 'acc_' and 26 characters that hold 130 random bits."""
    return f"{prefix}_{letters(LENGTH)}"


def letters(count: int) -> str:
    """Random, 5 bits each."""
    return "".join(secrets.choice(CROCKFORD) for _ in range(count))
