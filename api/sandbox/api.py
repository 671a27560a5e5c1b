"""Answers the calls of Stripe's client: key, version, idempotency, parameters, then the operation, all in one transaction."""

import hashlib
from collections import Counter, deque

import anyio
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from api.sandbox import keys
from api.sandbox.books import Books, Object, written
from api.sandbox.errors import StripeFault
from api.sandbox.faults import Fault, next_fault
from api.sandbox.forms import decode
from api.sandbox.lists import shown
from api.sandbox.operations import Operation, operation
from api.sandbox.parameters import checked

KEY_LENGTH_MAX = 255
KEY_SECONDS = 24 * 60 * 60
REMEMBERED = 200


class Call(Struct, frozen=True, kw_only=True):
    """A request as the client sent it, with what is remembered of it for the operator's page."""

    method: str
    path: str
    encoded: str
    authorization: str
    version: str
    key: str

    @property
    def fingerprint(self) -> str:
        parts = (self.method, self.path, *sorted(self.encoded.split("&")))
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()


class Answered(Struct, frozen=True, kw_only=True):
    status: int
    body: str
    replayed: bool = False


class StripeApi:
    """The address /v1/ of the stand-in; `calls` are the last ones with their status, newest first."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self.calls: deque[tuple[Call, int]] = deque(maxlen=REMEMBERED)
        self._waiting: Counter[str] = Counter()  # keys of calls that hang on purpose

    async def answer(self, request: Request) -> Response:
        call = await _call(request)
        with self._books.transaction():
            fault = next_fault(self._books, method=call.method, path=call.path)
        answered = IN_USE if self._waiting[call.key] and call.key else await self._in_time(call, fault)
        self.calls.appendleft((call, answered.status))
        headers = {"Request-Id": self._books.new_id("req"), "Stripe-Version": call.version}
        headers |= {"Idempotency-Key": call.key} if call.key else {}
        headers |= {"Idempotent-Replayed": "true"} if answered.replayed else {}
        return Response(answered.body, answered.status, headers, "application/json")

    async def _in_time(self, call: Call, fault: Fault | None) -> Answered:
        if fault and fault.hang_seconds:
            self._waiting[call.key] += 1
            await anyio.sleep(fault.hang_seconds)
            self._waiting[call.key] -= 1
        return self._answer(call, fault)

    def _answer(self, call: Call, fault: Fault | None) -> Answered:
        try:
            with self._books.transaction():
                return self._within(call, fault)
        except StripeFault as refused:
            return Answered(status=refused.status, body=written(refused.body))

    def _within(self, call: Call, fault: Fault | None) -> Answered:
        refusal = fault.refusal if fault else None
        if fault and refusal and not fault.after:
            return _kept(self._books, call, _broken(refusal))
        found = operation(call.method, call.path)
        keys.admit(call.authorization, resource=found[0].resource if found else "", method=call.method)
        if found is None:
            raise StripeFault(
                f"Unrecognized request URL ({call.method}: {call.path}). The stand-in does not offer it.", status=404
            )
        if replayed := _replayed(self._books, call):
            return replayed
        done = Answered(status=200, body=written(_run(self._books, call, found[0], found[1])))
        return _kept(self._books, call, _broken(refusal) if refusal else done)


IN_USE_FAULT = StripeFault(
    "There is currently another in-progress request using this Idempotency-Key.",
    status=409,
    type="idempotency_error",
    code="idempotency_key_in_use",
)
IN_USE = Answered(status=409, body=written(IN_USE_FAULT.body))


async def _call(request: Request) -> Call:
    encoded = (
        request.url.query if request.method in ("GET", "DELETE") else (await request.body()).decode("utf-8", "replace")
    )
    return Call(
        method=request.method,
        path=request.url.path.rstrip("/"),
        encoded=encoded,
        authorization=request.headers.get("authorization", ""),
        version=request.headers.get("stripe-version", ""),
        key=request.headers.get("idempotency-key", "") if request.method == "POST" else "",
    )


def _run(books: Books, call: Call, called: Operation, ids: tuple[str, ...]) -> Object:
    params = checked(decode(call.encoded), called.params)
    expand = params.pop("expand", [])
    result: Object = shown(books, called.run(books, params, *ids), expand=expand)
    return result


def _replayed(books: Books, call: Call) -> Answered | None:
    """The first answer to the same key. Raises StripeFault when the key came with other parameters, or is too long."""
    if not call.key:
        return None
    if len(call.key) > KEY_LENGTH_MAX:
        raise StripeFault(f"Idempotency keys can have up to {KEY_LENGTH_MAX} characters.")
    books.db.execute("DELETE FROM answers WHERE created < ?", (books.now - KEY_SECONDS,))
    query = "SELECT fingerprint, status, body FROM answers WHERE key = ?"
    row = books.db.execute(query, (call.key,)).fetchone()
    if row is None:
        return None
    if row[0] != call.fingerprint:
        message = "Keys for idempotent requests can only be used with the same parameters they were first used with. "
        raise StripeFault(f"{message}Try using a key other than '{call.key}'.", type="idempotency_error")
    return Answered(status=row[1], body=row[2], replayed=True)


def _kept(books: Books, call: Call, answered: Answered) -> Answered:
    """Stripe keeps what an operation answered, a 500 too; what was refused before it began is not kept."""
    if call.key and (answered.status in (200, 402) or answered.status >= 500):
        row = (call.key, call.fingerprint, answered.status, answered.body, books.now)
        books.db.execute(
            "INSERT INTO answers (key, fingerprint, status, body, created) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            row,
        )
    return answered


def _broken(refusal: StripeFault) -> Answered:
    return Answered(status=refusal.status, body=written(refusal.body))
