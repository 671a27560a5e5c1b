"""Sends media to an object storage over HTTPS: one that speaks S3, or Bunny's. It refuses bytes of another hash and half files.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html, https://docs.bunny.net/reference/put_-storagezonename-path-filename
"""

import datetime as dt
import http.client
import ssl
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from urllib.parse import quote, urlsplit

from msgspec import Struct

from generator.commands import s3_signature
from generator.commands.media_push import Wanted
from generator.errors import BuildError

CHUNK_BYTES = 1 << 18
TIMEOUT_SECONDS = 60
KINDS = {".mp3": "audio/mpeg", ".m4a": "audio/x-m4a", ".mp4": "video/mp4", ".m4v": "video/x-m4v", ".png": "image/png"}
JPEG = "image/jpeg"
YEAR = "public, max-age=31536000, immutable"


class Access(Struct, frozen=True):
    """Who sends. With a `region` requests are signed as S3 wants it; without, `secret` is a storage zone's password at Bunny."""

    secret: str
    key: str = ""
    region: str = ""


class Storage:
    """`url` is the folder that files go below. Which files of media.lock are to be sent there, `place` says."""

    def __init__(self, url: str, access: Access, *, place: str, clock: Callable[[], dt.datetime]) -> None:
        self._base, self._access, self._place, self._clock = urlsplit(url.rstrip("/")), access, place, clock

    def missing(self, wanted: Sequence[Wanted]) -> list[Wanted]:
        """A file of the same size under a name with a hash is the same; a paid one has no such name, so its hash is asked for."""
        return [one for one in wanted if one.place == self._place and not self._has(one)]

    def send(self, wanted: Wanted, *, sent: Callable[[int], None]) -> None:
        headers = {
            "content-length": str(wanted.bytes),
            "content-type": KINDS.get(Path(wanted.name).suffix.lower(), JPEG),
            "cache-control": YEAR if wanted.place == "public" else "private",
            "x-amz-meta-sha256": wanted.sha256,
        }
        with (wanted.path or Path()).open("rb") as file:
            chunks = _counted(iter(lambda: file.read(CHUNK_BYTES), b""), sent)
            status, answer = self._ask("PUT", wanted, headers=headers, sha256=wanted.sha256, body=chunks)
        if status not in {200, 201}:
            raise BuildError(
                f"{self._base.netloc} did not take {wanted.name}: {status} {_short(answer[1])}. Send it again."
            )

    def _has(self, one: Wanted) -> bool:
        status, (headers, said) = self._ask("HEAD", one, headers={}, sha256=s3_signature.NOTHING)
        if status in {401, 403} or status >= 500:
            raise BuildError(f"{self._base.netloc} answers {status} {_short(said)}. Are the key and its secret right?")
        same_size = headers.get("content-length") == str(one.bytes)
        known = headers.get("x-amz-meta-sha256") or headers.get("checksum", "").lower()
        return status == 200 and same_size and (known == one.sha256 or (one.place == "public" and not known))

    def _ask(
        self,
        method: str,
        one: Wanted,
        *,
        headers: Mapping[str, str],
        sha256: str,
        body: Iterator[bytes] | None = None,
    ) -> tuple[int, tuple[dict[str, str], bytes]]:
        path = f"{self._base.path}/{quote(one.name)}"
        made = self._signed(method, path, headers, sha256)
        with closing(self._connection()) as connection:
            try:
                connection.request(method, path, body=body, headers=made)
                answer = connection.getresponse()
                told = {name.lower(): value for name, value in answer.getheaders()}
                return answer.status, (told, answer.read())
            except (OSError, http.client.HTTPException) as error:
                raise BuildError(f"{self._base.netloc} cannot be reached ({error}). Send again.") from error

    def _signed(self, method: str, path: str, headers: Mapping[str, str], sha256: str) -> dict[str, str]:
        if not self._access.region:
            return {**headers, "accesskey": self._access.secret, "checksum": sha256.upper()}
        return s3_signature.signed(
            method,
            path,
            host=self._base.netloc,
            headers=headers,
            sha256=sha256,
            region=self._access.region,
            key=self._access.key,
            secret=self._access.secret,
            now=self._clock(),
        )

    def _connection(self) -> http.client.HTTPConnection:
        host, port = self._base.hostname or "", self._base.port
        if self._base.scheme == "https":
            return http.client.HTTPSConnection(
                host, port, timeout=TIMEOUT_SECONDS, context=ssl.create_default_context()
            )
        return http.client.HTTPConnection(host, port, timeout=TIMEOUT_SECONDS)


def _counted(chunks: Iterator[bytes], sent: Callable[[int], None]) -> Iterator[bytes]:
    for chunk in chunks:
        yield chunk
        sent(len(chunk))


def _short(answer: bytes) -> str:
    return answer[:300].decode("utf-8", "replace").strip()
