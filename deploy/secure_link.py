"""Says of a link what nginx's secure_link says: good, over, or neither. Knows no configuration and no files.

https://nginx.org/en/docs/http/ngx_http_secure_link_module.html
"""

import base64
import binascii
import hashlib
import hmac

GOOD, OVER, FORGED = "1", "0", ""
DIGEST_CHARACTERS_MAX = 24
SECONDS_MAX = 2**63 - 1


def parts(given: str) -> tuple[str, str]:
    """Signature and expiry out of 'SIGNATURE,EXPIRY'."""
    signature, _, expires = given.partition(",")
    return signature, expires


def verdict(given: str, expected: str, *, now: float) -> str:
    """The value of $secure_link: `given` is the value of `secure_link`, `expected` that of `secure_link_md5`."""
    signature, expires = parts(given)
    if not (expires.isascii() and expires.isdigit() and 0 < int(expires[:20]) <= SECONDS_MAX):
        return FORGED
    if len(signature) > DIGEST_CHARACTERS_MAX or not hmac.compare_digest(_decoded(signature), _md5(expected)):
        return FORGED
    return OVER if int(expires[:20]) < int(now) else GOOD


def _md5(text: str) -> bytes:
    return hashlib.md5(text.encode("utf-8", "surrogateescape"), usedforsecurity=False).digest()


def _decoded(signature: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(signature.rstrip("=") + "=" * (-len(signature.rstrip("=")) % 4))
    except (ValueError, binascii.Error):
        return b""
