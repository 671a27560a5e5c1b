"""Links to an object storage that speaks S3: presigned with Signature Version 4. Knows no rights, and asks no network.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
"""

import datetime as dt
import hashlib
import hmac
from urllib.parse import quote, urlsplit

from api.gateways.media_links import Period

ALGORITHM, SERVICE, END = "AWS4-HMAC-SHA256", "s3", "aws4_request"
ACCOUNT = "x-account"  # S3 signs and logs a parameter of ours that begins with x-, and does nothing with it


class S3Signer:
    """`url` is where the bucket answers: https://BUCKET.s3.REGION.amazonaws.com, or https://HOST/BUCKET elsewhere."""

    def __init__(self, url: str, *, region: str, access_key: str, secret_key: str) -> None:
        self._url, self._region = url.rstrip("/"), region
        self._access_key, self._secret_key = access_key, secret_key

    def link(self, path: str, *, account: str, period: Period) -> str:
        seconds = int((period.end - period.begin).total_seconds())
        return self.presigned(path, parameters={ACCOUNT: account}, now=period.begin, seconds=seconds)

    def presigned(self, path: str, *, parameters: dict[str, str], now: dt.datetime, seconds: int) -> str:
        address = urlsplit(f"{self._url}/{quote(path)}")
        moment = f"{now.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}"
        scope = f"{moment[:8]}/{self._region}/{SERVICE}/{END}"
        query = _canonical(
            {
                "X-Amz-Algorithm": ALGORITHM,
                "X-Amz-Credential": f"{self._access_key}/{scope}",
                "X-Amz-Date": moment,
                "X-Amz-Expires": str(seconds),
                "X-Amz-SignedHeaders": "host",
                **parameters,
            }
        )
        request = "\n".join(("GET", address.path, query, f"host:{address.netloc}\n", "host", "UNSIGNED-PAYLOAD"))
        to_sign = "\n".join((ALGORITHM, moment, scope, hashlib.sha256(request.encode()).hexdigest()))
        signature = hmac.new(self._signing_key(scope), to_sign.encode(), "sha256").hexdigest()
        return f"{address.scheme}://{address.netloc}{address.path}?{query}&X-Amz-Signature={signature}"

    def _signing_key(self, scope: str) -> bytes:
        """Good for one day, one region and one service."""
        key = f"AWS4{self._secret_key}".encode()
        for part in scope.split("/"):
            key = hmac.digest(key, part.encode(), "sha256")
        return key


def _canonical(parameters: dict[str, str]) -> str:
    """Each name and value encoded but for the unreserved characters, sorted by name."""
    return "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in sorted(parameters.items()))
