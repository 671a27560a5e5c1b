"""Sends events to their endpoints, signed as Stripe signs them, until they are taken or given up; which, the books say."""

import asyncio
import logging
import sqlite3
from typing import Any
from urllib.parse import urlsplit

import stripe

from api.sandbox.books import Books, Object
from api.sandbox.sessions import expire_due

AT_ONCE = 16
ANSWER_SECONDS = 20
LOOK_SECONDS = 0.05
EXPIRY_SECONDS = PAUSE_SECONDS = 1.0
OLD_SECONDS = 400  # more than the 300 s that receivers tolerate
WRONG_SECRET = "whsec_somebody_else"  # noqa: S105 (is meant to open nothing)
ANSWER_LENGTH = 200
LOOPBACK = ("localhost", "127.0.0.1", "::1")
log = logging.getLogger(__name__)


class Deliveries:
    """The loop beside the API: every due delivery is tried, those that fail wait for their next try."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self._under_way: set[int] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._next_expiry = 0.0

    async def run(self) -> None:
        """Until it is cancelled. A full disk stops it only as long as the disk is full."""
        while True:
            try:
                self._expire()
                self._begin()
            except sqlite3.Error:
                log.exception("the books cannot be read or written")
            if self._tasks:
                await asyncio.wait(self._tasks, timeout=LOOK_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            else:
                await asyncio.sleep(LOOK_SECONDS)

    def _expire(self) -> None:
        if (now := self._now()) >= self._next_expiry:
            self._next_expiry = now + EXPIRY_SECONDS
            with self._books.transaction():
                expire_due(self._books)

    def _begin(self) -> None:
        for row in self._due(AT_ONCE - len(self._tasks)):
            self._under_way.add(row["id"])
            task = asyncio.create_task(self._deliver(row))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def _due(self, count: int) -> list[dict[str, Any]]:
        query = (
            "SELECT id, event, endpoint, body, fault, attempts FROM deliveries WHERE due <= ? ORDER BY due, id LIMIT ?"
        )
        names = ("id", "event", "endpoint", "body", "fault", "attempts")
        rows = self._books.db.execute(query, (self._now(), count + len(self._under_way)))
        due = [dict(zip(names, row, strict=True)) for row in rows]
        return [row for row in due if row["id"] not in self._under_way][:count]

    async def _deliver(self, row: dict[str, Any]) -> None:
        try:
            endpoint = self._books.find("webhook_endpoint", row["endpoint"])
            status = await self._post(row, endpoint) if endpoint else "the endpoint is gone"
            self._keep(row, status)
        except Exception:
            log.exception("delivery %s failed in the stand-in itself and will be tried again", row["id"])
            await asyncio.sleep(PAUSE_SECONDS)
        finally:
            self._under_way.discard(row["id"])

    async def _post(self, row: dict[str, Any], endpoint: Object) -> str:
        """'200', another status, or what went wrong."""
        fault = row["fault"] if row["attempts"] == 0 else ""
        secret = WRONG_SECRET if fault == "wrong_secret" else endpoint["_secret"]
        time = int(self._now()) - (OLD_SECONDS if fault == "old_timestamp" else 0)
        header = stripe.WebhookSignature.generate_signature_header(row["body"], secret, timestamp=time)
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                return await post(endpoint["url"], row["body"].encode(), signature=header)
        except (OSError, TimeoutError) as error:
            return f"{type(error).__name__}: {error}"

    def _keep(self, row: dict[str, Any], status: str) -> None:
        delivered = status.startswith("2")
        waits = self._books.settings.retry_seconds
        again = not delivered and row["attempts"] < len(waits)
        due = self._now() + waits[row["attempts"]] if again else None
        self._books.db.execute(
            "UPDATE deliveries SET attempts = attempts + 1, delivered = ?, due = ?, answer = ? WHERE id = ?",
            (delivered, due, status[:ANSWER_LENGTH], row["id"]),
        )

    def _now(self) -> float:
        return self._books.settings.clock().timestamp()


async def post(url: str, body: bytes, *, signature: str) -> str:
    """The status that an address on this machine answers; nothing is sent to any other. Raises OSError where none answers."""
    parts = urlsplit(url)
    if parts.hostname not in LOOPBACK or parts.scheme != "http":
        return "not sent: the stand-in sends to http on this machine only"
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port or 80)
    try:
        lines = (
            f"POST {parts.path or '/'} HTTP/1.1",
            f"Host: {parts.netloc}",
            "Content-Type: application/json; charset=utf-8",
            f"Content-Length: {len(body)}",
            f"Stripe-Signature: {signature}",
            "User-Agent: Stripe/1.0 (stand-in)",
            "Connection: close",
        )
        writer.write("\r\n".join((*lines, "", "")).encode() + body)
        await writer.drain()
        words = (await reader.readline()).decode("latin-1").split(maxsplit=2)
        return words[1] if len(words) > 1 else "no answer"
    finally:
        writer.close()
