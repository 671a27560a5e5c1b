"""What an app calls: it records at any time, network or none, and syncs when there is one. Draws nothing, plays nothing."""

import datetime as dt
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import quote, urlencode

from api.client import recording, uuid7
from api.client.errors import Offline, Refused, SignedOut
from api.client.http import Reply, Transport, over_network
from api.client.memory import Memory, Pending, SetAside, State
from api.client.tokens import Tokens, checked

BATCH = 200  # changes; the server takes up to 1,000
JOINED = ("progress", "listening")  # reports that say everything the one before did
TOO_LARGE, GONE = 413, 410
AT_ONCE = timedelta(seconds=1)
Clock = Callable[[], dt.datetime]


@dataclass(frozen=True)
class Synced:
    """How many changes the server has taken, and how many it has told."""

    sent: int
    told: int


class Client:
    """One account on one device, in the file at `path`."""

    def __init__(
        self,
        site: str,
        path: Path,
        *,
        transport: Transport = over_network,
        clock: Clock = lambda: dt.datetime.now(dt.UTC),
    ) -> None:
        self._site, self._transport, self._clock = site.rstrip("/"), transport, clock
        self._memory = Memory(path)
        self._last: dt.datetime | None = None
        self.tokens = Tokens(self._site, self._memory, transport)

    def __enter__(self) -> "Client":
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._memory.close()

    def watched(
        self,
        lecture: str,
        *,
        position_seconds: float,
        total_seconds: float | None = None,
        watched: Sequence[Sequence[float]] = (),
        completed: bool = False,
    ) -> None:
        """Of a lecture; `watched` are the stretches that were played since the last call."""
        data: dict[str, Any] = {"position_seconds": position_seconds, "total_seconds": total_seconds}
        data |= {"watched": [list(each) for each in watched], "completed": True if completed else None}
        self.record("progress", lecture, {name: value for name, value in data.items() if value not in (None, [])})

    def begin_again(self, lecture: str) -> None:
        """Takes back a completion and what was watched."""
        self.record("progress", lecture, {"reset": True})

    def heard(
        self, episode: int, *, position_seconds: float, total_seconds: float | None = None, played: bool | None = None
    ) -> None:
        """Of an episode of the show."""
        data = {"position_seconds": position_seconds, "total_seconds": total_seconds, "played": played}
        self.record("listening", str(episode), {name: value for name, value in data.items() if value is not None})

    def record(self, kind: str, entity: str, data: dict[str, Any] | None) -> None:
        """Any change; `data` None removes. It is on disk when this returns."""
        now = self._moment()
        at, waiting = now.isoformat(), self._memory.pending_of(kind, entity)
        last = waiting[-1] if waiting and kind in JOINED else None
        both = recording.joined(last, data, at) if last and data is not None else None
        known = self._memory.state(kind, entity)
        change = Pending(
            uuid7.new(now), kind, entity, data if both is None else both, at, known.version if known else None
        )
        self._memory.add(change, instead_of=last.id if last and both is not None else None)

    def _moment(self) -> dt.datetime:
        """A millisecond after the last change when both happen at once: the later of two must look later."""
        now = self._clock()
        if self._last and timedelta(0) <= self._last - now < AT_ONCE:
            now = self._last + timedelta(milliseconds=1)
        self._last = now
        return now

    def state(self, kind: str, entity: str) -> dict[str, Any] | None:
        """As far as this device knows, its own changes included; None for what is not there."""
        known = self._memory.state(kind, entity)
        return recording.laid_over(known.data if known else None, self._memory.pending_of(kind, entity))

    def entities(self, kind: str) -> dict[str, dict[str, Any]]:
        """All of a kind that are there, by entity."""
        names = {each.entity for each in self._memory.states(kind)}
        names |= {change.entity for change in self._memory.pending() if change.kind == kind}
        return {name: data for name in sorted(names) if (data := self.state(kind, name)) is not None}

    @property
    def waiting(self) -> int:
        """How many changes the server has not answered."""
        return len(self._memory.pending())

    @property
    def set_aside(self) -> list[SetAside]:
        """What the server did not take, for the app to show: a note that another device changed first, or a mistake."""
        return self._memory.aside()

    def settle(self, aside: SetAside, data: dict[str, Any] | None) -> None:
        """Records what shall stand in place of a stale change, now made on what the other device wrote."""
        self.record(aside.kind, aside.entity, data)
        self._memory.let_go(aside.id)

    def sync(self) -> Synced:
        """Sends all that waits, then asks for what others have changed.

        Raises Offline, TryLater or SignedOut; what was done until then stays done, the rest waits.
        """
        return Synced(self._send(), self._fetch())

    def catalogue(self) -> Any:
        return self._get("/api/v1/catalogue", name="catalogue")

    def course(self, course_id: str) -> Any:
        """The manifest: every file with its size and hash."""
        return self._get(f"/api/v1/courses/{quote(course_id, safe='')}", name=f"course {course_id}")

    def home(self) -> Any:
        return self._get("/api/v1/home", name="home")

    def entitlements(self) -> Any:
        return self._ask("GET", "/api/v1/entitlements").json()

    def media(self, lecture_id: str) -> Any:
        """Links that are good for hours."""
        return self._ask("GET", f"/api/v1/lectures/{quote(lecture_id, safe='')}/media").json()

    def join(self, course_id: str) -> Any:
        """Takes a free course."""
        return self._ask("POST", f"/api/v1/courses/{quote(course_id, safe='')}/join").json()

    def _send(self) -> int:
        sent, size = 0, BATCH
        while batch := self._memory.pending(limit=size):
            self._memory.mark_tried(batch)
            try:
                sent += self._post(batch)
            except Refused as refusal:
                if refusal.status != TOO_LARGE:
                    raise
                if len(batch) == 1:
                    self._set_aside(batch[0], refusal)
                size = max(1, len(batch) // 2)
        return sent

    def _post(self, batch: list[Pending]) -> int:
        cursor = self._memory.word("cursor")
        body = {"changes": [change.as_sent() for change in batch], "cursor": cursor}
        answer = self._ask("POST", "/api/v1/changes", body).json()
        by_id = {change.id: change for change in batch}
        results = [each for each in answer["results"] if each["id"] in by_id]
        if not results:
            raise Offline("the answer names none of the changes")
        if cursor and not answer["cursor"]:  # it leads nowhere any more
            self._memory.start_over()
        states = [_state(by_id[each["id"]], each) for each in results if each["version"] is not None]
        aside = [_aside(by_id[each["id"]], each) for each in results if each["outcome"] in ("stale", "rejected")]
        self._memory.answered([by_id[each["id"]] for each in results], states, aside, cursor=answer["cursor"])
        return len(results)

    def _set_aside(self, change: Pending, refusal: Refused) -> None:
        self._memory.answered(
            [change], [], [_aside(change, {"outcome": "rejected", "problem": refusal.detail})], cursor=""
        )

    def _fetch(self) -> int:
        told, more = 0, True
        while more:
            try:
                query = urlencode({"cursor": self._memory.word("cursor")})
                answer = self._ask("GET", f"/api/v1/changes?{query}").json()
            except Refused as refusal:
                if refusal.status != GONE or not self._memory.word("cursor"):
                    raise
                self._memory.start_over()
                continue
            states = [State(each["kind"], each["entity"], each["version"], each["data"]) for each in answer["changes"]]
            self._memory.told(states, cursor=answer["cursor"])
            told, more = told + len(states), answer["more"]
        return told

    def _get(self, path: str, *, name: str) -> Any:
        """What was kept of the last answer, when it still holds."""
        etag, kept = self._memory.word(f"etag {name}"), self._memory.word(f"body {name}")
        reply = self._ask("GET", path, headers={"If-None-Match": etag} if kept else {})
        if reply.status == 304:
            return json.loads(kept)
        found = reply.json()
        self._memory.keep({f"etag {name}": reply.headers.get("etag", ""), f"body {name}": reply.body.decode()})
        return found

    def _ask(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Reply:
        """With the access token; when that is over, once more with the next one."""
        reply = self._once(method, path, body, headers or {})
        if reply.status == 401 and self.tokens.access:
            self.tokens.renew()
            reply = self._once(method, path, body, headers or {})
        if reply.status == 401:
            raise SignedOut("sign in first")
        return checked(reply)

    def _once(self, method: str, path: str, body: Any, headers: dict[str, str]) -> Reply:
        access = self.tokens.access
        own = {"Authorization": f"Bearer {access}"} if access else {}
        label = {} if body is None else {"Content-Type": "application/json"}
        raw = None if body is None else json.dumps(body).encode()
        return self._transport(method, self._site + path, {**own, **label, **headers}, raw)


def _state(change: Pending, result: dict[str, Any]) -> State:
    return State(change.kind, change.entity, int(result["version"]), result["value"])


def _aside(change: Pending, result: dict[str, Any]) -> SetAside:
    return SetAside(change.id, change.kind, change.entity, change.data, str(result["outcome"]), result.get("problem"))
