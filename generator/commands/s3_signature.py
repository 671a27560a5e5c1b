"""Signs a request to a storage that speaks S3, Signature Version 4 in its header. Sends nothing.

https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
"""

import datetime as dt
import hashlib
import hmac
from collections.abc import Mapping

ALGORITHM, SERVICE, END = "AWS4-HMAC-SHA256", "s3", "aws4_request"
NOTHING = hashlib.sha256(b"").hexdigest()


def signed(
    method: str,
    path: str,
    *,
    host: str,
    headers: Mapping[str, str],
    sha256: str,
    region: str,
    key: str,
    secret: str,
    now: dt.datetime,
) -> dict[str, str]:
    """`headers`, in small letters, with those that prove who asks. `path` is encoded already; `sha256` is the body's."""
    moment = f"{now.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}"
    scope = f"{moment[:8]}/{region}/{SERVICE}/{END}"
    all_headers = {**headers, "host": host, "x-amz-content-sha256": sha256, "x-amz-date": moment}
    names = ";".join(sorted(all_headers))
    lines = "".join(f"{name}:{all_headers[name].strip()}\n" for name in sorted(all_headers))
    request = "\n".join((method, path, "", lines, names, sha256))
    to_sign = "\n".join((ALGORITHM, moment, scope, hashlib.sha256(request.encode()).hexdigest()))
    signature = hmac.new(_signing_key(secret, scope), to_sign.encode(), "sha256").hexdigest()
    proof = f"{ALGORITHM} Credential={key}/{scope},SignedHeaders={names},Signature={signature}"
    return {**all_headers, "authorization": proof}


def _signing_key(secret: str, scope: str) -> bytes:
    """Good for one day, one region and one service."""
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key
