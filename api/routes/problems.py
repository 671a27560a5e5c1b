"""Turns a refusal into an answer: its status, and a problem document or a page's message. https://www.rfc-editor.org/rfc/rfc9457"""

import msgspec
from msgspec import UNSET, Struct, UnsetType
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.errors import AppError, Code

MEDIA_TYPE = "application/problem+json"
# Status and title of each code.
STATUSES: dict[Code, tuple[int, str]] = {
    Code.MALFORMED: (400, "The request cannot be read"),
    Code.INVALID: (422, "Something in the request is not right"),
    Code.SIGNED_OUT: (401, "Please sign in"),
    Code.STALE_SIGN_IN: (403, "Please sign in again"),
    Code.FORBIDDEN: (403, "Not allowed"),
    Code.FOREIGN_ORIGIN: (403, "The request comes from another site"),
    Code.OTHER_USER: (400, "Another user's name"),
    Code.NOT_FOUND: (404, "Not found"),
    Code.WRONG_METHOD: (405, "This address does not take that method"),
    Code.TOO_SLOW: (408, "The request did not arrive in time"),
    Code.WRONG_CODE: (422, "That is not the code"),
    Code.OTHER_BROWSER: (409, "The code was asked for in another browser"),
    Code.INVALID_GRANT: (400, "The app has to sign in again"),
    Code.AUTHORIZATION_PENDING: (400, "Nobody has decided yet"),
    Code.SLOW_DOWN: (400, "Asked too soon"),
    Code.ACCESS_DENIED: (400, "The app was not let in"),
    Code.EXPIRED_TOKEN: (400, "The code is over"),
    Code.CONFLICT: (409, "Not possible as things stand"),
    Code.ALREADY_OWNED: (409, "You own this already"),
    Code.NOT_ON_SALE: (409, "Not on sale"),
    Code.GONE: (410, "No longer there"),
    Code.TOO_LARGE: (413, "Too large"),
    Code.RATE_LIMITED: (429, "Too many attempts"),
    Code.PAYMENT_UNAVAILABLE: (503, "Payment is not available"),
    Code.UNAVAILABLE: (503, "Not available for a moment"),
    Code.STORAGE_FULL: (507, "The server has no room"),
    Code.INTERNAL: (500, "Internal error"),
}
# Those that RFC 6749 and RFC 8628 name; their clients read `error`.
OAUTH = (
    Code.INVALID_GRANT,
    Code.AUTHORIZATION_PENDING,
    Code.SLOW_DOWN,
    Code.ACCESS_DENIED,
    Code.EXPIRED_TOKEN,
)


class Problem(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """RFC 9457, with our `code`, the request's id and a message for each field at fault."""

    type: str = "about:blank"
    title: str
    status: int
    code: str
    detail: str
    request_id: str | UnsetType = UNSET
    fields: dict[str, str] | UnsetType = UNSET
    error: str | UnsetType = UNSET
    """The code again, where RFC 6749 or RFC 8628 has a name of its own for it."""


def answer(request: Request, error: AppError, *, page: str | None = None) -> Response:
    """A problem document; with `page` a redirect to that page's message for the code."""
    status, title = STATUSES[error.code]
    headers = {"Cache-Control": "no-store"}
    if error.retry_after_seconds is not None:
        headers["Retry-After"] = str(error.retry_after_seconds)
    if page is not None:
        return RedirectResponse(f"{page}#{error.code}", 303, headers)
    problem = Problem(
        title=title,
        status=status,
        code=error.code,
        detail=error.message,
        request_id=getattr(request.state, "request_id", UNSET),
        fields=error.fields or UNSET,
        error=error.code if error.code in OAUTH else UNSET,
    )
    return Response(msgspec.json.encode(problem), status, headers, MEDIA_TYPE)
