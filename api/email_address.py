"""What may be written as a mail address, and the one form under which a person is known. Sends nothing, asks nobody."""

import re
import unicodedata

from api.errors import AppError, Code

LENGTH_MAX, LOCAL_MAX = 254, 64  # RFC 5321, section 4.5.3.1
ENCODED_WORD = "=?"  # RFC 2047: in a header it would be read as another address
# Dots may stand side by side and at the end, against RFC 5321: a Japanese provider has given out such addresses for years.
LOCAL = re.compile(r"[^\s\x00-\x20\x7f()<>@,;:\\\"\[\]]+")
DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")
REFUSED = "Write a mail address, such as name@example.com."


def read(written: str, *, field: str = "email") -> str:
    """The address as its owner writes it, without blanks around it. Raises AppError when no mail could reach it.

    Its domain is the one that `canonical` compares: `straße.example` is another's than `strasse.example` for some who deliver mail.
    """
    short = written.strip()[: LENGTH_MAX + 1]  # putting accents together takes seconds in a long text
    address = unicodedata.normalize("NFC", short)
    local, _, domain = address.rpartition("@")
    if not (
        max(len(short), len(address)) <= LENGTH_MAX
        and len(local.encode()) <= LOCAL_MAX
        and LOCAL.fullmatch(local)
        and ENCODED_WORD not in local
        and not local.startswith(".")
        and all(unicodedata.category(character)[0] != "C" for character in local)
        and DOMAIN.fullmatch(_ascii(domain))
    ):
        raise AppError(Code.INVALID, REFUSED, fields={field: REFUSED})
    return f"{local}@{domain if domain.isascii() else _ascii(domain)}"


def tidied(paid: str) -> str:
    """The address that a payment names, as `read` has it; one that no mail could reach as it stands: somebody has paid with it."""
    try:
        return read(paid)
    except AppError:
        return paid.strip()


def is_readable(address: str) -> bool:
    """Whether its owner can ask for a code to it."""
    try:
        read(address)
    except AppError:
        return False
    return True


def canonical(address: str) -> str:
    """Small letters, and no more: what looks alike (`ß` and `ss`, a ligature) is another's mailbox.

    >>> canonical("Ada@Bücher.Example")
    'ada@xn--bcher-kva.example'
    """
    local, _, domain = address.rpartition("@")
    return f"{unicodedata.normalize('NFC', local).lower()}@{_ascii(domain) or domain.lower()}"


def masked(address: str) -> str:
    """For logs and pages that strangers may see.

    >>> masked("ada@example.com")
    'a…@example.com'
    """
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}…@{domain}"


def _ascii(domain: str) -> str:
    try:
        return domain.encode("idna").decode().lower()
    except UnicodeError:
        return ""
