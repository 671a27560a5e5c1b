"""Links that Bunny's CDN checks: its token authentication with HMAC-SHA256. Knows no rights.

https://docs.bunny.net/cdn/security/token-authentication/advanced
"""

import hmac
from urllib.parse import quote, urlencode, urlsplit

from api.gateways.media_links import Period, base64_url

VERSION = "HS256-"


class BunnySigner:
    """`url` is the pull zone's origin, with a folder behind it where files lie in one; `key` its token authentication key."""

    def __init__(self, url: str, *, key: str) -> None:
        self._url, self._key = url.rstrip("/"), key

    def link(self, path: str, *, account: str, period: Period) -> str:
        return self.signed(path, parameters={"account": account}, expires=int(period.end.timestamp()))

    def signed(self, path: str, *, parameters: dict[str, str], expires: int) -> str:
        """Bunny signs the path, the expiry and, by name, all other parameters."""
        address = urlsplit(f"{self._url}/{quote(path)}")
        listed = sorted(parameters.items())
        message = f"{address.path}{expires}" + "&".join(f"{name}={value}" for name, value in listed)
        token = VERSION + base64_url(hmac.digest(self._key.encode(), message.encode(), "sha256"))
        query = urlencode([("token", token), *listed, ("expires", str(expires))])
        return f"{address.scheme}://{address.netloc}{address.path}?{query}"
