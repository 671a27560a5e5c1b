"""Answers that go wrong on purpose: the next calls that match are answered with an error, late, or after all was done."""

from fnmatch import fnmatchcase

import msgspec
from msgspec import Struct

from api.sandbox.books import Books
from api.sandbox.errors import StripeFault

NOTE = "faults"
REFUSALS = {
    402: ("Your card was declined.", "card_error", "card_declined"),
    429: ("Request rate limit exceeded.", "invalid_request_error", "rate_limit"),
}


class Fault(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """For the next `times` calls of `method` on `path` (patterns). With `after` the work is done and only the answer is lost.

    With `hang_seconds` the call is answered late, and as it would be unless a `status` is given; else the status is 500.
    """

    method: str = "POST"
    path: str = "/v1/*"
    status: int | None = None
    times: int = 1
    after: bool = False
    hang_seconds: float = 0

    @property
    def refusal(self) -> StripeFault | None:
        """None when the call is only late."""
        if self.status is None and self.hang_seconds:
            return None
        status = self.status or 500
        message, type, code = REFUSALS.get(status, ("An unknown error occurred.", "api_error", None))
        return StripeFault(message, status=status, type=type, code=code)


def next_fault(books: Books, *, method: str, path: str) -> Fault | None:
    """The fault that this call meets, counted down."""
    faults = current(books)
    met = next((one for one in faults if fnmatchcase(method, one.method) and fnmatchcase(path, one.path)), None)
    if met is not None:
        left = [msgspec.structs.replace(one, times=one.times - 1) if one is met else one for one in faults]
        keep(books, [one for one in left if one.times > 0])
    return met


def current(books: Books) -> list[Fault]:
    return msgspec.convert(books.note(NOTE) or [], list[Fault])


def keep(books: Books, faults: list[Fault]) -> None:
    books.keep_note(NOTE, msgspec.to_builtins(faults))
