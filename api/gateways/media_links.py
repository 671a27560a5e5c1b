"""Signed links to files that are not for everybody: what every signer offers, and the one whose links our own nginx checks.

A link is bound to path, account and expiry. Whoever holds it may use it until then; no signer knows who owns what.
https://nginx.org/en/docs/http/ngx_http_secure_link_module.html
"""

import base64
import datetime as dt
import hashlib
from typing import Protocol
from urllib.parse import quote

from msgspec import Struct

VIDEOS, DOWNLOADS = "/private/media/", "/private/downloads/"
KEY_CHARACTERS = 8


class Period(Struct, frozen=True):
    begin: dt.datetime
    end: dt.datetime


class Signer(Protocol):
    def link(self, path: str, *, account: str, period: Period) -> str:
        """The address of the file at `path`, like 'first-thursday/01-light.mp4', for this account until the period ends."""


class NginxSigner:
    """Links below `prefix` of our own site, as deploy/nginx/snippets/private-media.conf checks them."""

    def __init__(self, prefix: str, *, secret: str) -> None:
        self._prefix, self._secret, self._key = prefix, secret, key_name(secret)

    def link(self, path: str, *, account: str, period: Period) -> str:
        expires, whole = int(period.end.timestamp()), self._prefix + path
        signed = f"{expires} {account} {whole} {self._secret}"
        signature = base64_url(
            hashlib.md5(signed.encode(), usedforsecurity=False).digest()
        )  # the module knows no other
        return f"{quote(whole)}?account={account}&expires={expires}&key={self._key}&signature={signature}"


def key_name(secret: str) -> str:
    """Says in a link which secret it was signed with, and nothing of the secret: links live through a change of secrets."""
    return hashlib.sha256(secret.encode()).hexdigest()[:KEY_CHARACTERS]


def base64_url(digest: bytes) -> str:
    """RFC 4648, section 5, without padding."""
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
